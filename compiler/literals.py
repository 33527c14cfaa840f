"""The values of literals.

In: a literal as it is written. Out: its value, with problems for what cannot be one (an unknown escape, text left of its margin).
Not here: `${...}` in strings and what suffixes mean, which need to know what is expected (`evaluate`).
"""

import re
from dataclasses import dataclass
from typing import Final

from benchc.compiler.problems import Edit, Help, Problem, error
from benchc.compiler.source import Source

TRIPLE: Final = '"""'
_SIMPLE: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([\s\S])|\Z)")
_NUMBER: Final = re.compile(r"([+-]?[0-9]+(?:_[0-9]+)*)(\.[0-9]+(?:_[0-9]+)*)?([eE][+-]?[0-9]+)?(%|[A-Za-z]+)?")
_MOST_DIGITS: Final = 400


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    dedented: bool
    problems: tuple[Problem, ...]


def read_string(source: Source, start: int, end: int) -> Text:
    """The value of the string literal that stands at `start` to `end`; a closing quote that `lex` reported as missing may be absent."""
    written = source.text[start:end]
    if written.startswith(TRIPLE):
        return _dedented(source, start, written)
    closed = len(written) > 1 and written[-1] == _CLOSING.get(written[0], '"')
    text = _unescape(source, start + 1, written[1:-1] if closed else written[1:], dedented=False)
    return text if "\t" not in written else Text(text.value, False, (*text.problems, _tab(source, start + written.index("\t"))))


def _tab(source: Source, at: int) -> Problem:
    span = source.span(at, at + 1)
    return error("control_character", "a tab stands in the text, where it cannot be seen", span, Help("write `\\t`", (Edit(span, "\\t"),)))


_CLOSING: Final = {"'": "'", "“": "”", "‘": "’", "«": "»", "「": "」", "`": "`"}


def _dedented(source: Source, start: int, written: str) -> Text:
    """Drops a newline behind the opening quotes, a last line with the closing quotes alone, and the closing line's indentation."""
    body = written[3:-3] if len(written) >= 6 and written.endswith(TRIPLE) else written[3:]
    first, *rest = body.replace("\r\n", "\n").split("\n")
    if not rest:
        return _unescape(source, start + 3, body, dedented=True)
    margin = margin_of(rest[-1])
    problems = _left_of_margin(source, start, rest, margin)
    lines = [line.removeprefix(margin) if line.strip(" \t") or line.startswith(margin) else "" for line in rest]
    if lines[-1] == "":
        lines.pop()
    if first:
        lines.insert(0, first)
    text = _unescape(source, start + 3, "\n".join(lines), dedented=True)
    return Text(text.value, True, (*problems, *text.problems))


def margin_of(closing_line: str) -> str:
    """The indentation that a dedented text loses: that of the line with its closing quotes."""
    return closing_line[: len(closing_line) - len(closing_line.lstrip(" \t"))]


def _left_of_margin(source: Source, start: int, rest: list[str], margin: str) -> list[Problem]:
    """The first line that stands further left than the closing quotes; the others would say the same."""
    offset = source.text.find("\n", start) + 1
    for line in rest:
        if line.strip(" \t") and not line.startswith(margin):
            span = source.span(offset, offset + len(line.rstrip()))
            advice = Help('the closing `"""` sets the margin: indent this line at least as far, with the same blanks')
            return [error("bad_indentation", "a line of the text is indented less than its closing quotes", span, advice)]
        offset = source.text.find("\n", offset) + 1
    return []


def _unescape(source: Source, offset: int, raw: str, *, dedented: bool) -> Text:
    """`offset` is where `raw` stands in the source; of a dedented text, where the search for its faults begins."""
    if "\\" not in raw:
        return Text(raw, dedented, ())
    problems: list[Problem] = []

    def replace(match: "re.Match[str]") -> str:
        if match[1] is not None:
            return chr(int(match[1], 16))
        if match[2] in _SIMPLE:
            return _SIMPLE[match[2]]
        at = source.text.find(match[0], offset) if dedented else offset + match.start()
        problems.append(_bad_escape(source, at, match[0]))
        return match[0]

    value = _ESCAPE.sub(replace, raw).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\ufffd" in value and "\ufffd" not in raw and r"\ufffd" not in raw.lower():
        problems.append(
            error(
                "bad_escape",
                "half of a pair of `\\u` escapes",
                source.span(offset, offset + len(raw)),
                Help("a character beyond `\\uFFFF` needs both halves, or stands as itself"),
            )
        )
    return Text(value, dedented, tuple(problems))


def _bad_escape(source: Source, at: int, written: str) -> Problem:
    span = source.span(at, at + len(written))
    if written == "\\u":
        return error("bad_escape", "`\\u` without four hexadecimal digits", span, Help("write `\\u00e9`, or the character itself"))
    doubled = Help(f"for a backslash itself, write `\\{written}`", (Edit(source.span(at, at + 1), "\\\\"),))
    return error("bad_escape", f"`{written}` is not an escape", span, doubled)


@dataclass(frozen=True, slots=True)
class Digits:
    value: int | float
    suffix: str
    problems: tuple[Problem, ...]


def read_number(source: Source, start: int, end: int) -> Digits:
    """The number that stands at `start` to `end`; 0 where `lex` has reported that it is none."""
    written = source.text[start:end]
    match = _NUMBER.fullmatch(written)
    if match is None:
        return Digits(0, "", ())
    whole, fraction, exponent, suffix = match.groups(default="")
    if len(whole) > _MOST_DIGITS:
        return Digits(0, suffix, (error("bad_number", "the number is too long", source.span(start, end)),))
    if _has_leading_zero(whole):
        return Digits(int(whole), suffix, (_leading_zero(source, start, end, whole),))
    if not fraction and not exponent:
        return Digits(int(whole), suffix, ())
    value = float(f"{whole}{fraction}{exponent}")
    if value in (float("inf"), float("-inf")):
        return Digits(0.0, suffix, (error("bad_number", f"`{written}` is larger than a number can be", source.span(start, end)),))
    return Digits(value, suffix, ())


def _has_leading_zero(whole: str) -> bool:
    digits = whole.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0"


def _leading_zero(source: Source, start: int, end: int, whole: str) -> Problem:
    written = source.text[start:end]
    message = f"`{written}` has zeros in front, which a number would lose"
    return error("bad_number", message, source.span(start, end), Help(f'write `{int(whole)}`, or quote it where it is text: `"{written}"`'))
