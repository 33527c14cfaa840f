"""The bootstrap: how statistics spread when examples, or whole groups, are drawn again.

In: statistics, units, a seed. Out: their values on each resample. All statistics see the same resamples, so that their differences are
paired. Source: Efron and Tibshirani 1993; by groups: Davison and Hinkley 1997, section 3.8.
"""

from collections.abc import Sequence

import numpy as np

from benchc.runtime.metrics.examples import Floats
from benchc.runtime.metrics.metric import Statistic
from benchc.runtime.statistics.draws import CELLS_AT_ONCE, chunks, drawn_counts
from benchc.runtime.statistics.units import Units

MOST_BLOCKS = 400  # of the jackknife: beyond, blocks of units are left out together


def bootstrap(statistics: Sequence[Statistic], units: Units, seed: int, samples: int) -> Floats:
    """(samples, statistics): each statistic on each resample, NaN where undefined."""
    values = np.empty((samples, len(statistics)))
    for numbers in chunks(samples, len(units.of)):
        weights = units.spread(drawn_counts(units.count, seed, numbers))
        for column, statistic in enumerate(statistics):
            values[numbers.start : numbers.stop, column] = statistic(weights)
    return values


def jackknife(statistics: Sequence[Statistic], units: Units) -> Floats:
    """(blocks, statistics): each statistic without one block of units; a block is one unit while there are at most `MOST_BLOCKS`."""
    blocks = min(units.count, MOST_BLOCKS)
    block = np.arange(units.count) % blocks
    values = np.empty((blocks, len(statistics)))
    step = max(1, CELLS_AT_ONCE // max(len(units.of), 1))
    for start in range(0, blocks, step):
        left_out = np.arange(start, min(start + step, blocks))
        weights = units.spread((block[None, :] != left_out[:, None]).astype(np.float32))
        for column, statistic in enumerate(statistics):
            values[left_out, column] = statistic(weights)
    return values
