"""Adjusting p for the number of comparisons of a family, and what follows from it.

In: p of each comparison, None where it is undefined, and its standard error. Out: in the same order, adjusted p, verdicts, and the
smallest differences that the family could show. An undefined p stays so and is not counted.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.examples import Floats
from benchc.runtime.statistics.intervals import quantile_of_normal
from benchc.runtime.statistics.result_file import number

P: TypeAlias = float | None

POWER = 0.80


def verdicts(family: Mapping[str, Json], results: Sequence[Mapping[str, Json] | None]) -> Mapping[str, Json]:
    """{"p_adjusted", "significant", "smallest_detectable_difference", "correction"}: lists in the order of the comparisons, null where p
    is undefined.

    `family`: {"correction", "alpha"}. `results`: of each comparison; None is one that did not finish. It counts as p = 1: the others are
    corrected for as many tests as were planned, never for fewer.
    """
    correction, alpha = str(family["correction"]), family["alpha"]
    assert isinstance(alpha, int | float)
    p = adjust(correction, [1.0 if result is None else number(result, "p") for result in results])
    finished = [None if result is None else one for one, result in zip(p, results, strict=True)]
    significant: Json = [None if one is None else one <= alpha for one in finished]
    alone = alpha_alone(correction, alpha, sum(one is not None for one in p))
    errors = [None if result is None else number(result, "standard_error") for result in results]
    detectable: Json = [None if error is None else smallest_detectable(error, alone) for error in errors]
    return {"p_adjusted": finished, "significant": significant, "smallest_detectable_difference": detectable, "correction": correction}


def alpha_alone(correction: str, alpha: float, tests: int) -> float:
    """The largest p that counts as significant in a family of this many tests of which no other finds anything: alpha / tests under
    each correction. Where others find something, Holm and Benjamini-Hochberg ask for less, so that this is the cautious side."""
    return alpha if correction == "none" else alpha / max(tests, 1)


def smallest_detectable(standard_error: float, alpha: float) -> float:
    """The true difference that a two-sided test at `alpha` finds with power 0.80, for an about normal estimate. Source: Cohen 1988."""
    return (quantile_of_normal(1 - alpha / 2) + quantile_of_normal(POWER)) * standard_error


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
