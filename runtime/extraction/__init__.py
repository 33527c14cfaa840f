"""Taking the answer out of what a model wrote.

In: a call of the family `extract` in canonical JSON. Out: an `Extraction`, from a text to the answer in it, or a `Finding`, which also says
where that stands; None where there is none. One factory for each name; a test keeps them and the catalog equal.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json
from benchc.runtime.extraction.code_block import code_block
from benchc.runtime.extraction.found import Finding, Found, stripped
from benchc.runtime.extraction.json_path import json_path
from benchc.runtime.extraction.number import number
from benchc.runtime.extraction.patterns import boxed, choice_letter, first_line, regex

Extraction: TypeAlias = Callable[[str], str | None]
Settings: TypeAlias = Mapping[str, Json]


def whole_text(settings: Settings) -> Finding:
    """The text without white space at its ends."""
    return lambda text: stripped(text, 0, len(text))


EXTRACTIONS: Mapping[str, Callable[[Settings], Finding]] = {
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
    find = finding(call)

    def extract(text: str) -> str | None:
        found = find(text)
        return None if found is None else found.answer

    return extract


def finding(call: Settings | None) -> Finding:
    """The same, with the place of the answer."""
    return (lambda text: Found(text, 0, len(text))) if call is None else EXTRACTIONS[str(call["call"])](call)
