"""Reading data that are in the store.

In: the folders of a load and a split step. Out: `DataView`: rows of a split as a table, labels, row numbers. Nothing is copied but
the rows that are asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchc.runtime.data.divide import Numbers
from benchc.runtime.data.labels import label_text
from benchc.runtime.data.row_table import RowTable, open_rows

ORDER = ("train", "dev", "test", "all")


@dataclass(frozen=True, slots=True)
class DataView:
    """`labels`: texts of the labels of each label field, in order. `numbers`: row numbers (in rows.arrow) of each split, ascending."""

    table: RowTable
    labels: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Numbers]

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(self.numbers)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for name in self.table.fields if not name.startswith("_"))

    def row_numbers(self, split: str) -> Numbers:
        """int64, ascending; empty for a split that there is not."""
        return self.numbers.get(split, np.array([], dtype=np.int64))

    def rows(self, split: str) -> pa.Table:
        """Columns `_id` and the fields, a row for each of `row_numbers(split)`, in the same order. Labels are int32 numbers into
        `labels`, numbers float64, everything else strings."""
        return self._rows(split, ["_id", *self.fields])

    def column(self, split: str, name: str) -> pa.ChunkedArray:
        """One column of `rows(split)`, without reading the others."""
        return self._rows(split, [name])[name]

    def _rows(self, split: str, columns: Sequence[str]) -> pa.Table:
        wanted = self.row_numbers(split)
        pieces: list[pa.RecordBatch] = []
        schema = None
        first = 0
        for batch in self.table.batches(columns):
            schema = batch.schema
            start, end = np.searchsorted(wanted, (first, first + batch.num_rows))
            if end > start:
                whole = end - start == batch.num_rows
                pieces.append(batch if whole else batch.take(pa.array(wanted[start:end] - first)))
            first += batch.num_rows
        return pa.Table.from_batches(pieces, schema)


def open_data(load: Path, split: Path) -> DataView:
    table = open_rows(load)
    with pa.memory_map(str(split / "split.arrow")) as mapped, pa.ipc.open_file(mapped) as file:
        divided = file.read_all()
        rows = divided["row"].to_numpy()
        names = np.array(divided["split"].to_pylist(), dtype=object)
    present = [name for name in ORDER if (names == name).any()]
    labels = {field: tuple(label_text(label) for label in values) for field, values in table.labels.items()}
    return DataView(table, labels, {name: rows[names == name] for name in present})
