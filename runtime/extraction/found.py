"""What an extraction finds: an answer, and where in the text it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Found:
    """`answer` was made of `text[start:end]`; it need not be equal to that (`1,200.00` gives `1200`)."""

    answer: str
    start: int
    end: int


Finding: TypeAlias = Callable[[str], Found | None]


def stripped(text: str, start: int, end: int) -> Found:
    """The answer that is `text[start:end]` without white space at its ends."""
    part = text[start:end]
    answer = part.strip()
    first = start + len(part) - len(part.lstrip()) if answer else start
    return Found(answer, first, first + len(answer))
