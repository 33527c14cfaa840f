"""How each number of a report is made: formula and source, by the name that specs and results use for it."""

from collections.abc import Mapping

from benchc.runtime.metrics.metric import Note
from benchc.runtime.metrics.registry import METRICS
from benchc.runtime.statistics.comparison import TESTS

INTERVALS: Mapping[str, Note] = {
    "Wilson score": Note("(p + z^2/2n +- z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n), for shares of independent examples", "Wilson 1927"),
    "Fisher z": Note("tanh(atanh r +- z / sqrt(n - 3)); assumes about normal values", "Fisher 1921"),
    "BCa bootstrap": Note(
        "quantiles of the metric on resamples of the examples (of whole groups where the data have groups), shifted for bias and skewness; "
        "acceleration by a jackknife of at most 400 blocks",
        "Efron 1987",
    ),
    "percentile bootstrap": Note(
        "quantiles of the metric on resamples, moved so that their mean is the value; where resampling biases the metric", "Efron 1979"
    ),
    "Student's t": Note("mean +- t(n - 1) sd / sqrt(n) over seeds or folds", "Student 1908"),
}

CORRECTIONS: Mapping[str, Note] = {
    "holm": Note("p in ascending order times m, m - 1, ..., 1, never descending; bounds the chance of any false finding", "Holm 1979"),
    "benjamini_hochberg": Note(
        "p in descending order times m/m, m/(m - 1), ..., m/1, never ascending; bounds the expected share of false findings",
        "Benjamini and Hochberg 1995",
    ),
    "bonferroni": Note("p times m", "Dunn 1961"),
    "none": Note("p as it is", "definition"),
}

SUMMARIES: Mapping[str, Note] = {
    "mean": Note("mean of the tasks' values; limits combined as independent, each side for itself", "Zou and Donner 2008"),
    "weighted": Note("sum w v / sum w; limits combined as independent, each side for itself", "Zou and Donner 2008"),
    "geometric": Note("exp of the mean of log v; limits combined as independent on the log scale", "Zou and Donner 2008"),
    "standardised difference": Note(
        "d / (bootstrap standard error x sqrt(n)); for means, Cohen's d of the paired differences", "Cohen 1988"
    ),
    "Cohen's g": Note("b / (b + c) - 1/2, b and c the examples that only one model gets right", "Cohen 1988"),
    "smallest_detectable_difference": Note(
        "(z(1 - a/2) + z(0.80)) x bootstrap standard error of the difference: found with power 0.80; a is alpha, divided by the number of "
        "comparisons where they are corrected, which is what a difference must pass that is the only one found",
        "Cohen 1988",
    ),
}


def method_note(name: str) -> Note | None:
    """The note on a metric, test, interval, correction, suite score or effect size; None for a name that has none."""
    tests = {name: test.note for name, test in TESTS.items()}
    metrics = {name: metric.note for name, metric in METRICS.items()}
    known: Mapping[str, Note] = {**SUMMARIES, **CORRECTIONS, **INTERVALS, **tests, **metrics}
    return known.get(name)
