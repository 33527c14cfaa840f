"""A metric's value on predictions, with its interval.

In: metric calls, predictions. Out: an `Estimate` for each. The interval is Wilson's where the value is a binomial share, or a share of 0
or 1 of which all examples say the same, Fisher's z for Pearson's correlation, and a BCa bootstrap for all others. Where the data have
groups, all are bootstrapped by group.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import MetricFacts
from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.examples import Floats
from benchc.runtime.metrics.metric import Metric
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.metrics.registry import metric_of
from benchc.runtime.statistics.bootstrap import bootstrap, jackknife
from benchc.runtime.statistics.intervals import Bounds, Interval, bias_corrected, fisher_z, wilson
from benchc.runtime.statistics.units import Units, units_of

Call: TypeAlias = Mapping[str, Json]
FEW = 20  # groups; Cameron, Gelbach and Miller 2008 find the bootstrap of clusters to reject too often with 5 to 30


@dataclass(frozen=True, slots=True)
class Sampling:
    """How intervals are made. `samples`: bootstrap resamples."""

    confidence: float
    samples: int
    seed: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` is None where the metric is undefined; then `notes` say why."""

    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int
    notes: tuple[str, ...]


def estimate(call: Call, predictions: Predictions, sampling: Sampling) -> Estimate:
    return estimate_all([call], predictions, sampling)[0]


def estimate_all(calls: Sequence[Call], predictions: Predictions, sampling: Sampling) -> tuple[Estimate, ...]:
    """One estimate for each call, in order; those that need a bootstrap share its resamples."""
    examples = predictions.examples
    units = units_of(predictions)
    metrics = [metric_of(call) for call in calls]
    statistics = [metric.statistic(examples, call) for metric, call in zip(metrics, calls, strict=True)]
    values = [float(statistic(np.ones((1, examples.count)))[0]) for statistic in statistics]
    intervals = [
        _without_resampling(metric, call, value, predictions, units, sampling)
        for metric, call, value in zip(metrics, calls, values, strict=True)
    ]
    open_places = [place for place, interval in enumerate(intervals) if interval is None]
    chosen = [statistics[place] for place in open_places]
    resamples = bootstrap(chosen, units, sampling.seed, sampling.samples) if chosen else np.empty((0, 0))
    left_out = jackknife(chosen, units) if chosen else np.empty((0, 0))
    for column, place in enumerate(open_places):
        bounds = bounds_of(calls[place])
        unanimous = _unanimous(values[place], resamples[:, column], units, bounds, sampling.confidence)
        made = bias_corrected(values[place], resamples[:, column], left_out[:, column], sampling.confidence, bounds)
        intervals[place] = unanimous or replace(made, method=_described(made.method, units, sampling))
    remarks = [metric.remarks(examples, call) for metric, call in zip(metrics, calls, strict=True)]
    few = (
        (f"{units.count} groups are few: an interval from drawing them tends to be too narrow",)
        if units.grouped and units.count < FEW
        else ()
    )
    return tuple(
        _estimate(value, interval, examples.count, (*notes, *few))
        for value, interval, notes in zip(values, intervals, remarks, strict=True)
    )


def _without_resampling(
    metric: Metric, call: Call, value: float, predictions: Predictions, units: Units, sampling: Sampling
) -> Interval | None:
    """The interval, or that there is none, where that is known without a bootstrap."""
    if not math.isfinite(value):
        return Interval(None, None, "undefined", () if units.count else ("there are no examples",))
    if units.count < 2:
        return Interval(None, None, f"none: one of the {units.noun} alone")
    if units.grouped:
        return None
    proportion = metric.proportion(predictions.examples, call)
    if proportion is not None:
        return wilson(proportion.successes, proportion.trials, sampling.confidence)
    if call["call"] == "pearson":
        return fisher_z(value, units.count, sampling.confidence)
    return None


def _unanimous(value: float, resamples: Floats, units: Units, bounds: Bounds, confidence: float) -> Interval | None:
    """Of a share at 0 or 1 that no resample leaves: Wilson's, since examples that all say the same are no proof that none would differ."""
    if (bounds.low, bounds.high) != (0, 1) or value not in (0, 1) or not bool((resamples == value).all()):
        return None
    made = wilson(int(value) * units.count, units.count, confidence)
    return replace(made, method=f"Wilson score of {units.count} {units.noun} that all say the same")


def bounds_of(call: Call) -> Bounds:
    """The range of a metric's values."""
    facts = CATALOG.entry("metric", str(call["call"])).facts
    assert isinstance(facts, MetricFacts)
    return Bounds(facts.low, facts.high)


def _described(method: str, units: Units, sampling: Sampling) -> str:
    if method.startswith("none"):
        return method
    return f"{method}, {sampling.samples} resamples" + (f" of {units.count} groups" if units.grouped else "")


def _estimate(value: float, interval: Interval | None, count: int, remarks: tuple[str, ...]) -> Estimate:
    assert interval is not None
    notes = (*remarks, *interval.notes)
    if math.isfinite(value):
        return Estimate(value, interval.low, interval.high, interval.method, count, notes)
    return Estimate(None, None, None, interval.method, count, notes or ("undefined: too large, or nothing to divide by",))
