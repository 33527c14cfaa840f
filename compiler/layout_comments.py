"""Which item each comment belongs to.

In: a text, its comments, and the items of a list of any kind. Out: `Placed`: comments on lines of their own before an item, behind it
on its line, behind the opening bracket, and after the last item. Not here: how they are written (`layout_text`).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from benchc.compiler.source import Span
from benchc.compiler.syntax import Comment


class Spanned(Protocol):
    @property
    def span(self) -> Span: ...


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a line of its own; `spaced` when an empty line goes before it."""

    text: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """The comments of one item. `spaced` when an empty line goes before the item itself."""

    before: tuple[Remark, ...]
    spaced: bool
    behind: str


@dataclass(frozen=True, slots=True)
class Arranged:
    """`opening` stands behind the opening bracket, `last` before the closing one."""

    opening: str
    items: tuple[Placed, ...]
    last: tuple[Remark, ...]


class Comments:
    """The comments of a text, by place."""

    def __init__(self, text: str, comments: Sequence[Comment]) -> None:
        self._text = text
        self._comments = comments
        self._starts = [comment.span.start for comment in comments]

    def between(self, start: int, end: int) -> Sequence[Comment]:
        return self._comments[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def any_between(self, start: int, end: int) -> bool:
        return bisect_left(self._starts, start) != bisect_left(self._starts, end)

    def arrange(self, items: Sequence[Spanned], start: int, end: int, inner: Sequence[Sequence[Span]]) -> Arranged:
        """Comments from `start`, behind the opening bracket, to `end`, before the closing one. `inner` holds for each item the spans
        within it that arrange their own comments; a comment elsewhere within an item goes before it. A file
        begins at 0, with no bracket."""
        opening, at = self._on_line(start, items[0].span.start if items else end) if start > 0 else ("", 0)
        placed = []
        for index, item in enumerate(items):
            before = [*self._remarks(at, item.span.start), *self._within(item.span, inner[index])]
            following = items[index + 1].span.start if index + 1 < len(items) else end
            behind, after = self._on_line(item.span.end, following)
            placed.append(Placed(tuple(before), self._spaced(item.span.start), behind))
            at = after
        return Arranged(opening, tuple(placed), tuple(self._remarks(at, end)))

    def _on_line(self, start: int, end: int) -> tuple[str, int]:
        """The comment on the line of `start`, "" when there is none, and where to look on from."""
        first = next(iter(self.between(start, end)), None)
        if first is None or "\n" in self._text[start : first.span.start]:
            return "", start
        return first.text, first.span.end

    def _remarks(self, start: int, end: int) -> list[Remark]:
        return [Remark(comment.text, self._spaced(comment.span.start)) for comment in self.between(start, end)]

    def _within(self, span: Span, inner: Sequence[Span]) -> list[Remark]:
        found = self.between(span.start, span.end)
        loose = [comment for comment in found if not any(part.start <= comment.span.start < part.end for part in inner)]
        return [Remark(comment.text, False) for comment in loose]

    def _spaced(self, start: int) -> bool:
        """Whether the line before the one on which `start` stands is empty."""
        line_start = self._text.rfind("\n", 0, start)
        if line_start < 0 or self._text[line_start + 1 : start].strip(" \t\r\ufeff"):
            return False
        before = self._text.rfind("\n", 0, line_start)
        return before >= 0 and not self._text[before + 1 : line_start].strip()
