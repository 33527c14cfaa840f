"""Adjusting p for the number of comparisons of a family.

In: p of each comparison, None where it is undefined. Out: adjusted p in the same order. An undefined p stays so and is not counted.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from benchc.runtime.metrics.examples import Floats

P: TypeAlias = float | None


def adjust(correction: str, p: Sequence[P]) -> tuple[P, ...]:
    """Raises KeyError for a correction that there is not."""
    places = [place for place, one in enumerate(p) if one is not None]
    adjusted = CORRECTIONS[correction](np.array([p[place] for place in places], dtype=np.float64))
    by_place = dict(zip(places, adjusted.tolist(), strict=True))
    return tuple(by_place.get(place) for place in range(len(p)))


def _holm(p: Floats) -> Floats:
    """Steps down from the smallest p, times the number of those not smaller. Source: Holm 1979."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    return _in_place(order, stepped)


def _benjamini_hochberg(p: Floats) -> Floats:
    """Steps up from the largest p; bounds the share of false discoveries. Source: Benjamini and Hochberg 1995."""
    order = np.argsort(-p, kind="stable")
    stepped = np.minimum.accumulate(p[order] * len(p) / (len(p) - np.arange(len(p))))
    return _in_place(order, stepped)


def _bonferroni(p: Floats) -> Floats:
    return np.minimum(p * len(p), 1.0)


def _none(p: Floats) -> Floats:
    return p


def _in_place(order: np.ndarray[tuple[int], np.dtype[np.intp]], stepped: Floats) -> Floats:
    adjusted = np.empty_like(stepped)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


CORRECTIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "holm": _holm,
    "benjamini_hochberg": _benjamini_hochberg,
    "bonferroni": _bonferroni,
    "none": _none,
}
