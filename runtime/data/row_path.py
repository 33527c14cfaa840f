"""Columns that are paths into nested rows: `question.choices[*].text`, `answers[0]`.

In: a column's text, a row as JSON values. Out: what stands there; a list for paths with `[*]`. Not here: what a field makes of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from benchc.runtime.data.failures import BadData

ALL: Final = "[*]"
MISSING: Final = None

Value: TypeAlias = object

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|(\[\*\])")


@dataclass(frozen=True, slots=True)
class Index:
    at: int


@dataclass(frozen=True, slots=True)
class Every:
    """All items of a list."""


PathStep: TypeAlias = str | Index | Every


@lru_cache(maxsize=1024)
def parse_path(column: str) -> tuple[PathStep, ...]:
    """The steps of a path; raises when it is none."""
    steps: list[PathStep] = []
    at = 0
    while at < len(column):
        found = _STEP.match(column, at)
        if found is None:
            raise BadData(
                "wrong_column_path",
                f"`{column}` is no path into a row",
                "a path looks like `question.choices[*].text`",
                ("fields", "column:" + column),
            )
        name, index, every = found.groups()
        steps.append(Every() if every else Index(int(index)) if index is not None else name)
        at = found.end()
    return tuple(steps)


def top_column(column: str, present: Sequence[str]) -> str:
    """The column of a table that a path starts in."""
    if column in present:
        return column
    first = parse_path(column)[0]
    return first if isinstance(first, str) else column


def value_at(row: Mapping[str, Value], column: str) -> Value:
    """What stands at a path, None where there is nothing. A key that is spelled like the whole path comes first."""
    if column in row:
        return row[column]
    return _follow(row, parse_path(column))


def _follow(value: Value, steps: Sequence[PathStep]) -> Value:
    for place, step in enumerate(steps):
        match step:
            case str():
                value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
            case Index(at):
                value = value[at] if _is_list(value) and at < len(value) else MISSING  # type: ignore[arg-type, index]
            case Every():
                rest = steps[place + 1 :]
                return [_follow(item, rest) for item in value] if _is_list(value) else MISSING  # type: ignore[attr-defined]
        if value is MISSING:
            return MISSING
    return value


def _is_list(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
