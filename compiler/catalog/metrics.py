"""Metrics: what each accepts, which tasks and predictions it fits, which way is better.

Formulas and edges stand in `docs/metrics.md`; the implementations in `runtime/metrics`, one function set per name.
"""

from benchc.compiler.catalog.model import Choice, Entry, Integer, Key, LabelValue, MetricFacts

CLASSIFICATION = ("classification",)
NUMERIC = ("regression", "similarity")

POSITIVE = Key("positive", LabelValue(), "the label that counts as positive; the last of two labels when not given")
CLASS_AVERAGE = Key(
    "average",
    Choice(("binary", "micro", "macro", "weighted", "none")),
    "binary scores the positive label alone, none gives one value per class",
    "macro",
)
SCORE_AVERAGE = Key("average", Choice(("macro", "weighted")), "how classes are averaged when there are more than two", "macro")


def _labels(low: float = 0.0) -> MetricFacts:
    return MetricFacts(CLASSIFICATION, "labels", higher_is_better=True, low=low, high=1.0)


def _loss_of_probabilities(high: float | None, mean: bool) -> MetricFacts:
    return MetricFacts(CLASSIFICATION, "probabilities", higher_is_better=False, low=0.0, high=high, mean_over_examples=mean)


def _correlation() -> MetricFacts:
    return MetricFacts(NUMERIC, "values", higher_is_better=True, low=-1.0, high=1.0)


def _error_of_values(mean: bool) -> MetricFacts:
    return MetricFacts(NUMERIC, "values", higher_is_better=False, low=0.0, high=None, mean_over_examples=mean)


ACCURACY = MetricFacts(CLASSIFICATION, "labels", higher_is_better=True, low=0.0, high=1.0, gamed_by_majority=True, mean_over_examples=True)


METRICS = (
    Entry("accuracy", "share of right answers", facts=ACCURACY, example="accuracy"),
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
        facts=_loss_of_probabilities(None, mean=True),
        example="log_loss",
    ),
    Entry("brier", "mean squared error of the probabilities", facts=_loss_of_probabilities(2.0, mean=True), example="brier"),
    Entry(
        "ece",
        "expected calibration error: distance of confidence and accuracy",
        (
            Key("bins", Integer(minimum=1), "number of bins of confidence", 15),
            Key("scheme", Choice(("equal_width", "equal_mass")), "bins of equal width, or of equally many examples", "equal_width"),
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
)
