"""Answers that a pattern finds: a regular expression, `\\boxed{...}`, a choice's letter, the first line."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json
from benchc.runtime.work import StepFailed

Settings: TypeAlias = Mapping[str, Json]
Extraction: TypeAlias = Callable[[str], str | None]

BOX = "\\boxed"


def regex(settings: Settings) -> Extraction:
    """What the `group` of the first or last place that fits holds, without white space at its ends; None when it takes no part."""
    pattern, group = _compiled(str(settings["pattern"])), settings["group"]
    assert isinstance(group, int)
    if group > pattern.groups:
        raise StepFailed("no_such_group", f"`{pattern.pattern}` has {pattern.groups} groups, and group {group} is asked for")

    def extract(text: str) -> str | None:
        found = list(pattern.finditer(text)) if settings["which"] == "last" else list(_first(pattern, text))
        answer = found[-1].group(group) if found else None
        return None if answer is None else answer.strip()

    return extract


def boxed(settings: Settings) -> Extraction:
    """What the last `\\boxed{...}` whose braces close holds."""

    def extract(text: str) -> str | None:
        starts = [match.end() for match in re.finditer(re.escape(BOX) + r"\s*\{", text)]
        return next((inside for start in reversed(starts) if (inside := _inside_braces(text, start)) is not None), None)

    return extract


def choice_letter(settings: Settings) -> Extraction:
    """A letter that stands for a choice.

    The text is nothing but a letter; else a letter in parentheses or before `.`, `)` or `:`; else one that stands alone, which may be an
    article. Capitals, unless the text is nothing else.
    """
    count = settings["letters"]
    assert isinstance(count, int)
    letters = "".join(chr(ord("A") + place) for place in range(count))
    alone = re.compile(rf"\s*\(?([{letters}])[).:]{{0,2}}\s*", re.IGNORECASE)
    marked = re.compile(rf"(?<!\w)(?:\(([{letters}])\)|([{letters}])(?=[).:](?!\w)))")
    bare = re.compile(rf"(?<![\w'’])([{letters}])(?![\w'’])")

    def extract(text: str) -> str | None:
        whole = alone.fullmatch(text)
        if whole:
            return whole.group(1).upper()
        found = [one or other for one, other in marked.findall(text)] or bare.findall(text)
        return found[-1 if settings["which"] == "last" else 0] if found else None

    return extract


def first_line(settings: Settings) -> Extraction:
    """The first line that is not blank."""
    return lambda text: next((line.strip() for line in text.splitlines() if line.strip()), None)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise StepFailed("bad_pattern", f"`{pattern}` is no regular expression: {error}") from error


def _first(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str], ...]:
    found = pattern.search(text)
    return () if found is None else (found,)


def _inside_braces(text: str, start: int) -> str | None:
    """From behind an opening brace to the one that closes it."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place].strip()
    return None
