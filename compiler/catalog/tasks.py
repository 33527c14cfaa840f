"""Task kinds: what is asked of a model."""

from benchc.compiler.catalog.blocks import METRIC
from benchc.compiler.catalog.model import REQUIRED, Choice, Entry, FieldName, Key, ListOf, Reference, TaskFacts

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

TASKS = (
    Entry(
        "classification",
        "one of several labels for a text or a pair of texts",
        COMMON,
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
)
