"""Pairs of examples in and out of order, counted for many resamples at once.

In: two values of each example, and how often each example counts. Out: `PairCounts`. The orders that a merge sort goes through do not
depend on the counts, so they are found once; a resample then costs prefix sums along them, n log n in all. All sums are of whole numbers
and below 2^53 for up to 90 million examples, so they are exact. Source: Knight 1966.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchc.runtime.metrics.examples import Floats, Indices
from benchc.runtime.metrics.metric import Weights

CELLS_AT_ONCE = 1 << 18  # examples times resamples: what a processor's cache holds


class PairCounts(NamedTuple):
    """(resamples,) each: all pairs, those tied in x, in y, in both, and those that x and y order differently."""

    pairs: Floats
    tied_x: Floats
    tied_y: Floats
    tied_both: Floats
    discordant: Floats


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of the merge sort. `layout`: examples, each half in the order of y. For each example of a right half, `right`, its place
    in the layout: those from place `above` to `end` stand in the left half and are greater."""

    layout: Indices
    right: Indices
    above: Indices
    end: Indices


class RankPairs:
    """What does not depend on how often examples count. `x`, `y`: (n,), finite, n at least 1."""

    __slots__ = ("_by_x", "_by_y", "_levels", "_starts_both", "_starts_x", "_starts_y")

    def __init__(self, x: Floats, y: Floats) -> None:
        codes_x, codes_y = (np.unique(values, return_inverse=True)[1] for values in (x, y))
        self._by_x = np.lexsort((codes_y, codes_x))
        self._by_y = np.argsort(codes_y, kind="stable")
        self._starts_x = _starts(codes_x[self._by_x])
        self._starts_y = _starts(codes_y[self._by_y])
        self._starts_both = np.union1d(self._starts_x, _starts(codes_y[self._by_x]))
        self._levels = _levels(codes_y[self._by_x])

    def count(self, weights: Weights) -> PairCounts:
        """`weights`: (resamples, n), whole numbers from 0."""
        at_once = max(CELLS_AT_ONCE // weights.shape[1], 1)
        parts = [self._count(weights[start : start + at_once]) for start in range(0, len(weights), at_once)]
        return PairCounts(*(np.concatenate(of_part) for of_part in zip(*parts, strict=True)))

    def _count(self, weights: Weights) -> PairCounts:
        times = np.ascontiguousarray(weights.T, dtype=np.float64)  # (n, resamples): whole rows are moved and added
        by_x, by_y = times[self._by_x], times[self._by_y]
        return PairCounts(
            _pairs_within(times.sum(axis=0)[None]),
            _pairs_within(np.add.reduceat(by_x, self._starts_x, axis=0)),
            _pairs_within(np.add.reduceat(by_y, self._starts_y, axis=0)),
            _pairs_within(np.add.reduceat(by_x, self._starts_both, axis=0)),
            self._inversions(by_x),
        )

    def _inversions(self, times: Floats) -> Floats:
        """Pairs of which the earlier one is greater: ordered by x, those that y orders differently."""
        found = np.zeros(times.shape[1])
        sums = np.zeros((len(times) + 1, times.shape[1]))
        for level in self._levels:
            laid_out = times[level.layout]
            np.cumsum(laid_out, axis=0, out=sums[1:])
            greater = sums[level.end]
            greater -= sums[level.above]
            found += np.einsum("ij,ij->j", laid_out[level.right], greater)
        return found


def _starts(codes: Indices) -> Indices:
    """Where runs of equal codes begin."""
    return np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))


def _pairs_within(sizes: Floats) -> Floats:
    """Pairs inside groups of these sizes (groups, resamples), over all groups."""
    return np.asarray((sizes * (sizes - 1)).sum(axis=0) / 2)


def _levels(codes: Indices) -> tuple[_Level, ...]:
    """The levels of a merge sort of codes, the smallest blocks first."""
    levels = []
    half = 1
    while half < len(codes):
        levels.append(_level(codes, half))
        half *= 2
    return tuple(levels)


def _level(codes: Indices, half: int) -> _Level:
    blocks = np.arange(len(codes)) // half
    layout = np.lexsort((codes, blocks))
    span = int(codes.max()) + 1
    keys = blocks * span + codes[layout]  # ascending; blocks are laid out where they were
    right = np.flatnonzero(blocks % 2 == 1)
    above = np.searchsorted(keys, keys[right] - span, side="right")
    end = blocks[right] * half
    counted = above < end
    return _Level(layout, right[counted], above[counted], end[counted])
