"""Characters that begin no token.

In: a place in a text. Out: `Stray`: how far the fault goes, what was probably meant, and the problem that says so.
Each fault is read as the token that the author most likely meant, so that one wrong character gives one problem.
"""

import re
from dataclasses import dataclass
from typing import Final

from benchc.compiler.problems import Edit, Help, Problem, error
from benchc.compiler.source import Source, Span


@dataclass(frozen=True, slots=True)
class Stray:
    """`kind` is the token as which `start` to `end` is read, "" when it is passed over. Reading goes on at `onward`."""

    kind: str
    start: int
    end: int
    onward: int
    problems: tuple[Problem, ...]


_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)|(?<!^)\ufeff")
_WORD: Final = re.compile(r"[\w-]+")
_DIGITS: Final = re.compile(r"(?:(?!\.\.)[\w.%])+")
_PATH: Final = re.compile(r"[^\s,()\[\]{}\"=]+")
_PARAM: Final = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_REST_OF_STRING: Final = re.compile(r"""["'“”‘’«»「」`][^\n]*?(?=[\s,)\]}]*(?:\#[^\n]*)?(?:\n|\Z))""")
_LINE_START: Final = re.compile(r"\n([ \t]*)(?=\S)")
_QUOTES: Final = {"'": "'", "“": "”", "‘": "’", "«": "»", "「": "」", "`": "`", "”": "”", "’": "’"}
_LOOKALIKES: Final = {
    ";": ("ONE_COMMA", ","),
    "，": ("ONE_COMMA", ","),
    "、": ("ONE_COMMA", ","),
    "；": ("ONE_COMMA", ","),
    "：": ("COLON", ":"),
    "＝": ("EQUALS", "="),
    "（": ("LEFT_PARENTHESIS", "("),
    "）": ("RIGHT_PARENTHESIS", ")"),
    "［": ("LEFT_BRACKET", "["),
    "］": ("RIGHT_BRACKET", "]"),
    "【": ("LEFT_BRACKET", "["),
    "】": ("RIGHT_BRACKET", "]"),
    "｛": ("LEFT_BRACE", "{"),
    "｝": ("RIGHT_BRACE", "}"),
    "．": ("DOT", "."),
    "≥": ("OPERATOR", ">="),
    "≤": ("OPERATOR", "<="),
    "≠": ("OPERATOR", "!="),
}


def forbidden_characters(source: Source) -> list[Problem]:
    """Control characters and those that turn the direction of writing, wherever they stand; one problem a line."""
    problems: list[Problem] = []
    reported_to = -1
    for match in _FORBIDDEN.finditer(source.text):
        if match.start() >= reported_to:
            problems.append(_forbidden(source, match.start()))
            reported_to = _line_end(source.text, match.start())
    return problems


def read_stray(source: Source, begin: int, start: int) -> Stray:
    """What stands at `start`. `begin` is earlier where the text goes on from a name or number that was read already."""
    text = source.text
    character = text[start]
    if _FORBIDDEN.match(text, start):
        return Stray("", start, start + 1, start + 1, ())
    if character == '"':
        return _unclosed_block(source, start) if text.startswith('"""', start) else _unclosed(source, start)
    if character.isalpha() or (character == "-" and begin < start):
        return _name(source, begin)
    if character.isdigit() or (character == "_" and begin < start):
        return _number(source, begin)
    if text.startswith(("//", "/*"), start):
        return _comment(source, start)
    if character in _QUOTES:
        return _quotes(source, start)
    if character in _LOOKALIKES:
        return _lookalike(source, start)
    if match := _PARAM.match(text, start):
        return _param(source, match)
    return _other(source, start)


def _forbidden(source: Source, at: int) -> Problem:
    character = source.text[at]
    turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    what = "a character that turns the direction of writing" if turns else "a control character"
    advice = Help(f"remove it; inside of text it can be written as `\\u{ord(character):04x}`")
    return error("control_character", f"{what} (U+{ord(character):04X})", source.span(at, at + 1), advice)


def _unclosed(source: Source, start: int) -> Stray:
    advice = Help('close it with `"` on the same line; text of several lines stands between `"""`')
    return _read_as("STRING", source.span(start, _end_of_rest(source.text, start)), "unclosed_string", "the text is not closed", advice)


def _unclosed_block(source: Source, start: int) -> Stray:
    """Text between three quotes that has no end: it is taken to end where a line is indented no further than the line it began on."""
    text = source.text
    indent = _indent(text, start)
    end = next((match.start() for match in _LINE_START.finditer(text, start) if len(match[1]) <= indent), len(text))
    last = max(start + 3, len(text[:end].rstrip()))
    several = "\n" in text[start:last]
    place = _after_line(source, last) if several else source.span(start, start + 3)
    advice = Help('close it with `"""` on a line of its own' if several else 'close it with `"""`')
    return Stray("STRING", start, last, last, (error("unclosed_string", 'the text that `"""` begins is not closed', place, advice),))


