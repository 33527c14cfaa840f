"""The texts of a split, read from Arrow some rows at a time, any number of times.

In: a table and field names. Out: iterators of Python strings that are never all in memory at once. A missing text is an empty one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

BATCH_ROWS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """One column of texts, [rows]."""

    column: pa.ChunkedArray

    def __len__(self) -> int:
        return len(self.column)

    def __iter__(self) -> Iterator[str]:
        for batch in self.batches():
            yield from batch

    def batches(self, rows: int = BATCH_ROWS) -> Iterator[list[str]]:
        for start in range(0, len(self.column), rows):
            yield [text or "" for text in self.column.slice(start, rows).to_pylist()]


def text_fields(table: pa.Table, fields: tuple[str, ...]) -> tuple[Texts, ...]:
    """The texts of each field."""
    return tuple(Texts(table.column(name)) for name in fields)
