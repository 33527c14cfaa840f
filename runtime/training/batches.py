"""Which rows meet in which batch of training.

Each epoch shuffles the rows by their own hashes and the seed, cuts the order into pools of some batches, sorts each pool by length,
cuts it into batches and shuffles these. So texts of like length meet, little is padded, and the batches depend on what the rows
hold, not on where they stand.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchc.runtime.seeds import derive_seed, mix, shuffled

Ints = npt.NDArray[np.int64]

POOL_BATCHES = 50


@dataclass(frozen=True, slots=True, eq=False)
class BatchPlan:
    """`hashes`, `lengths`: of each training row. One of `size` (rows in a batch) and `tokens` (padded tokens in a batch) is not None.
    `accumulate` batches make a step; the last step of an epoch may have fewer."""

    hashes: npt.NDArray[np.uint64]
    lengths: Ints
    size: int | None
    tokens: int | None
    accumulate: int
    seed: int

    def steps(self, epoch: int) -> list[tuple[Ints, ...]]:
        """The batches of each step of an epoch, as row numbers."""
        batches = self._batches(epoch)
        return [tuple(batches[at : at + self.accumulate]) for at in range(0, len(batches), self.accumulate)]

    def count(self, epoch: int) -> int:
        """How many steps an epoch has."""
        if self.size is not None:
            return math.ceil(math.ceil(len(self.hashes) / self.size) / self.accumulate)
        return len(self.steps(epoch))

    def _batches(self, epoch: int) -> list[Ints]:
        order = shuffled(self.hashes, derive_seed(self.seed, "rows", epoch))
        batches = [batch for pool in self._pools(order) for batch in self._cut(pool)]
        firsts = np.asarray([batch[0] for batch in batches], np.int64)
        return [batches[at] for at in np.argsort(mix(self.hashes[firsts], derive_seed(self.seed, "batches", epoch)), kind="stable")]

    def _pools(self, order: Ints) -> Iterator[Ints]:
        rows = self.size if self.size is not None else max(int((self.tokens or 1) / max(self.lengths.mean(), 1)), 1)
        for at in range(0, len(order), rows * POOL_BATCHES):
            pool = order[at : at + rows * POOL_BATCHES]
            yield pool[np.argsort(self.lengths[pool], kind="stable")]

    def _cut(self, pool: Ints) -> Iterator[Ints]:
        if self.size is not None:
            yield from (pool[at : at + self.size] for at in range(0, len(pool), self.size))
            return
        at = 0
        while at < len(pool):
            end = at + 1
            while end < len(pool) and (end + 1 - at) * self.lengths[pool[end]] <= (self.tokens or 1):
                end += 1
            yield pool[at:end]
            at = end


def total_steps(plan: BatchPlan, epochs: float | None, steps: int | None) -> int:
    """All steps of a run. A part of an epoch is that part of its steps, rounded up."""
    if steps is not None:
        return steps
    assert epochs is not None
    whole = int(epochs)
    done = sum(plan.count(epoch) for epoch in range(whole))
    return done + (math.ceil((epochs - whole) * plan.count(whole) - 1e-9) if epochs > whole else 0)
