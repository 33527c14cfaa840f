"""Texts and places in them.

In: nothing. Out: `Source` (a file's text), `Span` (a range of it), `Files` (the only way in which the compiler reads).
Not here: the disk. `benchc.disk` implements `Files` for it, tests and editors give texts in memory.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` (inclusive) to `end` (exclusive) of the text at `path`, counted in code points from 0."""

    path: str
    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """The smallest span that holds both; `other` lies in the same file and does not start earlier."""
        return Span(self.path, self.start, max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Position:
    """A place as people count: line and column from 1, columns in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A spec's text. `path` is the path as it was asked for, with forward slashes: it is shown to people as it stands."""

    path: str
    text: str

    def span(self, start: int, end: int) -> Span:
        return Span(self.path, start, end)

    def lines(self) -> "LineIndex":
        return LineIndex.of(self.text)


@dataclass(frozen=True, slots=True)
class LineIndex:
    """Offsets at which lines start, so that many offsets of one text are turned into positions quickly."""

    starts: tuple[int, ...]

    @staticmethod
    def of(text: str) -> "LineIndex":
        starts = [0]
        at = text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        return LineIndex(tuple(starts))

    def position(self, offset: int) -> Position:
        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What a step's key holds of a file: SHA-256 of the content in hexadecimal. Size and count of newlines serve estimates."""

    sha256: str
    size_bytes: int
    newlines: int = 0


class Files(Protocol):
    """What the compiler may ask of a file system. Paths use forward slashes; errors are `OSError` and `UnicodeDecodeError`."""

    def read(self, path: str) -> str:
        """The text of a spec file, UTF-8."""
        ...

    def exists(self, path: str) -> bool: ...

    def glob(self, pattern: str) -> Sequence[str]:
        """Paths of the files that match, sorted; a pattern without `*`, `?` or `[` matches that file alone, when it exists."""
        ...

    def walk(self, folder: str) -> Sequence[str]:
        """Paths of all files below a folder, relative to it, sorted."""
        ...

    def digest(self, path: str) -> FileDigest: ...

    def package_folder(self, name: str) -> str | None:
        """The folder of an installed Python package, without importing it; None when it is not installed."""
        ...
