"""Rows whose texts stand more than once, inside a split and across splits.

In: rows and their splits. Out: `Repeats`: counts, and the rows of one split that also stand in another. Two rows are equal when all
their text fields are; without text fields, when all their fields are. Labels take no part: a test text that was trained on leaks
whatever its label.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchc.runtime.data.divide import Numbers
from benchc.runtime.data.row_table import RowTable

PAIRS = (("test", "train"), ("dev", "train"), ("test", "dev"))


@dataclass(frozen=True, slots=True)
class Repeats:
    """`overlap`: for (a, b), the rows of a whose texts stand in b too. `duplicates`: rows of a split that repeat another one of it."""

    overlap: Mapping[tuple[str, str], Numbers]
    duplicates: Mapping[str, int]


def find_repeats(table: RowTable, rows: Mapping[str, Numbers]) -> Repeats:
    digests = _text_digests(table)
    overlap = {(a, b): rows[a][np.isin(digests[rows[a]], digests[rows[b]])] for a, b in PAIRS if a in rows and b in rows}
    return Repeats(overlap, {split: len(found) - len(np.unique(digests[found])) for split, found in rows.items()})


def _text_digests(table: RowTable) -> Numbers:
    texts: Sequence[str] = [name for name, kind in table.fields.items() if kind == "text"]
    fields = texts or [name for name in table.fields if not name.startswith("_")]
    digests: list[bytes] = []
    for batch in table.batches(fields):
        columns = [map(str, batch[name].to_pylist()) for name in fields]
        digests += [hashlib.blake2b("\0".join(row).encode(), digest_size=8).digest() for row in zip(*columns, strict=True)]
    return np.frombuffer(b"".join(digests), dtype=np.int64)
