"""A fenced block of code, as in Markdown. A text without one is code as a whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler.jsonvalue import Json

FENCES = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class Block:
    """`language` is empty when the fence names none."""

    language: str
    code: str


def code_block(settings: Mapping[str, Json]) -> Callable[[str], str | None]:
    """The first or last block, of the language where one is named; None when there are blocks and none is of it."""
    language = settings["language"]

    def extract(text: str) -> str | None:
        blocks = tuple(fenced_blocks(text))
        fitting = [block for block in blocks if language is None or block.language == str(language).lower()]
        if not blocks:
            return text
        return fitting[-1 if settings["which"] == "last" else 0].code if fitting else None

    return extract


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
        yield Block(about[0].lower() if about else "", "\n".join(lines[place + 1 : end]))
        place = end + 1


def _closing(lines: Sequence[str], start: int, fence: str) -> int:
    return next((place for place in range(start, len(lines)) if lines[place].strip() == fence), len(lines))
