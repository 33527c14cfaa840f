"""Rows as prompts see them: every field as a text, or as a list of choices.

In: the rows of a split. Out: `PromptRow`s, one at a time. Not here: templates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchc.compiler.jsonvalue import Json, canonical
from benchc.runtime.data.choices import right_choices
from benchc.runtime.data.identity import ORDINAL_MARK
from benchc.runtime.data.view import DataView
from benchc.runtime.seeds import row_hashes


@dataclass(frozen=True, slots=True)
class PromptRow:
    """`number`: in rows.arrow. `answer`: the number of the right choice or label; None where the task has none."""

    number: int
    id: str
    values: Mapping[str, str | tuple[str, ...]]
    answer: int | None

    @property
    def content_id(self) -> str:
        """The id without the ordinal that tells equal rows apart."""
        return self.id.partition(ORDINAL_MARK)[0]


@dataclass(frozen=True)
class SplitRows:
    """The rows of a split, made when they are asked for. `task` in canonical JSON."""

    view: DataView
    split: str
    task: Mapping[str, Json]
    numbers: npt.NDArray[np.int64] = field(init=False)
    table: pa.Table = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", self.view.row_numbers(self.split))
        object.__setattr__(self, "table", self.view.rows(self.split))

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[PromptRow]:
        return (self[at] for at in range(len(self)))

    def __getitem__(self, at: int) -> PromptRow:
        values = {name: self._value(name, at) for name in self.view.fields}
        answers = self.answers
        return PromptRow(int(self.numbers[at]), self.table["_id"][at].as_py(), values, None if answers is None else int(answers[at]))

    @cached_property
    def answers(self) -> npt.NDArray[np.int32] | None:
        """The number of each row's right choice, or label."""
        if self.task["kind"] == "multiple_choice":
            return right_choices(self.view, self.task, self.split)
        target = self.task["target"]
        if isinstance(target, str) and target in self.view.labels:
            return np.asarray(self.table[target].to_numpy(), np.int32)
        return None

    @cached_property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """By which rows are drawn: equal rows have equal ones."""
        ids = pa.chunked_array([pa.array([name.partition(ORDINAL_MARK)[0] for name in self.table["_id"].to_pylist()], pa.string())])
        return row_hashes(ids)

    def _value(self, name: str, at: int) -> str | tuple[str, ...]:
        value = self.table[name][at].as_py()
        if name in self.view.labels:
            return self.view.labels[name][int(value)]
        if isinstance(value, list):
            return tuple(value)
        return value if isinstance(value, str) else "" if value is None else canonical(value)
