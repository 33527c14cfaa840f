"""Metrics: what each accepts, which tasks and predictions it fits, which way is better.

Formulas and edges stand in `docs/metrics.md`; the implementations in `runtime/metrics`, one function set per name.
"""

from benchc.compiler.catalog.model import Entry, MetricFacts
from benchc.compiler.catalog.types import REQUIRED, Choice, Duration, FieldName, Integer, Key, LabelValue, Reference, Size, Truth

CLASSIFICATION = ("classification",)
NUMERIC = ("regression", "similarity")
CHOICE = ("multiple_choice",)
LABELLED = ("classification", "multiple_choice")
TEXTS = ("generation",)
PASSAGES = ("language_modeling",)

POSITIVE = Key("positive", LabelValue(), "the label that counts as positive; the last of two labels when not given")
CLASS_AVERAGE = Key(
    "average",
    Choice(("binary", "micro", "macro", "weighted", "none")),
    "binary scores the positive label alone, none gives one value per class",
    "macro",
)
SCORE_AVERAGE = Key("average", Choice(("macro", "weighted")), "how classes are averaged when there are more than two", "macro")
NORMALIZE = Key(
    "normalize",
    Choice(("none", "bytes", "characters", "tokens", "unconditional")),
    "multiple choice: divide a choice's log-likelihood by its length, or take off the one that it has without the question",
    "none",
)
IGNORE_CASE = Key("ignore_case", Truth(), "capitals do not matter", False)
IGNORE_PUNCTUATION = Key("ignore_punctuation", Truth(), "punctuation, of any script, does not matter", False)
IGNORE_ARTICLES = Key("ignore_articles", Truth(), "the English articles `a`, `an`, `the` do not matter", False)
PART = Key("part", Choice(("f1", "precision", "recall")), "which of the three", "f1")
ROUGE = (
    Key("stemmer", Truth(), "Porter's stemmer takes English endings off first", False),
    Key("tokenize", Choice(("english", "characters")), "english knows a-z and digits alone; characters: Chinese one by one", "english"),
    PART,
)
FROM_SAMPLES = "; several samples of an example are averaged"


def _labels(low: float = 0.0) -> MetricFacts:
    return MetricFacts(CLASSIFICATION, "labels", higher_is_better=True, low=low, high=1.0)


def _loss_of_probabilities(high: float | None, mean: bool) -> MetricFacts:
    return MetricFacts(LABELLED, "probabilities", higher_is_better=False, low=0.0, high=high, mean_over_examples=mean)


def _of_texts(examined: bool = False) -> MetricFacts:
    """Of a metric that is a mean over texts."""
    return MetricFacts(TEXTS, "texts", higher_is_better=True, low=0.0, high=1.0, examined=examined, mean_over_examples=True)


def _of_corpus(high: float | None, higher_is_better: bool = True) -> MetricFacts:
    return MetricFacts(TEXTS, "texts", higher_is_better=higher_is_better, low=0.0, high=high)


def _of_passages() -> MetricFacts:
    return MetricFacts(PASSAGES, "likelihoods", higher_is_better=False, low=0.0, high=None)


def _correlation() -> MetricFacts:
    return MetricFacts(NUMERIC, "values", higher_is_better=True, low=-1.0, high=1.0)


def _error_of_values(mean: bool) -> MetricFacts:
    return MetricFacts(NUMERIC, "values", higher_is_better=False, low=0.0, high=None, mean_over_examples=mean)


ACCURACY = MetricFacts(LABELLED, "labels", higher_is_better=True, low=0.0, high=1.0, gamed_by_majority=True, mean_over_examples=True)


