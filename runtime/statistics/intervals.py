"""Confidence intervals from counts, from a correlation, from resamples."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchc.runtime.metrics.examples import Floats

LEAST_DEFINED = 0.5  # share of resamples that must have a value
MOST_BIASED = 0.025  # share of resamples on one side of the value below which their bias is too strong to be corrected


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends are None where there is no interval; `method` says how it was made, or why it was not."""

    low: float | None
    high: float | None
    method: str
    notes: tuple[str, ...] = ()


def quantile_of_normal(probability: float) -> float:
    return float(special.ndtri(probability))


def wilson(successes: int, trials: int, confidence: float) -> Interval:
    """Wilson's score interval of a share, for at least one trial. Source: Wilson 1927."""
    z = quantile_of_normal((1 + confidence) / 2)
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return Interval(low, high, "Wilson score")


def fisher_z(correlation: float, count: int, confidence: float) -> Interval:
    """Pearson's correlation through atanh, standard error 1 / sqrt(n - 3). Source: Fisher 1921. None below four examples."""
    if count < 4:
        return Interval(None, None, "none: Fisher z needs four examples")
    if abs(correlation) == 1.0:
        return Interval(correlation, correlation, "Fisher z", ("the correlation is perfect: the interval has no width",))
    half = quantile_of_normal((1 + confidence) / 2) / math.sqrt(count - 3)
    centre = math.atanh(correlation)
    return Interval(math.tanh(centre - half), math.tanh(centre + half), "Fisher z")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range of a statistic, ends included; None where it is unbounded."""

    low: float | None
    high: float | None

    def clip(self, value: float) -> float:
        above = value if self.low is None else max(self.low, value)
        return above if self.high is None else min(self.high, above)


UNBOUNDED = Bounds(None, None)


def bias_corrected(value: float, resamples: Floats, left_out: Floats, confidence: float, bounds: Bounds = UNBOUNDED) -> Interval:
    """The BCa interval of `value` from bootstrap `resamples` (B,) and `left_out` (blocks,), the jackknife's values.

    Resamples without a value are left out and counted in a note. Where nearly all lie on one side of the value (a calibration error
    only grows under resampling), the corrected levels would fall off the end of the distribution, and the percentile interval, moved so
    that its mean is the value and kept within `bounds`, stands in. Source: Efron 1987.
    """
    defined = resamples[~np.isnan(resamples)]
    notes = _undefined_note(len(resamples) - len(defined), len(resamples))
    if len(defined) < LEAST_DEFINED * len(resamples):
        return Interval(None, None, "none: undefined on most resamples", notes)
    if defined.min() == defined.max():
        return Interval(*_holding(value, defined[[0, 0]]), "percentile bootstrap", (*notes, "all resamples have the same value"))
    below = (np.count_nonzero(defined < value) + 0.5 * np.count_nonzero(defined == value)) / len(defined)
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    if not MOST_BIASED < below < 1 - MOST_BIASED:
        low, high = (bounds.clip(float(end)) for end in np.quantile(defined, tails) + value - defined.mean())
        return Interval(*_holding(value, np.array([low, high])), "percentile bootstrap centred on the value", notes)
    bias = quantile_of_normal(below)
    shifted = bias + special.ndtri(tails)
    levels = special.ndtr(bias + shifted / (1 - _acceleration(left_out) * shifted))
    ends = np.quantile(defined, levels)
    low, high = _holding(value, ends)
    if (low, high) != (float(ends[0]), float(ends[1])):
        notes = (*notes, "widened to hold the value: resamples are biased")
    return Interval(low, high, "BCa bootstrap", notes)


def _holding(value: float, ends: Floats) -> tuple[float, float]:
    return min(value, float(ends[0])), max(value, float(ends[1]))


def _undefined_note(undefined: int, samples: int) -> tuple[str, ...]:
    return (f"undefined on {undefined} of {samples} resamples, which were left out",) if undefined else ()


def _acceleration(left_out: Floats) -> float:
    deviations = np.nanmean(left_out) - left_out[~np.isnan(left_out)] if np.any(~np.isnan(left_out)) else np.zeros(1)
    spread = float(np.sum(deviations**2))
    return float(np.sum(deviations**3) / (6 * spread**1.5)) if spread > 0 else 0.0
