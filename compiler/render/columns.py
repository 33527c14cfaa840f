"""Text in the columns of a terminal.

In: a line of a source. Out: the part of it that is shown, and at which columns its characters stand: tabs are as wide as they look,
East Asian wide characters take two columns, combining ones none, and what a terminal would act on is shown as a sign.
"""

import unicodedata
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

TAB: Final = 4
_CUT: Final = "…"
_BEFORE: Final = 24
"""Columns that stay to the left of a mark when a line is cut."""

_HIDDEN_CATEGORIES: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a line that is shown. `starts[i]` is the column of the line's i-th character before cutting; one more for its end."""

    text: str
    starts: tuple[int, ...]
    shift: int
    width: int

    def columns(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of the line are in `text`; at its border where they were cut off."""
        last = len(self.starts) - 1
        first = self.starts[min(start, last)] - self.shift
        behind = self.starts[min(end, last)] - self.shift
        return min(max(first, 0), self.width), min(max(behind, 0), self.width)


def cut(line: str, start: int, end: int, width: int) -> Cut:
    """As much of the line around characters `start` to `end` as `width` columns hold."""
    cells = expand(line)
    starts = tuple(accumulate((columns for _, columns in cells), initial=0))
    if starts[-1] <= width:
        return Cut("".join(text for text, _ in cells), starts, 0, starts[-1] + 1)
    mark = starts[min(start, len(cells))]
    left = 0 if starts[min(end, len(cells))] < width - 1 else max(0, min(mark - _BEFORE, starts[-1] - width + 1))
    begin = next(index for index, column in enumerate(starts) if column >= left)
    shift = starts[begin] - (1 if begin else 0)
    stop = next((index for index in range(len(cells), begin, -1) if starts[index] - shift <= width - 1), begin)
    shown = "".join(text for text, _ in cells[begin:stop])
    text = (_CUT if begin else "") + shown + (_CUT if stop < len(cells) else "")
    return Cut(text, starts, shift, starts[stop] - shift + 1)


def expand(line: str) -> list[tuple[str, int]]:
    """What is shown for each character, and how many columns it takes."""
    cells = []
    column = 0
    for character in line:
        text = " " * (TAB - column % TAB) if character == "\t" else _sign(character)
        columns = sum(map(_columns, text))
        cells.append((text, columns))
        column += columns
    return cells


def visible(text: str, *, newlines: bool = False) -> str:
    """Text of a message, with what a terminal would act on shown as escapes."""
    kept = "\n" if newlines else ""
    return "".join(
        character if character in kept or unicodedata.category(character) not in _HIDDEN_CATEGORIES else f"\\u{ord(character):04x}"
        for character in text
    )


def _sign(character: str) -> str:
    return "\ufffd" if unicodedata.category(character) in _HIDDEN_CATEGORIES else character


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
