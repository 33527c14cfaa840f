"""Prompt templates, taken apart.

In: a text with `{field}` and `{field[0]}`; `{{` and `}}` stand for braces. Out: its parts, or where it is broken. Not here: what the
fields hold (`runtime.prompts`), whether there are such fields (`checks.prompts`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CHOICE_NAMES: Final = ("choice", "letter", "index")  # what a prompt's `choice` may hold besides fields

_PIECE: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)(?:\[(\d{1,6})\])?\}|[{}]|[^{}]+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{name}` or `{name[index]}`."""

    name: str
    index: int | None

    def __str__(self) -> str:
        return f"{{{self.name}}}" if self.index is None else f"{{{self.name}[{self.index}]}}"


@dataclass(frozen=True, slots=True)
class BrokenTemplate:
    """A brace that neither begins a placeholder nor is doubled. `at`: its place in the text."""

    at: int
    text: str


def parse_template(text: str) -> tuple[str | Placeholder, ...] | BrokenTemplate:
    """The parts of a template in order; neighbouring texts are one."""
    parts: list[str | Placeholder] = []
    for found in _PIECE.finditer(text):
        piece = found.group()
        if piece in ("{", "}"):
            return BrokenTemplate(found.start(), _near(text, found.start()))
        part = Placeholder(found[1], None if found[2] is None else int(found[2])) if found[1] else piece[:1] if piece in _DOUBLED else piece
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


_DOUBLED: Final = ("{{", "}}")


def placeholders(text: str) -> Iterator[Placeholder]:
    """The placeholders of a template; none of a broken one."""
    parts = parse_template(text)
    if not isinstance(parts, BrokenTemplate):
        yield from (part for part in parts if isinstance(part, Placeholder))


def _near(text: str, at: int) -> str:
    """What stands at a brace, short and on one line."""
    return text[at : at + 20].splitlines()[0]
