"""What readers of sources are asked and what they give.

In: nothing. Out: `Request`, `Part`, `DataFile` (what to read), `Batch` (raw values of some rows). Every module of `sources/` has
`read(request) -> Iterator[Batch]`. Not here: what the values mean; `fields` converts them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.failures import BadData, BadRow, BadRows, near_names

MOST_ROWS = 65_536
MOST_CHARACTERS = 16_000_000

Values: TypeAlias = Any  # a pyarrow.Array, or a sequence of Python values


@dataclass(frozen=True, slots=True)
class DataFile:
    """`index`: its number among the files of the load step. `name`: the path as the spec spells it."""

    index: int
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Part:
    """One division of a source: "all", "train", "dev" or "test". `columns` is for parallel files alone: the files of each column."""

    split: str
    files: tuple[DataFile, ...]
    columns: Mapping[str, tuple[DataFile, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """`call`: the source's call, with defaults. `columns`: the columns that fields use. `place`: resolves a path of the spec."""

    call: Mapping[str, Json]
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    bad: BadRows
    place: Callable[[str], Path]

    def text(self, key: str) -> str:
        value = self.call[key]
        assert isinstance(value, str)
        return value

    def reject(self, file: DataFile, line: int, reason: str) -> None:
        self.bad.add(BadRow(file.name, line, reason))


@dataclass(frozen=True, slots=True)
class Batch:
    """Raw values of consecutive rows of one file: at most `MOST_ROWS`. `file` is -1 where there is none. `lines` says where each row
    starts. `column_files` names the file of each column where that differs (parallel files)."""

    split: str
    file: int
    lines: Sequence[int]
    columns: Mapping[str, Values]
    column_files: Mapping[str, int] = field(default_factory=dict)


def require_columns(wanted: Iterable[str], present: Sequence[str], where: str) -> None:
    """Raises when a wanted column is absent or stands there twice. `where` names the file or the source."""
    for column in wanted:
        found = present.count(column)
        if found == 0:
            raise missing_column(column, present, where)
        if found > 1:
            raise BadData(
                "duplicate_column", f"{where} has {found} columns named `{column}`", "give each column a name of its own", ("fields",)
            )


def missing_column(column: str, present: Sequence[str], where: str) -> BadData:
    listed = ", ".join(f"`{name}`" for name in present[:12]) + (", ..." if len(present) > 12 else "")
    message = f"{where} has no column `{column}`{near_names(column, present)}"
    return BadData(
        "missing_column", message, f"its columns are {listed}" if present else "it has no columns", ("fields", "column:" + column)
    )
