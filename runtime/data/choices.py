"""Which of a row's choices is right.

In: the rows of a split, a task. Out: numbers of choices. Not here: reading the lists (`choice_lists`), putting them to a model (`prompts`).
"""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pyarrow as pa

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.failures import shorten
from benchc.runtime.data.view import DataView
from benchc.runtime.work import StepFailed


def right_choices(view: DataView, task: Mapping[str, Json], split: str) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The number of the right choice of each row of a split, [rows]. Raises StepFailed at a row whose answer is none of its choices."""
    counts = view.column(split, str(task["choices"])).combine_chunks()
    lengths = np.diff(counts.offsets.to_numpy())
    target = task["target"]
    if isinstance(target, Mapping):
        found = np.full(len(lengths), cast(int, target["index"]), np.int32)
    else:
        found = _numbers(view, str(target), split, counts)
    wrong = np.flatnonzero((found < 0) | (found >= lengths))
    if len(wrong):
        raise _no_choice(view, task, split, int(wrong[0]), len(wrong))
    return found


def _numbers(view: DataView, field: str, split: str, options: pa.ListArray) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """The n-th label is the n-th choice; a number counts from 0; a text is one of the choices. -1 for what is none of these."""
    values = view.column(split, field)
    match view.table.fields[field]:
        case "label":
            return np.asarray(values.to_numpy(), dtype=np.int32)
        case "number":
            numbers = values.to_numpy()
            return np.where(np.mod(numbers, 1) == 0, numbers, -1).astype(np.int32)
        case _:
            pairs = zip(values.to_pylist(), options.to_pylist(), strict=True)
            return np.array([texts.index(answer) if answer in texts else -1 for answer, texts in pairs], np.int32)


def _no_choice(view: DataView, task: Mapping[str, Json], split: str, at: int, count: int) -> StepFailed:
    row = int(view.row_numbers(split)[at])
    summary = view.table.summary
    numbers = {name: int(view.table.numbers(name)[row]) for name in ("_file", "_line")}
    files = cast("Sequence[str]", summary["files"])
    place = files[numbers["_file"]] if 0 <= numbers["_file"] < len(files) else split
    target = task["target"]
    answer = target["index"] if isinstance(target, Mapping) else _answer_text(view, str(target), split, at)
    more = f"; so have {count - 1} more rows of `{split}`" if count > 1 else ""
    message = f"{place}:{numbers['_line']}: the answer {shorten(answer)} is none of the row's choices{more}"
    return StepFailed("answer_no_choice", message, "correct the row, or leave such rows out with `where`")


def _answer_text(view: DataView, field: str, split: str, at: int) -> object:
    value = view.column(split, field)[at].as_py()
    return view.labels[field][value] if field in view.labels else value
