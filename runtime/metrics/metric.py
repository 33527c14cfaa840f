"""What a metric is.

In: examples and the settings of the call. Out: a `Statistic`, the metric as a function of how often each example counts. The value
on the data is the statistic at all ones; a bootstrap resample is another row of weights. So a metric is written once, and resampling
it is a matrix product instead of a loop. An undefined value is NaN here and null, with a note, in results.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.examples import (
    ChoiceExamples,
    ClassExamples,
    Examples,
    Floats,
    PassageExamples,
    TextExamples,
    ValueExamples,
)

Weights: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
Settings: TypeAlias = Mapping[str, Json]

Statistic: TypeAlias = Callable[[Weights], Floats]
"""Maps weights of shape (resamples, n), whole numbers from 0, to values of shape (resamples,), NaN where undefined."""


class MetricMisfitError(Exception):
    """The metric cannot be had from these predictions: no scores, no `positive` label. The message is for people."""


@dataclass(frozen=True, slots=True)
class Note:
    """How a number is made, for the report: a formula in plain text, and where it comes from."""

    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class Proportion:
    """A metric that is a share of independent trials, for which Wilson's interval holds."""

    successes: int
    trials: int


def _no_proportion(examples: Examples, settings: Settings) -> Proportion | None:
    return None


def _no_losses(examples: Examples, settings: Settings) -> Floats | None:
    return None


def _no_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric and what the statistics need to know of it.

    `statistic`: prepares what does not depend on weights, once. `remarks`: notes on conventions and undefined values that these
    examples bring up. `proportion`: the counts behind a value that is a binomial share. `per_example`: (n,) numbers whose plain mean
    the value is, where there are such.
    """

    note: Note
    statistic: Callable[[Examples, Settings], Statistic]
    remarks: Callable[[Examples, Settings], tuple[str, ...]] = _no_remarks
    proportion: Callable[[Examples, Settings], Proportion | None] = _no_proportion
    per_example: Callable[[Examples, Settings], Floats | None] = _no_losses


def of_classes(examples: Examples) -> ClassExamples:
    if isinstance(examples, ClassExamples):
        return examples
    raise MetricMisfitError("this metric needs labels, the predictions hold numbers")


def of_values(examples: Examples) -> ValueExamples:
    if isinstance(examples, ValueExamples):
        return examples
    raise MetricMisfitError("this metric needs numbers, the predictions hold labels")


def of_choices(examples: Examples) -> ChoiceExamples:
    if isinstance(examples, ChoiceExamples):
        return examples
    raise MetricMisfitError("this metric needs answers to questions with choices")


def of_texts(examples: Examples) -> TextExamples:
    if isinstance(examples, TextExamples):
        return examples
    raise MetricMisfitError("this metric needs answers that are texts")


def of_passages(examples: Examples) -> PassageExamples:
    if isinstance(examples, PassageExamples):
        return examples
    raise MetricMisfitError("this metric needs log-likelihoods of texts")


def scores_of(examples: ClassExamples) -> Floats:
    if examples.scores is None:
        raise MetricMisfitError("this metric needs scores, the model gives labels alone")
    return examples.scores


def probabilities_of(examples: ClassExamples) -> Floats:
    if examples.scores is None or not examples.probabilities:
        raise MetricMisfitError(
            "this metric needs probabilities, the model gives " + ("labels alone" if examples.scores is None else "scores")
        )
    return examples.scores


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Elementwise quotient, NaN where the denominator is 0."""
    out = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out


def exactly_summable(columns: Floats) -> Floats:
    """Columns (n, k) rounded to so many bits that weighted sums of them are exact in float64.

    Matrix products add in an order that depends on threads and processor; exact sums do not, so values are the same everywhere. A column
    keeps 50 - log2(n) bits below its largest magnitude: an error of 2e-12 of that for 5,000 examples, less in a mean. Holds for weights
    that add up to at most 4 n.
    """
    bits = 52 - math.ceil(math.log2(max(4 * len(columns), 1)))
    _, exponents = np.frexp(np.abs(columns).max(axis=0, initial=0.0))
    step = np.ldexp(1.0, np.maximum(exponents - bits, -1000))
    return np.asarray(np.round(columns / step) * step)


def weighted_sums(weights: Weights, columns: Floats) -> Floats:
    """(resamples, k): sums of `columns` (n, k) under each row of weights, in float64."""
    return np.asarray(weights.astype(np.float64, copy=False) @ columns)


def mean_statistic(values: Floats) -> Statistic:
    """The weighted mean of `values` (n,); NaN when no example has weight."""
    columns = exactly_summable(np.stack([values, np.ones_like(values)], axis=1))

    def statistic(weights: Weights) -> Floats:
        total, count = weighted_sums(weights, columns).T
        return ratio(total, count)

    return statistic
