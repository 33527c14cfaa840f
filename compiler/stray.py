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
    """`kind` is the token as which `start` to `end` is read, "" when it is passed over."""

    kind: str
    start: int
    end: int
    problems: tuple[Problem, ...]


_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)|(?<!^)\ufeff")
_WORD: Final = re.compile(r"[\w-]+")
_DIGITS: Final = re.compile(r"(?:(?!\.\.)[\w.%])+")
_PATH: Final = re.compile(r"[^\s,()\[\]{}\"=]+")
_PARAM: Final = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_REST_OF_STRING: Final = re.compile(r"""["'“”‘’«»「」`][^\n]*?(?=[\s,)\]}]*(?:\#[^\n]*)?(?:\n|\Z))""")
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
        return Stray("", start, start + 1, ())
    if character == '"':
        return _unclosed(source, start)
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
        advice = Help(
            f"write `{match[1]}`: outside of text the bare name is the param's value", (Edit(source.span(*match.span()), match[1]),)
        )
        return Stray(
            "NAME", start, match.end(), (error("stray_character", "`${...}` stands outside of text", source.span(*match.span()), advice),)
        )
    return _other(source, start)


def _forbidden(source: Source, at: int) -> Problem:
    character = source.text[at]
    hidden = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    what = "a character that turns the direction of writing" if hidden else "a control character"
    escape = f"\\u{ord(character):04x}"
    return error(
        "control_character",
        f"{what} (U+{ord(character):04X})",
        source.span(at, at + 1),
        Help(f"remove it; inside of text it can be written as `{escape}`"),
    )


def _unclosed(source: Source, start: int) -> Stray:
    if source.text.startswith('"""', start):
        return _unclosed_block(source, start)
    match = _REST_OF_STRING.match(source.text, start)
    end = match.end() if match else _line_end(source.text, start)
    advice = Help('close it with `"` on the same line; text of several lines stands between `"""`')
    return Stray("STRING", start, end, (error("unclosed_string", "the text is not closed", source.span(start, end), advice),))


def _unclosed_block(source: Source, start: int) -> Stray:
    """Text between three quotes that has no end: it is taken to end where a line is indented no further than the line it began on."""
    text = source.text
    line_start = text.rfind("\n", 0, start) + 1
    indent = len(text[line_start:start]) - len(text[line_start:start].lstrip(" \t"))
    end = len(text)
    for match in re.compile(r"\n([ \t]*)(?=[^\s])").finditer(text, start):
        if len(match[1]) <= indent:
            end = match.start()
            break
    last = max(start + 3, len(text[:end].rstrip()))
    problem = error(
        "unclosed_string", 'the text that `"""` begins is not closed', source.span(start, start + 3), Help('close it with `"""`')
    )
    if "\n" in text[start:last]:
        problem = error(
            "unclosed_string",
            'the text that `"""` begins is not closed',
            _after_line(source, last),
            Help('close it with `"""` on a line of its own'),
        )
    return Stray("STRING", start, last, (problem,))


def _after_line(source: Source, at: int) -> Span:
    """The line after the one that ends at `at`, when it is blank; else the end of that line."""
    following = source.text[at:].partition("\n")[2].partition("\n")[0]
    place = at + source.text[at:].find("\n") + 1 if "\n" in source.text[at:] and not following.strip() else at
    return source.span(place, place)


def _name(source: Source, begin: int) -> Stray:
    match = _WORD.match(source.text, begin)
    end = match.end() if match else begin + 1
    written = source.text[begin:end]
    plain = re.sub(r"\W", "_", written)
    options = (
        f'write `{plain}`, or quote it where it is text: `"{written}"`' if plain.isascii() else f'quote it where it is text: `"{written}"`'
    )
    advice = Help(f"names are letters a to z, digits and `_`; {options}")
    return Stray("NAME", begin, end, (error("bad_name", f"`{written}` is not a name", source.span(begin, end), advice),))


def _number(source: Source, begin: int) -> Stray:
    match = _DIGITS.match(source.text, begin)
    end = match.end() if match else begin + 1
    written = source.text[begin:end]
    advice = Help("numbers look like `10`, `1_000`, `0.5`, `2e-5`, `80%`, `10k`")
    return Stray("NUMBER", begin, end, (error("bad_number", f"`{written}` is not a number", source.span(begin, end), advice),))


def _comment(source: Source, start: int) -> Stray:
    end = _line_end(source.text, start)
    advice = Help("a comment begins with `#`", (Edit(source.span(start, start + 2), "#"),))
    return Stray(
        "",
        start,
        end,
        (error("stray_character", f"`{source.text[start : start + 2]}` begins no comment", source.span(start, start + 2), advice),),
    )


def _quotes(source: Source, start: int) -> Stray:
    line_end = _line_end(source.text, start)
    close = source.text.find(_QUOTES[source.text[start]], start + 1, line_end)
    if close < 0:
        match = _REST_OF_STRING.match(source.text, start)
        end = match.end() if match else line_end
        advice = Help('text stands between double quotes, `"`')
    else:
        end = close + 1
        edits = (Edit(source.span(start, start + 1), '"'), Edit(source.span(close, end), '"'))
        advice = Help('text stands between double quotes, `"`', edits if '"' not in source.text[start:end] else ())
    return Stray(
        "STRING",
        start,
        end,
        (error("wrong_quotes", f"text begins with `{source.text[start]}`".replace("```", "a backtick"), source.span(start, end), advice),),
    )


def _lookalike(source: Source, start: int) -> Stray:
    kind, meant = _LOOKALIKES[source.text[start]]
    span = source.span(start, start + 1)
    advice = Help(f"write `{meant}`", (Edit(span, meant),))
    return Stray(kind, start, start + 1, (error("stray_character", f"`{source.text[start]}` means nothing here", span, advice),))


def _other(source: Source, start: int) -> Stray:
    text = source.text
    if text[start] in "/\\":
        match = _PATH.match(text, start)
        end = match.end() if match else start + 1
        return Stray(
            "",
            start,
            end,
            (
                error(
                    "stray_character",
                    f"`{text[start:end]}` is not a value",
                    source.span(start, end),
                    Help("paths and other text stand between double quotes"),
                ),
            ),
        )
    return Stray("", start, start + 1, (error("stray_character", f"`{text[start]}` means nothing here", source.span(start, start + 1)),))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
