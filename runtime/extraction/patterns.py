"""Answers that a pattern finds: a regular expression, `\\boxed{...}`, a choice's letter, the first line."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json
from benchc.runtime.extraction.found import Finding, Found, stripped
from benchc.runtime.work import StepFailed

Settings: TypeAlias = Mapping[str, Json]

BOX = "\\boxed"


def regex(settings: Settings) -> Finding:
    """What the `group` of the first or last place that fits holds, without white space at its ends; None when it takes no part."""
    pattern, group = _compiled(str(settings["pattern"])), settings["group"]
    assert isinstance(group, int)
    if group > pattern.groups:
        raise StepFailed("no_such_group", f"`{pattern.pattern}` has {pattern.groups} groups, and group {group} is asked for")

    def find(text: str) -> Found | None:
        found = list(pattern.finditer(text)) if settings["which"] == "last" else list(_first(pattern, text))
        if not found or found[-1].group(group) is None:
            return None
        return stripped(text, *found[-1].span(group))

    return find


def boxed(settings: Settings) -> Finding:
    """What the last `\\boxed{...}` whose braces close holds."""

    def find(text: str) -> Found | None:
        starts = [match.end() for match in re.finditer(re.escape(BOX) + r"\s*\{", text)]
        return next((stripped(text, start, end) for start in reversed(starts) if (end := _end_of_braces(text, start)) is not None), None)

    return find


def choice_letter(settings: Settings) -> Finding:
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

    def find(text: str) -> Found | None:
        whole = alone.fullmatch(text)
        if whole:
            return Found(whole.group(1).upper(), *whole.span(1))
        found = list(marked.finditer(text)) or list(bare.finditer(text))
        if not found:
            return None
        match = found[-1 if settings["which"] == "last" else 0]
        group = match.lastindex or 0  # the one of the groups that takes part
        return Found(match.group(group), *match.span(group))

    return find


def first_line(settings: Settings) -> Finding:
    """The first line that is not blank."""

    def find(text: str) -> Found | None:
        start = 0
        for line in text.splitlines(keepends=True):
            if line.strip():
                return stripped(text, start, start + len(line))
            start += len(line)
        return None

    return find


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise StepFailed("bad_pattern", f"`{pattern}` is no regular expression: {error}") from error


def _first(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str], ...]:
    found = pattern.search(text)
    return () if found is None else (found,)


def _end_of_braces(text: str, start: int) -> int | None:
    """From behind an opening brace: where the one stands that closes it."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return None
