"""A fenced block of code, as in Markdown. A text without one is code as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler.jsonvalue import Json
from benchc.runtime.extraction.found import Finding, Found

FENCES = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class Block:
    """`language` is empty when the fence names none. `start`: where the code begins in the text."""

    language: str
    code: str
    start: int


def code_block(settings: Mapping[str, Json]) -> Finding:
    """The first or last block, of the language where one is named; None when there are blocks and none is of it."""
    language = settings["language"]

    def find(text: str) -> Found | None:
        blocks = tuple(fenced_blocks(text))
        fitting = [block for block in blocks if language is None or block.language == str(language).lower()]
        if not blocks:
            return Found(text, 0, len(text))
        if not fitting:
            return None
        chosen = fitting[-1 if settings["which"] == "last" else 0]
        return Found(chosen.code, chosen.start, chosen.start + len(chosen.code))

    return find


def fenced_blocks(text: str) -> Iterator[Block]:
    """In order; one that is not closed goes to the end of the text."""
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        fence = next((fence for fence in FENCES if lines[place].lstrip().startswith(fence)), None)
        if fence is None:
            place += 1
            continue
        end = _closing(lines, place + 1, fence)
        about = lines[place].strip().strip("`~").split()
        start = min(sum(len(line) + 1 for line in lines[: place + 1]), len(text))
        yield Block(about[0].lower() if about else "", "\n".join(lines[place + 1 : end]), start)
        place = end + 1


def _closing(lines: Sequence[str], start: int, fence: str) -> int:
    return next((place for place in range(start, len(lines)) if lines[place].strip() == fence), len(lines))
