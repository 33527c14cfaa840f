"""Token ids of many texts, flat in memory, and batches padded from them.

In: the folder of an encode step. Out: `TokenTable`, `TokenBatch`. The file holds one split after the other, each record batch rows of
one split.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from benchc.runtime.models.encoded import JOINED, TOKENS, TYPES

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenTable:
    """`ids` int32 of all texts behind each other, text i at offsets[i] to offsets[i + 1]; `types` int8 alike, or None."""

    ids: npt.NDArray[np.int32]
    offsets: Ints
    types: npt.NDArray[np.int8] | None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        return np.diff(self.offsets)

    def text(self, row: int) -> bytes:
        """All of a text that a model sees, to find equal ones."""
        start, end = self.offsets[row], self.offsets[row + 1]
        types = b"" if self.types is None else self.types[start:end].tobytes()
        return self.ids[start:end].tobytes() + types


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Tensors [texts, longest]: `ids` int64, `types` int64 or None, `mask` bool, None when all texts are equally long."""

    ids: torch.Tensor
    types: torch.Tensor | None
    mask: torch.Tensor | None

    def to(self, device: torch.device) -> "TokenBatch":
        def move(tensor: torch.Tensor | None) -> torch.Tensor | None:
            return None if tensor is None else tensor.to(device, non_blocking=True)

        return TokenBatch(self.ids.to(device, non_blocking=True), move(self.types), move(self.mask))


def read_tokens(folder: Path, split: str, column: str = JOINED) -> TokenTable:
    """The tokens of one split, in the rows' order. Raises KeyError when the file has no such column."""
    ids: list[npt.NDArray[np.int32]] = []
    types: list[npt.NDArray[np.int8]] = []
    lengths: list[Ints] = []
    for batch in _batches_of(folder, split):
        lists = batch.column(column)
        ids.append(lists.flatten().to_numpy())
        lengths.append(np.diff(lists.offsets.to_numpy()).astype(np.int64))
        if column == JOINED and TYPES in batch.schema.names:
            types.append(batch.column(TYPES).flatten().to_numpy())
    offsets = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
    flat = np.concatenate(ids) if ids else np.zeros(0, np.int32)
    return TokenTable(flat, offsets, np.concatenate(types) if types else None)


def pad(table: TokenTable, rows: Ints, pad_id: int) -> TokenBatch:
    """These rows as one batch, padded on the right to the longest of them."""
    lengths = table.lengths[rows]
    longest = int(lengths.max())
    inside = np.arange(longest) < lengths[:, None]
    places = table.offsets[rows][:, None] + np.arange(longest)
    places[~inside] = 0
    full = bool(inside.all())
    ids = np.where(inside, table.ids[places], pad_id).astype(np.int64)
    types = None if table.types is None else np.where(inside, table.types[places], 0).astype(np.int64)
    return TokenBatch(
        torch.from_numpy(ids),
        None if types is None else torch.from_numpy(types),
        None if full else torch.from_numpy(inside),
    )


def distinct(table: TokenTable) -> tuple[Ints, Ints]:
    """The first row of each distinct text, and for each row the place of its text among those."""
    seen: dict[bytes, int] = {}
    first: list[int] = []
    place = np.empty(len(table), np.int64)
    for row in range(len(table)):
        at = seen.setdefault(table.text(row), len(first))
        if at == len(first):
            first.append(row)
        place[row] = at
    return np.asarray(first, np.int64), place


def _batches_of(folder: Path, split: str) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(folder / TOKENS)) as source:
        reader = pa.ipc.open_file(source)
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            if len(batch) and batch.column("split")[0].as_py() == split:
                yield batch