def _name(source: Source, begin: int) -> Stray:
    span = _run(source, _WORD, begin)
    written = source.text[span.start : span.end]
    plain = re.sub(r"\W", "_", written)
    options = f'quote it where it is text: `"{written}"`'
    advice = Help(f"names are letters a to z, digits and `_`; {f'write `{plain}`, or ' if plain.isascii() else ''}{options}")
    return _read_as("NAME", span, "bad_name", f"`{written}` is not a name", advice)


def _number(source: Source, begin: int) -> Stray:
    span = _run(source, _DIGITS, begin)
    advice = Help("numbers look like `10`, `1_000`, `0.5`, `2e-5`, `80%`, `10k`")
    return _read_as("NUMBER", span, "bad_number", f"`{source.text[span.start : span.end]}` is not a number", advice)


def _comment(source: Source, start: int) -> Stray:
    mark = source.span(start, start + 2)
    problem = error(
        "stray_character",
        f"`{source.text[start : start + 2]}` begins no comment",
        mark,
        Help("a comment begins with `#`", (Edit(mark, "#"),)),
    )
    end = _line_end(source.text, start)
    return Stray("", start, end, end, (problem,))


def _quotes(source: Source, start: int) -> Stray:
    text = source.text
    close = text.find(_QUOTES[text[start]], start + 1, _line_end(text, start))
    end = close + 1 if close >= 0 else _end_of_rest(text, start)
    sure = close >= 0 and '"' not in text[start:end]
    edits = (Edit(source.span(start, start + 1), '"'), Edit(source.span(close, end), '"')) if sure else ()
    mark = "a backtick" if text[start] == "`" else f"`{text[start]}`"
    advice = Help('text stands between double quotes, `"`', edits)
    return _read_as("STRING", source.span(start, end), "wrong_quotes", f"text begins with {mark}", advice)


def _lookalike(source: Source, start: int) -> Stray:
    kind, meant = _LOOKALIKES[source.text[start]]
    span = source.span(start, start + 1)
    return _read_as(
        kind, span, "stray_character", f"`{source.text[start]}` means nothing here", Help(f"write `{meant}`", (Edit(span, meant),))
    )


def _param(source: Source, match: "re.Match[str]") -> Stray:
    span = source.span(*match.span())
    advice = Help(f"write `{match[1]}`: outside of text the bare name is the param's value", (Edit(span, match[1]),))
    problem = error("stray_character", "`${...}` stands outside of text", span, advice)
    return Stray("NAME", *match.span(1), span.end, (problem,))


def _other(source: Source, start: int) -> Stray:
    """Passed over: a path without quotes as a whole, else the one character."""
    character = source.text[start]
    if character in "/\\":
        span = _run(source, _PATH, start)
        advice = Help("paths and other text stand between double quotes")
        return _read_as("", span, "stray_character", f"`{source.text[span.start : span.end]}` is not a value", advice)
    span = source.span(start, start + 1)
    if character.isspace():
        advice = Help("write a plain blank", (Edit(span, " "),))
        return _read_as("", span, "stray_character", f"a blank of an unusual kind (U+{ord(character):04X})", advice)
    return _read_as("", span, "stray_character", f"`{character}` means nothing here", Help("remove it, or quote it where it is text"))


def _read_as(kind: str, span: Span, code: str, message: str, advice: Help) -> Stray:
    """The text at `span` read as a token of `kind`, with one problem about all of it."""
    return Stray(kind, span.start, span.end, span.end, (error(code, message, span, advice),))


def _run(source: Source, pattern: "re.Pattern[str]", begin: int) -> Span:
    match = pattern.match(source.text, begin)
    return source.span(begin, match.end() if match else begin + 1)


def _end_of_rest(text: str, start: int) -> int:
    """Where a text without closing quotes ends: at the end of the line, less closing brackets, commas and a comment there."""
    match = _REST_OF_STRING.match(text, start)
    return match.end() if match else _line_end(text, start)


def _indent(text: str, at: int) -> int:
    """How many blanks begin the line on which `at` stands."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return len(before) - len(before.lstrip(" \t"))


def _after_line(source: Source, at: int) -> Span:
    """The line after the one that ends at `at`, when it is blank; else the end of that line."""
    newline = source.text.find("\n", at)
    following = source.text[newline + 1 :].partition("\n")[0] if newline >= 0 else "none"
    place = at if following.strip() else newline + 1
    return source.span(place, place)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
