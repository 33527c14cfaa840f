"""Text to tokens.

In: `Source`. Out: `Lexed`: tokens with newlines and commas as they stand, comments, doc comments by the token that they precede, and
problems with single characters. Never fails: what cannot be a token is reported, and read as what was probably meant.
Not here: what newlines and commas mean (`layout`), the value of a literal (`literals`).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from benchc.compiler.problems import Problem
from benchc.compiler.source import Source
from benchc.compiler.stray import Stray, forbidden_characters, read_stray
from benchc.compiler.syntax import Comment
from benchc.compiler.tables import load_tables

Token: TypeAlias = tuple[str, int, int]
"""Kind (a terminal of the grammar, NEWLINE or ONE_COMMA), start, end."""

NEWLINE: Final = "NEWLINE"
ONE_COMMA: Final = "ONE_COMMA"
WORDS: Final = ("TRUE", "FALSE", "EXTENDS", "AS")

# Where two of them could begin at one place, the longer goes first.
_ORDER: Final = (
    *WORDS,
    *("NAME", "OPERATOR", "EQUALS", "STRING", "NUMBER", "LEFT_PARENTHESIS", "RIGHT_PARENTHESIS", "LEFT_BRACKET", "RIGHT_BRACKET"),
    *("LEFT_BRACE", "RIGHT_BRACE", "COLON", "RANGE", "DOT"),
)


@dataclass(frozen=True, slots=True)
class Lexed:
    """`docs` maps the start of a token to the text of the `##` comments on the lines before it."""

    tokens: list[Token]
    comments: list[Comment]
    docs: dict[int, str]
    problems: list[Problem]


def lex(source: Source) -> Lexed:
    lexed = Lexed([], [], {}, forbidden_characters(source))
    tokens, text = lexed.tokens, source.text
    emit = tokens.append
    docs: list[str] = []
    position = 1 if text.startswith("\ufeff") else 0
    scan = _pattern().match
    while (match := scan(text, position)) is not None:
        kind = match.lastgroup or ""
        start, position = match.span(kind)
        if kind == NEWLINE:
            emit((NEWLINE, start, position))
        elif kind == "COMMENT":
            _comment(lexed, source, start, position, docs)
        elif kind == "STRAY":
            position = _stray(lexed, source, start)
        else:
            if docs:
                lexed.docs[start] = "\n".join(docs)
                docs.clear()
            emit((kind, start, position))
    return lexed


def _comment(lexed: Lexed, source: Source, start: int, end: int, docs: list[str]) -> None:
    """Keeps a comment. One of `##` that has its line to itself is also a line of doc for the next token."""
    text = source.text[start:end].rstrip()
    lexed.comments.append(Comment(text, source.span(start, start + len(text))))
    own_line = not lexed.tokens or lexed.tokens[-1][0] == NEWLINE
    if own_line and text.startswith("##") and not text.startswith("###"):
        docs.append(text[2:].removeprefix(" "))


def _stray(lexed: Lexed, source: Source, start: int) -> int:
    """Reads what begins no token. Where it goes on from a name or number just before (`creative-work`), both are one thing."""
    before = lexed.tokens[-1] if lexed.tokens else None
    begin = before[1] if before is not None and before[2] == start and before[0] in ("NAME", "NUMBER", *WORDS) else start
    stray: Stray = read_stray(source, begin, start)
    if stray.start < start:
        lexed.tokens.pop()
    lexed.problems.extend(stray.problems)
    if stray.kind:
        lexed.tokens.append((stray.kind, stray.start, stray.end))
    return stray.onward


@lru_cache(maxsize=1)
def _pattern() -> "re.Pattern[str]":
    """Blanks, then one token. Comments and newlines are not in the grammar: the first are kept by span, the second are `layout`'s."""
    terminals = load_tables().terminals
    groups = [f"(?P<{name}>{_whole_word(terminals[name]) if name in WORDS else terminals[name]})" for name in _ORDER]
    groups.insert(0, rf"(?P<{NEWLINE}>\n[ \t\r\n]*)|(?P<{ONE_COMMA}>,)")
    return re.compile(rf"[ \t\r]*(?:{'|'.join(groups)}|(?P<COMMENT>\#[^\n]*)|(?P<STRAY>[^ \t\r\n]))")


def _whole_word(pattern: str) -> str:
    return pattern + "(?![A-Za-z0-9_])"
