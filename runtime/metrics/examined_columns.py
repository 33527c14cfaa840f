"""The columns that `examine` adds to predictions, checked before a metric believes them.

In: the table of a predictions file. Out: for each row a tuple with an item for each answer. Raises StepFailed for columns that are not
what `examine` writes: absent ones, other types, gaps, another number of items than there are answers, sides that contradict each other.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchc.runtime.work import StepFailed

TESTED = {"passed": pa.bool_(), "outcomes": pa.string(), "details": pa.string()}  # lists of these, an item a sample
PASSED = "passed"  # the outcome of a program that did
AGAIN = "run again with an empty store (`--cache`)"


def passed_samples(table: pa.Table) -> list[tuple[bool, ...]] | None:
    """Whether each sample passed its tests; None where none were run."""
    if "passed" not in table.column_names:
        return None
    samples = table["extracted" if "extracted" in table.column_names else "generations"]
    counts = pc.list_value_length(samples).to_numpy(zero_copy_only=False)
    for name, kind in TESTED.items():
        _check(table, name, kind, counts)
    passed = table["passed"].to_pylist()
    for row, outcomes in enumerate(table["outcomes"].to_pylist()):
        if [outcome == PASSED for outcome in outcomes] != passed[row]:
            raise _broken(f"the outcomes of {_row(table, row)} do not agree with what passed")
    return [tuple(one) for one in passed]


def similarities(table: pa.Table, answers: Sequence[Sequence[Any]]) -> list[tuple[tuple[float, ...], ...]] | None:
    """Precision, recall and F1 of each of these answers; None where they were not compared."""
    if "similarity" not in table.column_names:
        return None
    _check(table, "similarity", pa.list_(pa.float64()), np.array([len(of_example) for of_example in answers], dtype=np.int64))
    each = table["similarity"].combine_chunks().flatten()
    sizes, values = (column.to_numpy(zero_copy_only=False) for column in (pc.list_value_length(each), each.flatten()))
    if (sizes != 3).any() or not np.isfinite(values.astype(np.float64)).all():
        raise _broken("the column `similarity` of the examined predictions does not hold three numbers for each answer")
    return [tuple(tuple(answer) for answer in of_example) for of_example in table["similarity"].to_pylist()]


def _check(table: pa.Table, name: str, kind: pa.DataType, counts: NDArray[np.int64]) -> None:
    """A column must hold a list of this kind, `counts` (n,) items long, none of them null."""
    if name not in table.column_names or table.schema.field(name).type != pa.list_(kind):
        raise _broken(f"the examined predictions have no column `{name}` with lists of {kind}")
    column = table[name].combine_chunks()
    if column.null_count or column.flatten().null_count:
        raise _broken(f"the column `{name}` of the examined predictions has gaps")
    strange = np.flatnonzero(pc.list_value_length(column).to_numpy(zero_copy_only=False) != counts)
    if len(strange):
        raise _broken(f"`{name}` does not say one thing of each sample of {_row(table, int(strange[0]))}")


def _row(table: pa.Table, row: int) -> str:
    return f"`{table['id'][row].as_py()}`"


def _broken(message: str) -> StepFailed:
    return StepFailed("examined_columns", message, AGAIN)
