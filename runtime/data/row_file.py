"""The rows of a load step on disk: an Arrow IPC file that can be memory-mapped.

In: sound rows, batch by batch. Out: `rows.arrow`. Rows are written as they come; when it turns out at the end that equal rows need
ordinals, or that collected labels get other numbers, the file is written a second time. Not here: reading of sources.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchc.runtime.data.failures import BadData, shorten
from benchc.runtime.data.fields import TYPES, Field, Rows
from benchc.runtime.data.identity import ORDINAL_MARK, Digests, content_ids, id_digests

MOST_LISTED = 20


@dataclass(slots=True)
class RowFile:
    """A row file in the making. `splits`: all divisions, in their order. `files`: names for messages."""

    path: Path
    fields: tuple[Field, ...]
    splits: tuple[str, ...]
    files: Sequence[str]
    digests: list[Digests] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    _writer: pa.ipc.RecordBatchFileWriter | None = None

    @property
    def id_field(self) -> Field | None:
        return next((field for field in self.fields if field.kind == "id"), None)

    @property
    def schema(self) -> pa.Schema:
        places = [("_id", pa.string()), ("_split", pa.dictionary(pa.int8(), pa.string())), ("_file", pa.int16()), ("_line", pa.int32())]
        return pa.schema([*places, *((field.name, TYPES[field.kind]) for field in self.fields)])

    def write(self, rows: Rows) -> None:
        if self._writer is None:
            self._writer = pa.ipc.new_file(self.path, self.schema)
        ids, digests = self._identify(rows)
        count = len(rows.lines)
        split = self.splits.index(rows.split)
        arrays = [
            ids,
            pa.DictionaryArray.from_arrays(pa.array(np.full(count, split, dtype=np.int8)), pa.array(self.splits)),
            pa.array(np.full(count, rows.file, dtype=np.int16)),
            pa.array(rows.lines),
            *(rows.columns[field.name] for field in self.fields),
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self.schema))
        self.digests.append(digests)
        self.counts[rows.split] = self.counts.get(rows.split, 0) + count

    def finish(self, renumber: Mapping[str, np.ndarray[tuple[int], np.dtype[np.int32]]]) -> None:
        """Closes the file. `renumber` gives, for fields with collected labels, the final number of each label."""
        assert self._writer is not None
        self._writer.close()
        ordinals = self._ordinals()
        if self.id_field is not None and ordinals:
            raise self._duplicate_ids(ordinals)
        changed = {name: numbers for name, numbers in renumber.items() if not np.array_equal(numbers, np.arange(len(numbers)))}
        if ordinals or changed:
            self._write_again(ordinals, changed)

    def _identify(self, rows: Rows) -> tuple[pa.Array, Digests]:
        if self.id_field is None:
            ids, digests = content_ids(self.fields, rows.columns)
            return pa.array(ids, pa.string()), digests
        values = rows.columns[self.id_field.name]
        return values, id_digests(values.to_pylist())

    def _ordinals(self) -> dict[int, int]:
        """Of rows whose id stands before them in the same division: which one of its kind each is, from 2."""
        digests = np.concatenate(self.digests)
        order = np.argsort(digests, kind="stable")
        repeated = np.flatnonzero(digests[order][1:] == digests[order][:-1])
        suspects = np.unique(np.concatenate([order[repeated], order[repeated + 1]])) if len(repeated) else np.array([], dtype=np.int64)
        seen: dict[tuple[str, str], int] = {}
        ordinals: dict[int, int] = {}
        for row, *name in self._ids_of(suspects):
            split_and_id = (name[0], name[1])
            seen[split_and_id] = seen.get(split_and_id, 0) + 1
            if seen[split_and_id] > 1:
                ordinals[row] = seen[split_and_id]
        return ordinals

    def _ids_of(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[tuple[int, str, str]]:
        if not len(rows):
            return
        for first, batch in _read(self.path):
            inside = rows[(rows >= first) & (rows < first + batch.num_rows)]
            piece = batch.select(["_split", "_id"]).take(pa.array(inside - first))
            yield from zip(inside.tolist(), piece["_split"].to_pylist(), piece["_id"].to_pylist(), strict=True)

    def _duplicate_ids(self, ordinals: Mapping[int, int]) -> BadData:
        assert self.id_field is not None
        listed: list[str] = []
        for first, batch in _read(self.path):
            for row in (row for row in ordinals if first <= row < first + batch.num_rows):
                values = {name: batch[name][row - first].as_py() for name in ("_id", "_file", "_line")}
                place = self.files[values["_file"]] if values["_file"] >= 0 else "row"
                listed.append(f"{place}:{values['_line']}: {shorten(values['_id'])} stands above already")
        shown = "\n".join(listed[:MOST_LISTED]) + ("\n..." if len(listed) > MOST_LISTED else "")
        count = "an id stands" if len(listed) == 1 else f"{len(listed)} ids stand"
        advice = "an id names one row; use `group(...)` for what rows have in common"
        return BadData("duplicate_id", f"{count} there twice, in `{self.id_field.name}`:\n{shown}", advice, ("fields", self.id_field.name))

    def _write_again(self, ordinals: Mapping[int, int], renumber: Mapping[str, np.ndarray[tuple[int], np.dtype[np.int32]]]) -> None:
        again = self.path.with_suffix(".again")
        with pa.ipc.new_file(again, self.schema) as writer:
            for first, batch in _read(self.path):
                writer.write_batch(_with_labels(_with_ordinals(batch, first, ordinals), renumber))
        again.replace(self.path)


def _read(path: Path) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Record batches with the number of their first row."""
    first = 0
    with pa.memory_map(str(path)) as mapped, pa.ipc.open_file(mapped) as file:
        for number in range(file.num_record_batches):
            batch = file.get_batch(number)
            yield first, batch
            first += batch.num_rows


def _with_ordinals(batch: pa.RecordBatch, first: int, ordinals: Mapping[int, int]) -> pa.RecordBatch:
    inside = [row for row in range(first, first + batch.num_rows) if row in ordinals] if ordinals else []
    if not inside:
        return batch
    ids = batch["_id"].to_pylist()
    for row in inside:
        ids[row - first] += f"{ORDINAL_MARK}{ordinals[row]}"
    return batch.set_column(batch.schema.get_field_index("_id"), "_id", pa.array(ids, pa.string()))


def _with_labels(batch: pa.RecordBatch, renumber: Mapping[str, np.ndarray[tuple[int], np.dtype[np.int32]]]) -> pa.RecordBatch:
    for name, numbers in renumber.items():
        values = numbers[batch[name].to_numpy()]
        batch = batch.set_column(batch.schema.get_field_index(name), name, pa.array(values, pa.int32()))
    return batch
