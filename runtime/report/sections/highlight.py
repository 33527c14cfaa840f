"""Colours for a `.bench` text.

In: text, broken or not. Out: lines of escaped HTML with classes. Not here: whether the text means anything: this is a scanner, so that
a spec of any edition is shown.
"""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from benchc.runtime.report.document import SourceLine

TOKEN = re.compile(
    r"""
    (?P<doc>\#\#[^\n]*)
  | (?P<comment>\#[^\n]*)
  | (?P<string>\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z) | "(?:[^"\\\n]|\\[^\n])*"?)
  | (?P<number>(?<!\w)(?<!\w\.)-?\d[\d_]*(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?[A-Za-z%]*)
  | (?P<name>[^\W\d]\w*)
  | (?P<space>\s+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
AFTER_NAME = re.compile(r"[ \t]*(?P<next>[^\s]|\Z)?")


def highlighted(text: str, anchor: str) -> tuple[SourceLine, ...]:
    """The lines of the text; line n has the anchor `ANCHOR-n`. Joined by newlines and stripped of tags they are the text."""
    lines: list[list[Markup]] = [[]]
    for kind, words in _tokens(text):
        for at, piece in enumerate(words.split("\n")):
            if at:
                lines.append([])
            if piece:
                lines[-1].append(_coloured(kind, piece))
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    return tuple(SourceLine(f"{anchor}-{at}", at, Markup("").join(line)) for at, line in enumerate(lines, 1))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    fresh = True  # at the start of a statement
    for match in TOKEN.finditer(text):
        kind, words = match.lastgroup or "other", match.group()
        yield _name_kind(text, match.end(), fresh) if kind == "name" else kind, words
        fresh = (fresh or "\n" in words) if kind == "space" else words in ("{", ",")


def _name_kind(text: str, end: int, fresh: bool) -> str:
    """A block kind stands first in its statement and not before `=`; a key stands before `=`; a call before `(`."""
    match = AFTER_NAME.match(text, end)
    following = match.group("next") if match else None
    if following == "(":
        return "call"
    if following == "=":
        return "key"
    return "keyword" if fresh and following is not None and (following in '{"_' or following.isalpha()) else "word"


def _coloured(kind: str, words: str) -> Markup:
    if kind in ("space", "other", "word"):
        return escape(words)
    return Markup('<span class="t-{}">{}</span>').format(kind, words)
