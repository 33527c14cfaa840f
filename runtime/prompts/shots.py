"""Which worked examples an example is shown.

In: the rows that shots come from, the call of the task, a seed. Out: for an example, rows in the order in which its prompt shows them.
A shot never is the example itself nor a copy of it: a row that asks the same. Draws depend on the seed and the content of rows (and, for
shots per example, of the example), never on positions, on the number of workers, on `take`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from benchc.compiler.jsonvalue import Json
from benchc.runtime.prompts.rows import PromptRow, SplitRows
from benchc.runtime.seeds import derive_seed, mix
from benchc.runtime.work import StepFailed

Order = Iterator[int]  # places in the pool, those that come first first

NEAREST_SPARE = 8  # more than are asked for, in case some are copies; when more of them are, all rows are gone through


@dataclass(slots=True)
class Shots:
    """`ask`: the question of a row, by which copies are known. `near`: for `similar`, places of the rows nearest to each text, the
    nearest first."""

    pool: SplitRows
    call: Mapping[str, Json]
    seed: int
    ask: Callable[[PromptRow], str]
    near: Callable[[PromptRow, int], Sequence[int]] | None = None
    _rows: dict[int, tuple[PromptRow, str]] = field(default_factory=dict)
    _task_order: list[int] | None = None

    @property
    def count(self) -> int:
        return cast(int, self.call["count"])

    @property
    def alike(self) -> bool:
        """Whether all examples get the same shots, but for themselves and their copies."""
        return self.call["call"] == "first" or self.call.get("per") == "task"

    def of(self, example: PromptRow | None) -> tuple[PromptRow, ...]:
        """The shots of an example; None stands for one that is no row. Raises StepFailed when there are too few rows."""
        question = None if example is None else self.ask(example)
        found: list[PromptRow] = []
        for place in self._order(example):
            if len(found) == self.count:
                break
            row, asked = self._row(place)
            if example is None or (row.number != example.number and asked != question):
                found.append(row)
        if len(found) < self.count:
            message = f"`{self.pool.split}` has {len(found)} rows that can be shots, and {self.count} are asked for"
            raise StepFailed("too_few_shots", message, "ask for fewer shots, or take them from another split")
        return tuple(reversed(found)) if self.call["call"] == "similar" else tuple(found)

    def _order(self, example: PromptRow | None) -> Order:
        if self.call["call"] == "similar":
            assert example is not None
            return self._nearest(example)
        if self.alike:
            if self._task_order is None:
                self._task_order = list(self._drawn("task"))
            return iter(self._task_order)
        assert example is not None
        return self._drawn(example.content_id)

    def _nearest(self, example: PromptRow) -> Order:
        """All rows, the nearest first; most examples need a few more than they are shown, for copies of them."""
        assert self.near is not None
        wanted, told = self.count + NEAREST_SPARE, 0
        while told < len(self.pool):
            places = self.near(example, min(wanted, len(self.pool)))
            yield from places[told:]
            wanted, told = 4 * wanted, len(places)

    def _drawn(self, purpose: str) -> Order:
        places = np.arange(len(self.pool))
        if self.call["call"] == "first":
            return iter(places.tolist())
        ranks = mix(self.pool.hashes, derive_seed(self.seed, "shots", purpose))
        ordered = places[np.argsort(ranks, kind="stable")]
        return iter((ordered if self.call["call"] == "random" else _in_turn(ordered, self._labels())).tolist())

    def _labels(self) -> npt.NDArray[np.int32]:
        if self.pool.answers is None:
            raise StepFailed("no_labels", "`balanced` shots need a target with labels", "choose `random`")
        return self.pool.answers

    def _row(self, place: int) -> tuple[PromptRow, str]:
        if place not in self._rows:
            row = self.pool[place]
            self._rows[place] = (row, self.ask(row))
        return self._rows[place]


def _in_turn(ordered: npt.NDArray[np.int64], labels: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The rows with one of each label, then a second of each, and so on; labels in their order."""
    of_row = labels[ordered]
    rounds = np.empty(len(ordered), np.int64)
    for label in np.unique(of_row):
        members = np.flatnonzero(of_row == label)
        rounds[members] = np.arange(len(members))
    return ordered[np.lexsort((of_row, rounds))]


def nearest(pool: npt.NDArray[np.float32] | Any, example: npt.NDArray[np.float32] | Any, count: int) -> list[int]:
    """Places in the pool, [pool, width], by cosine with one example, [1, width]; both scaled to length one, dense or sparse. The first of
    equals stands first."""
    product = pool @ example.T
    cosines = np.asarray(product.todense() if hasattr(product, "todense") else product, np.float64).ravel()
    wanted = min(count, len(cosines))
    candidates = np.flatnonzero(cosines >= np.partition(cosines, len(cosines) - wanted)[len(cosines) - wanted])
    return [int(place) for place in candidates[np.lexsort((candidates, -cosines[candidates]))]]
