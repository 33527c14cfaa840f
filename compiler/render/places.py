"""Where spans are, as people and other programs count.

In: spans and the sources that they point into. Out: lines and columns from 1, columns in code points. A span into a text that could not
be read has the place 1:1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchc.compiler.source import LineIndex, Position, Source, Span


@dataclass(frozen=True, slots=True)
class Place:
    """`end` is exclusive: the position right behind the span."""

    start: Position
    end: Position


class Places:
    """Turns spans into places; lines of each source are found once."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._indexes: dict[str, LineIndex] = {}

    def of(self, span: Span) -> Place:
        if span.path not in self._sources:
            return Place(Position(1, 1), Position(1, 1))
        index = self._index(span.path)
        return Place(index.position(span.start), index.position(span.end))

    def line_text(self, path: str, line: int) -> str | None:
        """The line without its newline; None where the text is not known."""
        if path not in self._sources:
            return None
        start = self._index(path).starts[line - 1]
        return self._sources[path].text[start:].split("\n", 1)[0].removesuffix("\r")

    def offset(self, path: str, line: int) -> int:
        """Where a line begins."""
        return self._index(path).starts[line - 1]

    def _index(self, path: str) -> LineIndex:
        if path not in self._indexes:
            self._indexes[path] = self._sources[path].lines()
        return self._indexes[path]