METRICS = (
    Entry("accuracy", "share of right answers", (NORMALIZE,), facts=ACCURACY, example="accuracy(normalize = bytes)"),
    Entry("balanced_accuracy", "mean recall of the classes that occur", facts=_labels(), example="balanced_accuracy"),
    Entry(
        "precision",
        "share of the answers with a label that are right",
        (CLASS_AVERAGE, POSITIVE),
        facts=_labels(),
        example="precision(average = binary, positive = spam)",
    ),
    Entry(
        "recall",
        "share of the examples with a label that are found",
        (CLASS_AVERAGE, POSITIVE),
        facts=_labels(),
        example="recall(average = none)",
    ),
    Entry(
        "f1",
        "harmonic mean of precision and recall",
        (CLASS_AVERAGE, POSITIVE),
        facts=_labels(),
        example="f1(average = macro)",
    ),
    Entry("mcc", "Matthews' correlation of answers and targets", facts=_labels(low=-1.0), example="mcc"),
    Entry(
        "kappa",
        "Cohen's kappa: agreement beyond chance",
        (
            Key(
                "weights",
                Choice(("none", "linear", "quadratic")),
                "how much a confusion costs by the distance of the labels in their order",
                "none",
            ),
        ),
        facts=_labels(low=-1.0),
        example="kappa(weights = quadratic)",
    ),
    Entry(
        "auroc",
        "area under the ROC curve: chance that a positive example is ranked above a negative one",
        (
            SCORE_AVERAGE,
            Key("multiclass", Choice(("ovr", "ovo")), "each class against the rest, or each pair of classes", "ovr"),
            POSITIVE,
        ),
        facts=MetricFacts(CLASSIFICATION, "scores", higher_is_better=True, low=0.0, high=1.0),
        example="auroc(multiclass = ovo)",
    ),
    Entry(
        "average_precision",
        "area under the precision-recall curve, by steps",
        (SCORE_AVERAGE, POSITIVE),
        facts=MetricFacts(CLASSIFICATION, "scores", higher_is_better=True, low=0.0, high=1.0),
        example="average_precision(positive = spam)",
    ),
    Entry(
        "log_loss",
        "mean negative log probability of the target, in nats",
        (NORMALIZE,),
        facts=_loss_of_probabilities(None, mean=True),
        example="log_loss",
    ),
    Entry(
        "brier",
        "mean squared error of the probabilities",
        (NORMALIZE,),
        facts=_loss_of_probabilities(2.0, mean=True),
        example="brier",
    ),
    Entry(
        "ece",
        "expected calibration error: distance of confidence and accuracy",
        (
            Key("bins", Integer(minimum=1), "number of bins of confidence", 15),
            Key("scheme", Choice(("equal_width", "equal_mass")), "bins of equal width, or of equally many examples", "equal_width"),
            NORMALIZE,
        ),
        positional=("bins",),
        facts=_loss_of_probabilities(1.0, mean=False),
        example="ece(bins = 15)",
    ),
    Entry("pearson", "linear correlation of predictions and targets", facts=_correlation(), example="pearson"),
    Entry("spearman", "correlation of the ranks of predictions and targets", facts=_correlation(), example="spearman"),
    Entry("kendall", "Kendall's tau-b: pairs in the same order less pairs in opposite order", facts=_correlation(), example="kendall"),
    Entry("mse", "mean squared error", facts=_error_of_values(mean=True), example="mse"),
    Entry("rmse", "root of the mean squared error", facts=_error_of_values(mean=False), example="rmse"),
    Entry("mae", "mean absolute error", facts=_error_of_values(mean=True), example="mae"),
    Entry(
        "r2",
        "share of the targets' variance that predictions explain",
        facts=MetricFacts(NUMERIC, "values", higher_is_better=True, low=None, high=1.0),
        example="r2",
    ),
    Entry(
        "preference_rate",
        "share of pairs whose first text is the likelier one, ties half; 0.5 is no preference",
        (NORMALIZE,),
        facts=MetricFacts(CHOICE, "probabilities", higher_is_better=False, low=0.0, high=1.0, mean_over_examples=True),
        example="preference_rate(normalize = tokens)",
    ),
    Entry(
        "exact_match",
        "share of answers that equal the reference" + FROM_SAMPLES,
        (IGNORE_CASE, IGNORE_PUNCTUATION, IGNORE_ARTICLES),
        facts=_of_texts(),
        example="exact_match(ignore_case = true)",
    ),
    Entry(
        "token_f1",
        "harmonic mean of precision and recall of the answer's words, as SQuAD counts them" + FROM_SAMPLES,
        (Key("language", Choice(("en", "zh")), "en: words, without case, punctuation and articles; zh: Chinese by characters", "en"),),
        facts=_of_texts(),
        example="token_f1(language = zh)",
    ),
    Entry(
        "bleu",
        "n-grams of the answers that stand in the references, with a penalty for short answers; 0 to 100, by sacrebleu",
        (
            Key("tokenize", Choice(("13a", "intl", "zh", "char", "none")), "how texts become words", "13a"),
            Key("lowercase", Truth(), "lower-case both texts first", False),
            Key("smooth", Choice(("exp", "floor", "add_k", "none")), "what an n-gram length without a match counts", "exp"),
            Key("max_order", Integer(minimum=1, maximum=9), "the longest n-grams", 4),
        ),
        facts=_of_corpus(100.0),
        example="bleu(tokenize = zh)",
    ),
    Entry(
        "chrf",
        "character n-grams shared by answers and references, F-beta; 0 to 100, by sacrebleu",
        (
            Key("char_order", Integer(minimum=1), "the longest character n-grams", 6),
            Key("word_order", Integer(minimum=0), "the longest word n-grams; 2 is chrF++", 0),
            Key("beta", Integer(minimum=1), "how much recall counts against precision", 2),
            Key("lowercase", Truth(), "lower-case both texts first", False),
            Key("whitespace", Truth(), "white space is part of n-grams", False),
        ),
        facts=_of_corpus(100.0),
        example="chrf(word_order = 2)",
    ),
    Entry(
        "ter",
        "edits (words put in, taken out, exchanged, moved) that turn the answers into the references, per 100 words; by sacrebleu",
        (
            Key("normalized", Truth(), "part punctuation from words first", False),
            Key("no_punctuation", Truth(), "leave punctuation out", False),
            Key("asian_support", Truth(), "with the two above: Chinese and Japanese by characters", False),
            Key("case_sensitive", Truth(), "capitals matter", False),
        ),
        facts=_of_corpus(None, higher_is_better=False),
        example="ter(normalized = true)",
    ),
    Entry("rouge1", "words shared by answer and reference" + FROM_SAMPLES, ROUGE, facts=_of_texts(), example="rouge1"),
    Entry("rouge2", "pairs of words shared by answer and reference" + FROM_SAMPLES, ROUGE, facts=_of_texts(), example="rouge2"),
    Entry(
        "rougeL",
        "longest common subsequence of words, of the whole texts" + FROM_SAMPLES,
        ROUGE,
        facts=_of_texts(),
        example="rougeL(stemmer = true)",
    ),
    Entry(
        "rougeLsum",
        "longest common subsequences of words, line by line" + FROM_SAMPLES,
        ROUGE,
        facts=_of_texts(),
        example="rougeLsum",
    ),
    Entry(
        "bertscore",
        "similarity of the answer's and the reference's tokens in an encoder's vectors, each matched with its nearest" + FROM_SAMPLES,
        (
            Key("model", Reference(("model",)), "a model block whose source is an encoder", REQUIRED),
            Key("layer", Integer(minimum=0), "which layer's vectors; the last when not given"),
            Key("idf", Truth(), "rare tokens of the references count more", False),
            PART,
        ),
        facts=MetricFacts(TEXTS, "texts", higher_is_better=True, low=-1.0, high=1.0, examined=True, mean_over_examples=True),
        example="bertscore(model = minilm)",
    ),
    Entry(
        "pass_at",
        "chance that one of k programs passes the tests, unbiased; runs what the model wrote, with --allow-code-execution alone",
        (
            Key("k", Integer(minimum=1), "how many programs are tried; at most the samples that are decoded", 1),
            Key("tests", FieldName(), "the field with the tests, Python text that is run behind the program", REQUIRED),
            Key("entry", FieldName(), "the field with the name of the function that the tests' `check` is called with"),
            Key("continues", Truth(), "the program goes on from the input's text; false when it stands by itself", True),
            Key("timeout", Duration(), "longest time of a program with its tests", 3.0),
            Key("memory", Size(), "most memory of a program", 1024 * 1024 * 1024),
        ),
        ("k",),
        facts=_of_texts(examined=True),
        example="pass_at(k = 1, tests = tests, entry = entry, timeout = 3s)",
    ),
    Entry("perplexity", "exp of the mean negative log-likelihood of a token", facts=_of_passages(), example="perplexity"),
    Entry(
        "word_perplexity",
        "exp of the negative log-likelihood by word, words parted by white space",
        facts=_of_passages(),
        example="word_perplexity",
    ),
    Entry(
        "bits_per_byte",
        "negative log-likelihood in bits by byte of UTF-8; comparable between tokenizers",
        facts=_of_passages(),
        example="bits_per_byte",
    ),
)
