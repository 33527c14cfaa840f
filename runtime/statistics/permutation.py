"""The permutation test: if the models were alike, which of them gave which answer to an example would not matter.

Whole examples (or whole groups) are swapped, with all seeds, and the metric computed anew on both sides, so it need not be a mean.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchc.runtime.metrics.examples import Examples, Floats, concatenate
from benchc.runtime.metrics.metric import Note, Statistic
from benchc.runtime.metrics.registry import metric_of
from benchc.runtime.statistics.draws import chunks, coin_flips
from benchc.runtime.statistics.pairing import Pairing, movable_units, seed_pairs
from benchc.runtime.statistics.resampled import ROUNDING
from benchc.runtime.statistics.units import Units
from benchc.runtime.statistics.verdict import Question, Test, Verdict


def _permutation(question: Question) -> Verdict:
    pairing = question.pairing
    pairs = seed_pairs(pairing)
    movable = movable_units(pairing, pairs)
    if len(movable) == 0:
        return Verdict(1.0, "permutation", notes=("the two answer every example alike",))
    exact = 2 ** len(movable) <= question.samples
    samples = 2 ** len(movable) if exact else question.samples
    swaps = _all_swaps(pairing, movable, samples) if exact else _random_swaps(pairing, question.seed, samples)
    statistics = _over_both_sides(pairing, pairs)
    far = sum(_count_far(statistics, pairing.units, flips, question.difference) for flips in swaps)
    if exact:
        return Verdict(far / samples, f"permutation, exact: all {samples} swaps of {pairing.units.noun}")
    return Verdict((far + 1) / (samples + 1), f"permutation, {samples} random swaps of {pairing.units.noun}")


def _all_swaps(pairing: Pairing, movable: NDArray[np.intp], samples: int) -> Iterator[NDArray[np.float32]]:
    for numbers in chunks(samples, 2 * pairing.count):
        flips = np.zeros((len(numbers), pairing.units.count), dtype=np.float32)
        flips[:, movable] = np.arange(numbers.start, numbers.stop)[:, None] >> np.arange(len(movable)) & 1
        yield flips


def _random_swaps(pairing: Pairing, seed: int, samples: int) -> Iterator[NDArray[np.float32]]:
    for numbers in chunks(samples, 2 * pairing.count):
        yield coin_flips(pairing.units.count, seed, numbers)


def _over_both_sides(pairing: Pairing, pairs: Sequence[tuple[Examples, Examples]]) -> tuple[Statistic, ...]:
    """The metric over the examples of `a` followed by those of `b`, of which weights choose one each."""
    metric = metric_of(pairing.call)
    return tuple(metric.statistic(concatenate(a, b), pairing.call) for a, b in pairs)


def _count_far(statistics: Sequence[Statistic], units: Units, flips: NDArray[np.float32], difference: float) -> int:
    """Swaps whose difference is at least as far from 0 as the observed one; undefined ones count as far."""
    swapped = units.spread(flips)
    kept = 1 - swapped
    first, second = np.hstack([kept, swapped]), np.hstack([swapped, kept])
    total: Floats = np.zeros(len(flips))
    for statistic in statistics:
        total += statistic(first) - statistic(second)
    return int(np.count_nonzero(~(np.abs(total / len(statistics)) < abs(difference) - ROUNDING)))


PERMUTATION = Test(
    Note(
        "p = (1 + number of swaps with |d*| >= |d|) / (1 + swaps); a swap exchanges the two models' answers to a random half of the "
        "examples; with all swaps tried, their share",
        "Fisher 1935; Noreen 1989; Phipson and Smyth 2010",
    ),
    _permutation,
)
