"""The rows of a finished load step, memory-mapped.

In: the folder of a load step. Out: `RowTable`: its columns batch by batch, so that a step holds only what it keeps.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.divide import Numbers
from benchc.runtime.data.identity import Digests, content_ranks, ranks
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

    def ranks(self, purpose: str, seed: int) -> Digests:
        """A number for each row by which rows stand in random order; equal rows have equal ones."""
        ids = (batch["_id"] for batch in self.batches(["_id"]))
        if self.has_content_ids:
            return np.concatenate([content_ranks(batch, purpose, seed) for batch in ids])
        return np.concatenate([ranks(batch.to_pylist(), purpose, seed) for batch in ids])

    def numbers(self, column: str) -> Numbers:
        """A column of whole numbers (`_file`, `_line`, a label)."""
        return np.concatenate([batch[column].to_numpy() for batch in self.batches([column])]).astype(np.int64)

    def codes(self, column: str) -> tuple[Numbers, list[str]]:
        """A column as numbers into a list of its values: a label field's labels, else the values that there are, sorted."""
        if column in self.labels:
            return self.numbers(column), [label_text(label) for label in self.labels[column]]
        encoded = pa.chunked_array([_encoded(batch[column]) for batch in self.batches([column])]).unify_dictionaries()
        found: list[str] = encoded.chunk(0).dictionary.to_pylist()
        values = sorted(found)
        place = {value: number for number, value in enumerate(values)}
        renumber = np.array([place[value] for value in found], dtype=np.int64)
        return renumber[np.concatenate([chunk.indices.to_numpy() for chunk in encoded.chunks])], values

    def digests(self, columns: Sequence[str]) -> Numbers:
        """A 64-bit hash of these columns for each row: equal values have equal ones."""
        return np.concatenate([_digests([batch[name].to_pylist() for name in columns]) for batch in self.batches(columns)])


def _encoded(values: pa.Array) -> pa.DictionaryArray:
    return values if pa.types.is_dictionary(values.type) else pc.dictionary_encode(values)


def _digests(columns: Sequence[Sequence[object]]) -> Numbers:
    rows = zip(*(map(str, column) for column in columns), strict=True)
    whole = b"".join([hashlib.blake2b("\0".join(row).encode(), digest_size=8).digest() for row in rows])
    return np.frombuffer(whole, dtype=np.int64)


def open_rows(load: Path) -> RowTable:
    summary = json.loads((load / "load.json").read_text(encoding="utf-8"))
    return RowTable(load / "rows.arrow", summary, {name: field["kind"] for name, field in summary["fields"].items()})
