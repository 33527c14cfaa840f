"""One model against another on one metric: the difference, its interval and standard error, p, how large it is.

In: predictions of both sides, a metric, a test. Out: a `Comparison`. The difference is the mean over the seeds of `a` less that over the
seeds of `b`. Interval and standard error come from a paired bootstrap, whichever test makes p. Not here: what holds of several
comparisons together (`corrections`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchc.runtime.metrics.examples import Floats
from benchc.runtime.metrics.metric import Statistic
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.statistics.bootstrap import bootstrap, jackknife
from benchc.runtime.statistics.draws import drawn_places
from benchc.runtime.statistics.intervals import Interval, bias_corrected
from benchc.runtime.statistics.mcnemar import MCNEMAR
from benchc.runtime.statistics.paired_means import PAIRED_T, WILCOXON
from benchc.runtime.statistics.pairing import Call, Pairing, pair
from benchc.runtime.statistics.permutation import PERMUTATION
from benchc.runtime.statistics.resampled import PAIRED_BOOTSTRAP
from benchc.runtime.statistics.verdict import Effect, Question, Test

TESTS: Mapping[str, Test] = {
    "paired_bootstrap": PAIRED_BOOTSTRAP,
    "permutation": PERMUTATION,
    "mcnemar": MCNEMAR,
    "paired_t": PAIRED_T,
    "wilcoxon": WILCOXON,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`standard_error`: of the difference, over resamples of the examples; None where there is none, or it is 0."""

    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    method: str
    n: int
    effect: Effect
    standard_error: float | None
    value_a: float | None
    value_b: float | None
    notes: tuple[str, ...]


def compare(
    metric: Call, test: Call, sides: tuple[Sequence[Predictions], Sequence[Predictions]], confidence: float, seed: int
) -> Comparison:
    """`test`: a call of the family `comparison` without baseline and correction. Raises StepFailed when the sides do not pair,
    MetricMisfitError when metric or test do not fit the predictions."""
    pairing = pair(metric, *sides)
    statistics = pairing.statistics()
    each = np.array([statistic(np.ones((1, pairing.count)))[0] for statistic in statistics])
    value_a, value_b = float(each[: len(pairing.a)].mean()), float(each[len(pairing.a) :].mean())
    if not math.isfinite(value_a - value_b) or pairing.units.count < 2:
        return _without_difference(pairing, value_a, value_b)
    resampled = _resampled_differences(pairing, statistics, test, seed)
    left_out = _difference(jackknife(statistics, pairing.units), len(pairing.a))
    question = Question(pairing, value_a - value_b, resampled, test, seed)
    verdict = TESTS[str(test["call"])].decide(question)
    error = _standard_error(resampled)
    interval = _interval(question, left_out, confidence)
    return Comparison(
        question.difference,
        interval.low,
        interval.high,
        verdict.p,
        f"{verdict.method}; interval: {interval.method}",
        pairing.count,
        verdict.effect or _standardised(question, error),
        error,
        value_a,
        value_b,
        (*verdict.notes, *interval.notes, *_seed_notes(pairing, test)),
    )


def _without_difference(pairing: Pairing, value_a: float, value_b: float) -> Comparison:
    known_a, known_b = (value if math.isfinite(value) else None for value in (value_a, value_b))
    difference = None if known_a is None or known_b is None else known_a - known_b
    reason = f"fewer than two {pairing.units.noun}" if pairing.units.count < 2 else "the metric is undefined on a side"
    nothing = Effect("standardised difference", None)
    return Comparison(difference, None, None, None, "none", pairing.count, nothing, None, known_a, known_b, (reason,))


def _resampled_differences(pairing: Pairing, statistics: Sequence[Statistic], test: Call, seed: int) -> Floats:
    samples = test["samples"]
    assert isinstance(samples, int)
    values = bootstrap(statistics, pairing.units, seed, samples)
    if test.get("seeds") != "resample":
        return _difference(values, len(pairing.a))
    a, b = values[:, : len(pairing.a)], values[:, len(pairing.a) :]
    drawn = [
        np.take_along_axis(side, drawn_places(side.shape[1], seed, f"seeds of {name}", samples), axis=1).mean(axis=1)
        for side, name in ((a, "a"), (b, "b"))
    ]
    return np.asarray(drawn[0] - drawn[1])


def _difference(values: Floats, seeds_of_a: int) -> Floats:
    """From (rows, seeds of a and then of b) to (rows,)."""
    return np.asarray(values[:, :seeds_of_a].mean(axis=1) - values[:, seeds_of_a:].mean(axis=1))


def _interval(question: Question, left_out: Floats, confidence: float) -> Interval:
    made = bias_corrected(question.difference, question.resampled, left_out, confidence)
    return made if made.low is None else replace(made, method=f"{made.method}, {question.samples} resamples")


def _standard_error(resampled: Floats) -> float | None:
    defined = resampled[~np.isnan(resampled)]
    error = float(np.std(defined, ddof=1)) if len(defined) > 1 else 0.0
    return error if error > 0 else None


def _standardised(question: Question, error: float | None) -> Effect:
    """Difference / (standard error x sqrt(units)): for a mean over examples, that of the paired differences over their deviation."""
    size = None if error is None else question.difference / (error * math.sqrt(question.pairing.units.count))
    return Effect("standardised difference", size)


def _seed_notes(pairing: Pairing, test: Call) -> tuple[str, ...]:
    if max(len(pairing.a), len(pairing.b)) == 1:
        return ()
    if test.get("seeds") == "resample":
        return ("seeds are drawn again too; with few seeds their spread is understated",)
    return ("seeds are held fixed: the test is about these trained models, not about training again",)
