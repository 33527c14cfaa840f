"""Texts of data and models to the letter: what cannot be seen is made visible, and nothing acts.

In: any text. Out: escaped HTML. Two views: `verbatim` marks white space and the tokens of chat templates too, for prompts; `readable`
leaves them, for what models wrote. In both, controls, invisible characters and those that turn the direction of reading are shown by
their numbers.
"""

import re
from typing import Final

from markupsafe import Markup, escape

HIDDEN: Final = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
ROLE: Final = r"(?:system|developer|user|assistant|model|tool)"
# What the templates of the common model families put between turns, with the role behind it where one stands there.
SPECIAL: Final = (
    rf"<\|[A-Za-z0-9_ ]{{1,40}}\|>(?:{ROLE}<\|end_header_id\|>|{ROLE}(?=\n|<))?"
    rf"|<(?:start|end)_of_turn>(?:{ROLE}(?=\n))?|</?s>|<(?:bos|eos|pad|unk)>|\[/?INST\]|\[/?SYSTEM_PROMPT\]|<</?SYS>>"
)
SPACES: Final = r"[^\S\n\r\t ]| {2,}| (?=\n|\Z)|(?<=\n) "
READABLE: Final = re.compile(f"(?P<hidden>{HIDDEN})")
VERBATIM: Final = re.compile(f"(?P<special>{SPECIAL})|(?P<hidden>{HIDDEN})|(?P<end>\n)|(?P<tab>\t)|(?P<space>{SPACES})")


def readable(text: str) -> Markup:
    return _marked(text, READABLE)


def readable_with_mark(text: str, start: int, end: int) -> Markup:
    """The part from `start` to `end` in a <mark>; an empty part is a place between two characters, and has none."""
    if start >= end:
        return readable(text)
    return Markup("{}<mark>{}</mark>{}").format(readable(text[:start]), readable(text[start:end]), readable(text[end:]))


def verbatim(text: str) -> Markup:
    """For a <pre>. Line ends, tabs and spaces stay what they are when they are copied: the style sheet draws the marks."""
    return _marked(text, VERBATIM)


def _marked(text: str, pattern: re.Pattern[str]) -> Markup:
    pieces: list[Markup] = []
    done = 0
    for match in pattern.finditer(text):
        pieces += [escape(text[done : match.start()]), _shown(match.lastgroup or "", match.group())]
        done = match.end()
    return Markup("").join([*pieces, escape(text[done:])])


def _shown(kind: str, found: str) -> Markup:
    match kind:
        case "hidden":
            return Markup('<span class="code-point">U+{}</span>').format(f"{ord(found):04X}")
        case "end":
            return Markup('<span class="line-end"></span>\n')
        case "space" if found[0] != " ":
            return Markup('<span class="code-point">U+{}</span>').format(f"{ord(found):04X}")
        case _:
            return Markup('<span class="{}">{}</span>').format(kind, found)
