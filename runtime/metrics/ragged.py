"""Rows of unequal length, flat in memory: numbers for the choices of each question.

In: flat values and where rows end. Out: sums, largest places and softmax row by row, without a loop over rows. Every row has an item.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Row i is values[offsets[i] : offsets[i + 1]]. `values` float64, `offsets` int64 of length n + 1, from 0 on."""

    values: NDArray[np.float64]
    offsets: NDArray[np.int64]

    @staticmethod
    def of(rows: Sequence[Sequence[float]]) -> "Ragged":
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        flat = np.array([value for row in rows for value in row], dtype=np.float64)
        return Ragged(flat, np.concatenate([[0], lengths.cumsum()]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, rows: NDArray[np.int64]) -> "Ragged":
        """The rows at these places, in this order."""
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
        places = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths) + np.repeat(self.offsets[:-1][rows], lengths)
        return Ragged(self.values[places], offsets)

    def __ne__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]
        """(n,) whether a row differs from the other's."""
        assert isinstance(other, Ragged)
        different = self.lengths != other.lengths
        if different.any():
            pairs = enumerate(zip(self.rows(), other.rows(), strict=True))
            return np.array([different[place] or bool((a != b).any()) for place, (a, b) in pairs], dtype=np.bool_)
        return self.like(self.values != other.values).sums() > 0

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    def rows(self) -> list[NDArray[np.float64]]:
        return np.split(self.values, self.offsets[1:-1]) if len(self) else []

    def like(self, values: NDArray[np.generic]) -> "Ragged":
        """Other values in rows of the same lengths."""
        return Ragged(values.astype(np.float64), self.offsets)

    def joined(self, other: "Ragged") -> "Ragged":
        return Ragged(np.concatenate([self.values, other.values]), np.concatenate([self.offsets, other.offsets[1:] + self.offsets[-1]]))

    def at(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) the item at a place of each row."""
        return np.asarray(self.values[self.offsets[:-1] + places])

    def sums(self) -> NDArray[np.float64]:
        """(n,) sum of each row."""
        return np.add.reduceat(self.values, self.offsets[:-1]) if len(self) else np.zeros(0)

    def largest(self) -> NDArray[np.float64]:
        """(n,) the largest item of each row."""
        return np.maximum.reduceat(self.values, self.offsets[:-1]) if len(self) else np.zeros(0)

    def places_of_largest(self) -> NDArray[np.int64]:
        """(n,) the place of the largest item of each row, the first of equals."""
        found = np.flatnonzero(self.values == self.spread(self.largest()))
        first = np.searchsorted(found, self.offsets[:-1])
        return np.asarray(found[first] - self.offsets[:-1]) if len(self) else np.zeros(0, dtype=np.int64)

    def spread(self, items: NDArray[np.float64]) -> NDArray[np.float64]:
        """One item a row (n,), repeated for each of its values."""
        return np.repeat(items, self.lengths)

    def softmax(self) -> "Ragged":
        raised = self.like(np.exp(self.values - self.spread(self.largest())))
        return self.like(raised.values / raised.spread(raised.sums()))
