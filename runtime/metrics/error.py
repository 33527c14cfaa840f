"""Errors of numbers: mean squared, its root, mean absolute, and the share of variance explained."""

import numpy as np

from benchc.runtime.metrics.correlation import RELATIVE_ZERO, standardised
from benchc.runtime.metrics.examples import Examples, Floats
from benchc.runtime.metrics.metric import (
    Metric,
    Note,
    Settings,
    Statistic,
    Weights,
    exactly_summable,
    mean_statistic,
    of_values,
    ratio,
    weighted_sums,
)


def _squares(examples: Examples, settings: Settings) -> Floats:
    known = of_values(examples)
    return np.square(known.prediction - known.target)


def _magnitudes(examples: Examples, settings: Settings) -> Floats:
    known = of_values(examples)
    return np.abs(known.prediction - known.target)


def _root(examples: Examples, settings: Settings) -> Statistic:
    mean = mean_statistic(_squares(examples, settings))
    return lambda weights: np.sqrt(mean(weights))


def _r2(examples: Examples, settings: Settings) -> Statistic:
    known = of_values(examples)
    centred = known.target - known.target.mean() if known.count and np.any(standardised(known.target)) else np.zeros(known.count)
    columns = exactly_summable(np.stack([np.square(known.prediction - known.target), centred, centred**2], axis=1))

    def statistic(weights: Weights) -> Floats:
        total = weights.sum(axis=1, dtype=np.float64)[:, None]
        error, mean, mean_square = ratio(weighted_sums(weights, columns), total).T
        variance = mean_square - mean**2
        return 1.0 - ratio(error, np.where(variance > RELATIVE_ZERO * mean_square, variance, 0.0))

    return statistic


def _r2_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    known = of_values(examples)
    if known.count and known.target.min() == known.target.max():
        return (f"undefined: every target is {known.target[0]:g}",)
    return ()


MSE = Metric(
    Note("mean of (prediction - target)^2", "definition"),
    lambda examples, settings: mean_statistic(_squares(examples, settings)),
    per_example=_squares,
)

RMSE = Metric(Note("square root of the mean of (prediction - target)^2", "definition"), _root)

MAE = Metric(
    Note("mean of |prediction - target|", "definition"),
    lambda examples, settings: mean_statistic(_magnitudes(examples, settings)),
    per_example=_magnitudes,
)

R2 = Metric(Note("1 - sum (prediction - target)^2 / sum (target - mean target)^2", "Draper and Smith 1998"), _r2, _r2_remarks)
