"""Prompts as the terminal shows them.

In: previews of prompts. Out: lines, or JSON values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchc.runtime.prompts.preview import Preview

RULE = "─"
WIDTH = 78
MOST_CELLS = 3


def preview_lines(previews: "Iterable[Preview]") -> Iterator[str]:
    for one in previews:
        cells = ", ".join(one.cells[:MOST_CELLS]) + (f" and {len(one.cells) - MOST_CELLS} more" if len(one.cells) > MOST_CELLS else "")
        yield f"{RULE * 2} {cells}: prompt {one.number} of {one.count:,}, example {one.example}, {_size(one)}"
        yield from _notes(one)
        yield one.text
        yield from continuation_lines(one.continuations)
        yield RULE * WIDTH


def _size(one: "Preview") -> str:
    """Tokens; characters where only the model's server can count those."""
    return f"{len(one.text):,} characters" if one.tokens is None else f"{one.tokens:,} tokens"


def _notes(one: "Preview") -> Iterator[str]:
    if one.shots:
        yield f"   shots: {', '.join(one.shots)}"
    if one.shots_dropped:
        yield f"   {one.shots_dropped} shots dropped: the prompt was too long"
    if one.cut_tokens:
        yield f"   {one.cut_tokens} tokens cut: the prompt was too long"


def continuation_lines(continuations: Iterable[str]) -> Iterator[str]:
    yield from (f"   continued by {text!r}" for text in continuations)


def preview_json(previews: "Iterable[Preview]") -> list[dict[str, Any]]:
    return [asdict(one) for one in previews]
