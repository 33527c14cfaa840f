"""One score of several tasks, with an interval made from theirs.

The tasks' errors are taken as independent: squared distances from value to limit add up, each side for itself (method of variance
estimates recovery, Zou and Donner 2008). The geometric mean does so on the log scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A task's value with its interval."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class SuiteScore:
    value: float | None
    low: float | None
    high: float | None
    method: str


def weighted_mean(parts: Sequence[Part], weights: Sequence[float]) -> SuiteScore:
    """Sum of weight x value over the sum of weights. Tasks of weight 0 take no part."""
    total = math.fsum(weights)
    if total <= 0:
        return SuiteScore(None, None, None, "undefined: the weights add up to 0")
    counted = [(part, weight / total) for part, weight in zip(parts, weights, strict=True) if weight > 0]
    values = [part.value for part, _ in counted]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return SuiteScore(None, None, None, "undefined: a task has no value")
    value = math.fsum(one * share for one, (_, share) in zip(known, counted, strict=True))
    below = _distance([(one, part.low, share) for one, (part, share) in zip(known, counted, strict=True)])
    above = _distance([(one, part.high, share) for one, (part, share) in zip(known, counted, strict=True)])
    if below is None or above is None:
        return SuiteScore(value, None, None, "weighted mean; a task has no interval")
    return SuiteScore(value, value - below, value + above, "weighted mean; limits of the tasks combined as independent (MOVER)")


def geometric_mean(parts: Sequence[Part]) -> SuiteScore:
    """exp of the mean of logs; undefined when a value is not above 0. A limit that is not above 0 leaves no interval."""
    if any(part.value is None for part in parts):
        return SuiteScore(None, None, None, "undefined: a task has no value")
    if any(part.value is not None and part.value <= 0 for part in parts):
        return SuiteScore(None, None, None, "undefined: the geometric mean needs values above 0")
    logs = weighted_mean([Part(_log(part.value), _log(part.low), _log(part.high)) for part in parts], [1.0] * len(parts))
    method = logs.method.replace("weighted mean", "geometric mean")
    return SuiteScore(_exp(logs.value), _exp(logs.low), _exp(logs.high), method)


def _distance(limits: Sequence[tuple[float, float | None, float]]) -> float | None:
    """From the mean to its limit, given (value, limit, share) of each part."""
    squares = [None if limit is None else (share * (value - limit)) ** 2 for value, limit, share in limits]
    known = [square for square in squares if square is not None]
    return math.sqrt(math.fsum(known)) if len(known) == len(squares) else None


def _log(value: float | None) -> float | None:
    return math.log(value) if value is not None and value > 0 else None


def _exp(value: float | None) -> float | None:
    return None if value is None else math.exp(value)
