"""Taking the answer out of what a model wrote.

In: a call of the family `extract` in canonical JSON. Out: an `Extraction`, from a text to the answer in it, None where there is none. One
factory for each name; a test keeps them and the catalog equal.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json
from benchc.runtime.extraction.code_block import code_block
from benchc.runtime.extraction.json_path import json_path
from benchc.runtime.extraction.number import number
from benchc.runtime.extraction.patterns import boxed, choice_letter, first_line, regex

Extraction: TypeAlias = Callable[[str], str | None]
Settings: TypeAlias = Mapping[str, Json]


def whole_text(settings: Settings) -> Extraction:
    """The text without white space at its ends."""
    return str.strip


EXTRACTIONS: Mapping[str, Callable[[Settings], Extraction]] = {
    "none": whole_text,
    "number": number,
    "regex": regex,
    "boxed": boxed,
    "choice_letter": choice_letter,
    "json_path": json_path,
    "first_line": first_line,
    "code_block": code_block,
}


def extraction(call: Settings | None) -> Extraction:
    """What a call does; no call leaves the text as it is. Raises StepFailed for a pattern or a path that cannot be read."""
    return (lambda text: text) if call is None else EXTRACTIONS[str(call["call"])](call)
