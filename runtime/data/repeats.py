"""Rows whose texts stand more than once, inside a split and across splits.

In: rows and their splits. Out: `Repeats`: counts, and the rows of one split that also stand in another. Two rows are equal when all
their text fields are; without text fields, when all their fields are. Labels take no part: a test text that was trained on leaks
whatever its label.
"""

from collections.abc import Mapping
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
    digests = table.digests(compared_fields(table))
    sorted_digests = {split: np.sort(digests[found]) for split, found in rows.items()}
    overlap = {(a, b): rows[a][_stand_in(digests[rows[a]], sorted_digests[b])] for a, b in PAIRS if a in rows and b in rows}
    return Repeats(overlap, {split: int((found[1:] == found[:-1]).sum()) for split, found in sorted_digests.items()})


def _stand_in(values: Numbers, others: Numbers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which values stand among the others, which are sorted and at least one."""
    places = np.minimum(np.searchsorted(others, values), len(others) - 1)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = others[places] == values
    return found


def compared_fields(table: RowTable) -> list[str]:
    """The fields that make two rows equal."""
    texts = [name for name, kind in table.fields.items() if kind == "text"]
    return texts or [name for name in table.fields if not name.startswith("_")]
