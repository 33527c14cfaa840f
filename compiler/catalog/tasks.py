"""Task kinds: what is asked of a model."""

from benchc.compiler.catalog.blocks import METRIC
from benchc.compiler.catalog.model import Entry, TaskFacts
from benchc.compiler.catalog.types import REQUIRED, Call, Choice, Either, FieldName, Integer, Key, ListOf, Reference, Truth

DATA = Key("data", Reference(("dataset",)), "the dataset", REQUIRED)
INPUT = Key("input", ListOf(FieldName(), least=1, single=True), "the field, or the pair of fields, that the model sees", REQUIRED)
TARGET = Key("target", FieldName(), "the field that holds the right answer", REQUIRED)
METRICS = Key("metrics", ListOf(METRIC, least=1, single=True), "what is measured; the kind's usual metric when not given")
PRIMARY = Key("primary", METRIC, "the metric that ranks models; the first of the list when not given")
TRAIN_ON = Key("train_on", Choice(("train", "dev")), "the split that models are fitted on", "train")
EVALUATE_ON = Key(
    "evaluate_on", Choice(("test", "dev", "train")), "the split that is scored; test where there is one, else dev, when not given"
)
GROUP = Key("group", FieldName(), "a field whose equal values are resampled together, and by which results are also shown")

COMMON = (DATA, INPUT, TARGET, METRICS, PRIMARY, TRAIN_ON, EVALUATE_ON, GROUP)

CONTEXT = Key("input", ListOf(FieldName(), single=True), "the fields that a model sees without a prompt; also what similar shots go by", [])
PROMPT = Key(
    "prompt",
    Either((Choice(("none",)), Reference(("prompt",)))),
    "how a model is asked; the input's text alone when not given",
)
SHOTS = Key("shots", Either((Integer(minimum=0), Call("shots"))), "worked examples in the prompt; a bare number draws them by chance")
SHOTS_FROM = Key(
    "shots_from", Choice(("train", "dev", "test")), "the split that shots come from; train where there is one, else dev, when not given"
)
TRUNCATE = Key(
    "truncate",
    Choice(("start", "end", "middle")),
    "where the text is cut when it is still too long without shots",
    "start",
)
PROMPTED = (PROMPT, SHOTS, SHOTS_FROM, TRUNCATE)
CALIBRATE = Key(
    "calibrate",
    Call("calibration"),
    "what is made of the labels' probabilities, which lean to labels that the prompt alone makes likely",
    {"call": "none"},
)

TASKS = (
    Entry(
        "classification",
        "one of several labels for a text or a pair of texts; a causal model is prompted for it, others are trained",
        (*COMMON, *PROMPTED, CALIBRATE),
        facts=TaskFacts((1, 2), ("text",), ("label",), ("accuracy",)),
        example="task sentiment : classification { data = reviews, input = text, target = polarity }",
    ),
    Entry(
        "regression",
        "a number for a text or a pair of texts",
        COMMON,
        facts=TaskFacts((1, 2), ("text",), ("number",), ("pearson",)),
        example="task grade : regression { data = essays, input = text, target = score }",
    ),
    Entry(
        "similarity",
        "cosine of two sentence vectors against a number",
        COMMON,
        facts=TaskFacts((2, 2), ("text",), ("number",), ("spearman",), untrained=True),
        example="task closeness : similarity { data = pairs, input = [a, b], target = relatedness }",
    ),
    Entry(
        "multiple_choice",
        "one of the choices that stand in each row, by how likely the model finds them",
        (
            DATA,
            CONTEXT,
            Key("choices", FieldName(), "the field with the choices", REQUIRED),
            Key(
                "target",
                Either((FieldName(), Call("answer"))),
                "the right choice: a label field (its n-th label is the n-th choice), a number field (from 0), a text field that "
                "repeats the choice, or `constant(n)`",
                REQUIRED,
            ),
            *PROMPTED,
            METRICS,
            PRIMARY,
            EVALUATE_ON,
            GROUP,
        ),
        facts=TaskFacts((0, 8), ("text",), ("label", "number", "text"), ("accuracy",), untrained=True, prompted=True),
        example="task knowledge : multiple_choice { data = exam, input = question, choices = options, target = answer }",
    ),
    Entry(
        "generation",
        "a text that the model writes",
        (
            DATA,
            Key("input", ListOf(FieldName(), least=1, single=True), "the field, or fields, that the model sees", REQUIRED),
            Key("target", FieldName(), "the field with the reference", REQUIRED),
            *PROMPTED,
            Key("decode", Call("decode"), "how the text is written", {"call": "greedy"}),
            Key("extract", Call("extract"), "which part of the text is the answer; the whole text when not given"),
            Key("extract_target", Truth(), "take the same part of the reference; so for numbers and boxed answers when not given"),
            Key("vote", Truth(), "the most frequent answer of an example's samples counts", False),
            METRICS,
            PRIMARY,
            EVALUATE_ON,
            GROUP,
        ),
        facts=TaskFacts((1, 8), ("text",), ("text", "number", "label"), ("exact_match",), untrained=True, prompted=True),
        example="task sums : generation { data = problems, input = question, target = answer, prompt = worked, extract = number }",
    ),
    Entry(
        "language_modeling",
        "how likely the model finds a text, token by token",
        (
            DATA,
            Key("input", ListOf(FieldName(), least=1, single=True), "the field with the text", REQUIRED),
            Key("window", Integer(minimum=2), "tokens that the model sees at a time; its own limit when not given"),
            Key("stride", Integer(minimum=1), "tokens from one window to the next; the window, so that none overlap, when not given"),
            METRICS,
            PRIMARY,
            EVALUATE_ON,
            GROUP,
        ),
        facts=TaskFacts((1, 1), ("text",), (), ("bits_per_byte",), untrained=True, prompted=True),
        example="task fluency : language_modeling { data = wiki, input = text, window = 512, stride = 256 }",
    ),
)
