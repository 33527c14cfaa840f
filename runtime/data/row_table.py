"""The rows of a finished load step, memory-mapped.

In: the folder of a load step. Out: `RowTable`: its columns batch by batch, so that a step holds only what it keeps.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.labels import label_text


@dataclass(frozen=True, slots=True)
class RowTable:
    """`summary` is load.json. `fields` gives the kind of each field (text, label, number, id, group)."""

    path: Path
    summary: Mapping[str, Any]
    fields: Mapping[str, str]

    @property
    def labels(self) -> Mapping[str, Sequence[Json]]:
        labels: Mapping[str, Sequence[Json]] = self.summary["labels"]
        return labels

    @property
    def has_content_ids(self) -> bool:
        return self.summary["id"] is None

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(self.path)) as mapped, pa.ipc.open_file(mapped) as file:
            for number in range(file.num_record_batches):
                batch = file.get_batch(number)
                yield batch if columns is None else batch.select(list(columns))

    def strings(self, column: str) -> list[str]:
        """A column of strings; labels as their texts, other values written out."""
        known = [label_text(label) for label in self.labels[column]] if column in self.labels else None
        found: list[str] = []
        for batch in self.batches([column]):
            values = batch[column].to_pylist()
            found += values if known is None else [known[number] for number in values]
        return found

    def numbers(self, column: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """A column of whole numbers (`_file`, `_line`, a label)."""
        return np.concatenate([batch[column].to_numpy() for batch in self.batches([column])]).astype(np.int64)

    def codes(self, column: str) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[str]]:
        """A column as numbers into the sorted list of its values."""
        values = np.array(self.strings(column), dtype=object)
        found, codes = np.unique(values, return_inverse=True)
        return codes.astype(np.int64), found.tolist()


def open_rows(load: Path) -> RowTable:
    summary = json.loads((load / "load.json").read_text(encoding="utf-8"))
    return RowTable(load / "rows.arrow", summary, {name: field["kind"] for name, field in summary["fields"].items()})
