"""One number over several trainings: mean, standard deviation, interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchc.runtime.statistics.intervals import Bounds


@dataclass(frozen=True, slots=True)
class OverSeeds:
    """`n` values were there; those that are undefined make everything undefined."""

    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    n: int
    method: str


def over_seeds(values: Sequence[float | None], confidence: float, bounds: Bounds) -> OverSeeds:
    """Mean, standard deviation (n - 1) and Student's t interval of the mean, cut where the metric ends.

    One value has no spread, and none is made up.
    """
    return _over(values, confidence, bounds, "seeds", "")


def over_folds(values: Sequence[float | None], confidence: float, bounds: Bounds) -> OverSeeds:
    """The same over folds. They share training rows, so the interval is too narrow (Bengio and Grandvalet 2004), and says so."""
    return _over(values, confidence, bounds, "folds", "; folds share training rows, so the true interval is wider")


def _over(values: Sequence[float | None], confidence: float, bounds: Bounds, noun: str, caveat: str) -> OverSeeds:
    known = [value for value in values if value is not None]
    if len(known) < len(values) or not known:
        return OverSeeds(None, None, None, None, len(values), f"undefined on {len(values) - len(known)} of {len(values)} {noun}")
    mean = math.fsum(known) / len(known)
    if len(known) == 1:
        return OverSeeds(mean, None, None, None, 1, f"one of the {noun}: no interval")
    sd = float(np.std(known, ddof=1))
    half = float(special.stdtrit(len(known) - 1, (1 + confidence) / 2)) * sd / math.sqrt(len(known))
    low, high = bounds.clip(mean - half), bounds.clip(mean + half)
    cut = "" if (low, high) == (mean - half, mean + half) else ", cut at the end of the metric's range"
    return OverSeeds(mean, sd, low, high, len(known), f"Student's t over {len(known)} {noun}{cut}{caveat}")
