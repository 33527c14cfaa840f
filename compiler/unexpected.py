"""What is said about a token that does not fit.

In: a `Misfit`: the parser as it stands before the token, and the tokens around it. Out: a `Problem` in the words of the language:
what was found, what would fit. Terminals and states are never named.
"""

from dataclasses import dataclass
from typing import Any, Final

from benchc.compiler.lex import WORDS, Token
from benchc.compiler.problems import Edit, Help, Problem, error
from benchc.compiler.shift_reduce import Automaton
from benchc.compiler.source import Source, Span
from benchc.compiler.suggest import near

_WHERE: Final = {"statements": "a statement", "entries": "an entry", "elements": "an item of a list", "arguments": "an argument"}
ITEM_STARTS: Final = frozenset(("STRING", "NUMBER", "TRUE", "FALSE", "LEFT_BRACKET", "LEFT_BRACE", "NAME", "AS", "EXTENDS"))
_NODES: Final = ("value", "operand", "side", "ref", "parts", "call")
_VALUE_ENDS: Final = frozenset((*_NODES, "NAME", "STRING", "NUMBER", "TRUE", "FALSE", "RIGHT_BRACKET", "RIGHT_BRACE", "RIGHT_PARENTHESIS"))
_STOPS: Final = frozenset(("END", "COMMA", "RIGHT_BRACE", "RIGHT_BRACKET", "RIGHT_PARENTHESIS", "END_OF_FILE"))
_LONGEST_QUOTE: Final = 40


@dataclass(frozen=True, slots=True)
class Misfit:
    """`index` is that of the token that does not fit, the number of tokens when the text ended too early."""

    source: Source
    automaton: Automaton
    tokens: list[Token]
    index: int

    @property
    def kind(self) -> str:
        return self.tokens[self.index][0] if self.index < len(self.tokens) else "END_OF_FILE"

    def kind_after(self, distance: int) -> str:
        at = self.index + distance
        return self.tokens[at][0] if 0 <= at < len(self.tokens) else "END_OF_FILE"

    def text(self, distance: int) -> str:
        at = self.index + distance
        return self.source.text[self.tokens[at][1] : self.tokens[at][2]] if 0 <= at < len(self.tokens) else ""

    @property
    def found(self) -> str:
        """The token in words."""
        written = self.text(0)
        if self.kind == "END_OF_FILE":
            return "the end of the text"
        if self.kind == "END" and not written.startswith(","):
            return "the end of the line"
        return f"`{_shortened(written)}`"

    @property
    def before(self) -> Span:
        """The token before, or the start of the text."""
        if self.index == 0:
            return self.source.span(0, 0)
        _, start, end = self.tokens[self.index - 1]
        return self.source.span(start, end)

    @property
    def gap(self) -> Span:
        """The place right behind the token before."""
        return self.source.span(self.before.end, self.before.end)

    @property
    def span(self) -> Span:
        """The token itself; when it stands on a later line than the one before, the end of that one, where something is missing."""
        if self.kind == "END_OF_FILE" or (self.kind == "END" and self.text(0) != ","):
            return self.gap
        _, start, end = self.tokens[self.index]
        return self.gap if "\n" in self.source.text[self.before.end : start] else self.source.span(start, end)

    def item(self) -> tuple[str, tuple[str, ...]]:
        """The repetition that is being read, and the symbols of its unfinished item."""
        size, repetition = self.automaton.innermost()
        symbols = [self.automaton.tables.symbols[state] for state in self.automaton.states[size:]]
        return repetition, tuple(symbols)


def describe(misfit: Misfit) -> Problem:
    repetition, item = misfit.item()
    if repetition == "expression" and (not item or item[-1] in _VALUE_ENDS):
        return _not_one_value(misfit)
    if not item or item[-1] in ("END", "COMMA"):
        return _no_beginning(misfit, repetition)
    match item[-1]:
        case "EQUALS":
            return _no_value(misfit)
        case "COLON":
            return _after_colon(misfit)
        case "DOT" | "EXTENDS" | "AS":
            return _unexpected(misfit, f"a name belongs behind `{misfit.text(-1)}`")
        case "OPERATOR":
            return _no_value(misfit)
        case "RANGE":
            return _unexpected(misfit, "a range needs a whole number on both sides, as in `1..3`")
    if repetition in ("statements", "entries"):
        return _in_statement(misfit, repetition, item)
    return _in_list(misfit, repetition)


def _not_one_value(misfit: Misfit) -> Problem:
    if not misfit.tokens:
        return error("missing_value", "there is no value", misfit.span)
    return error(
        "unexpected",
        f"{misfit.found} is one thing too many for a single value",
        misfit.span,
        Help("several values stand between `[` and `]`"),
    )


def _no_beginning(misfit: Misfit, repetition: str) -> Problem:
    where = _WHERE[repetition]
    if misfit.kind in ("END", "COMMA"):
        advice = Help("remove it", (Edit(misfit.span, ""),)) if misfit.span != misfit.gap else Help("write the value, or remove the comma")
        return error("unexpected", f"nothing stands before {misfit.found}", misfit.span, advice)
    if repetition == "statements" and misfit.kind in ("NUMBER", "LEFT_BRACKET", "LEFT_BRACE", "STRING"):
        return error(
            "unexpected",
            f"{misfit.found} cannot begin {where}",
            misfit.span,
            Help("a statement begins with a name, as in `seed = 13` or `dataset questions { ... }`"),
        )
    return error("unexpected", f"{misfit.found} cannot begin {where}", misfit.span)


def _no_value(misfit: Misfit) -> Problem:
    subject = _shortened(_text_of_item(misfit))
    if misfit.kind in _STOPS:
        advice = Help("write the value on the same line")
        return error("missing_value", f"nothing follows `{subject}`", misfit.before, advice)
    if misfit.kind == "EQUALS":
        return error(
            "unexpected", f"`=` stands twice behind `{subject.rstrip('= ')}`", misfit.span, Help("remove one", (Edit(misfit.span, ""),))
        )
    if misfit.kind == "DOT" and misfit.kind_after(1) == "NUMBER":
        return error(
            "unexpected", "a number begins with a digit", misfit.span, Help(f"write `0.{misfit.text(1)}`", (Edit(misfit.span, "0."),))
        )
    return error("missing_value", f"{misfit.found} stands where the value of `{subject.rstrip('= ')}` belongs", misfit.span)


def _after_colon(misfit: Misfit) -> Problem:
    if misfit.kind in ITEM_STARTS:
        return _colon_for_equals(misfit, misfit.before)
    subject = _shortened(_text_of_item(misfit))
    return error(
        "missing_value",
        f"nothing that could be a kind or type follows `{subject}`",
        misfit.before,
        Help("name it behind the colon, as in `task kind : classification { ... }` or `param lr: float = 1e-4`"),
    )


def _colon_for_equals(misfit: Misfit, colon: Span) -> Problem:
    advice = Help("write `=`", (Edit(colon, "=" if misfit.source.text[colon.start - 1 : colon.start] == " " else " ="),))
    return error("missing_equals", "`:` stands where `=` belongs", colon, advice)


def _in_statement(misfit: Misfit, repetition: str, item: tuple[str, ...]) -> Problem:
    if "EQUALS" in item or item[-1] == "body" or "RIGHT_BRACE" in item:
        return _after_statement(misfit)
    subject = _shortened(_text_of_item(misfit))
    if misfit.kind == "COLON" and (repetition == "entries" or item[-1] in ("STRING", "key")):
        return _colon_for_equals(misfit, misfit.span)
    if "OPERATOR" in item:
        return _after_statement(misfit)
    if misfit.kind == "END" and misfit.kind_after(1) == "LEFT_BRACE":
        return _brace_on_next_line(misfit, subject)
    if misfit.kind == "EQUALS" and misfit.kind_after(1) == "OPERATOR":
        return _turned_comparison(misfit)
    if misfit.kind in _STOPS:
        return error("incomplete_statement", f"`{subject}` says nothing yet", misfit.before, Help(_completions(item, subject)))
    if item in (("NAME", "NAME"), ("named",)) and misfit.kind in ("NAME", *WORDS):
        return _third_word(misfit)
    if item[0] in ("heading", "named", "titled") or "type" in item or "EXTENDS" in item:
        return error(
            "incomplete_statement",
            f"{misfit.found} follows `{subject}`",
            misfit.span,
            Help("the body of a block stands between `{` and `}`"),
        )
    if misfit.kind in ITEM_STARTS or misfit.kind in ("LEFT_PARENTHESIS", "RANGE"):
        advice = (
            Help(f"write `{subject} = {_shortened(misfit.text(0))}`", (Edit(misfit.gap, " ="),))
            if "\n" not in misfit.text(0)
            else Help("add `=`")
        )
        return error("missing_equals", f"`=` is missing behind `{subject}`", misfit.span, advice)
    return error("unexpected", f"{misfit.found} does not fit behind `{subject}`", misfit.span, Help(_completions(item, subject)))


def _brace_on_next_line(misfit: Misfit, subject: str) -> Problem:
    brace = misfit.tokens[misfit.index + 1]
    between = misfit.source.span(misfit.gap.start, brace[2])
    sure = not misfit.source.text[between.start : between.end - 1].strip()
    advice = Help(f"write `{subject} {{` on one line", (Edit(between, " {"),) if sure else ())
    return error("incomplete_statement", f"`{subject}` ends before its `{{`, which stands on a later line", misfit.before, advice)


def _turned_comparison(misfit: Misfit) -> Problem:
    sign = misfit.text(1)
    span = misfit.source.span(misfit.span.start, misfit.tokens[misfit.index + 1][2])
    meant = f"{sign}=" if sign in ("<", ">") else sign
    return error("unexpected", f"`={sign}` is not a comparison", span, Help(f"write `{meant}`", (Edit(span, meant),)))


def _after_statement(misfit: Misfit) -> Problem:
    if misfit.kind in ("NAME", *WORDS):
        advice = Help("put a comma or a new line between two statements", (Edit(misfit.gap, ","),))
        return error("missing_comma", f"{misfit.found} follows a statement on the same line", misfit.span, advice)
    advice = Help("a new line or a comma ends a statement; a list stands between `[` and `]`")
    return error("unexpected", f"{misfit.found} does not fit behind `{_shortened(_text_of_item(misfit))}`", misfit.span, advice)


def _third_word(misfit: Misfit) -> Problem:
    """`task kind classification {`, `train other extend plain {`."""
    subject = _shortened(_text_of_item(misfit))
    word = misfit.text(0)
    if near(word, ("extends",)) or (misfit.kind_after(1) in ("NAME", *WORDS) and misfit.kind_after(2) == "LEFT_BRACE"):
        advice = Help(f"to copy another block, write `{subject} extends {misfit.text(1)}`", (Edit(misfit.span, "extends"),))
        return error("unexpected", f"{misfit.found} does not fit behind `{subject}`", misfit.span, advice)
    advice = Help(f"write `{subject} : {word}`", (Edit(misfit.gap, " :"),))
    return error("unexpected", f"`:` is missing between `{subject}` and {misfit.found}", misfit.span, advice)


def _in_list(misfit: Misfit, repetition: str) -> Problem:
    if misfit.kind == "COLON" and repetition == "arguments":
        return _colon_for_equals(misfit, misfit.span)
    if misfit.kind in ITEM_STARTS:
        advice = Help("add `,`", (Edit(misfit.gap, ","),))
        where = "arguments" if repetition == "arguments" else "items of the list"
        return error("missing_comma", f"no comma between two {where}, behind `{_shortened(misfit.text(-1))}`", misfit.gap, advice)
    if misfit.kind == "EQUALS" and repetition == "elements":
        return error("unexpected", "items of a list have no names", misfit.span, Help("names and values stand between `{` and `}`"))
    return _unexpected(misfit, f"`,` or the end of the {'arguments' if repetition == 'arguments' else 'list'} belongs here")


def _unexpected(misfit: Misfit, advice: str) -> Problem:
    behind = f" behind `{_shortened(misfit.text(-1))}`" if misfit.index else ""
    return error("unexpected", f"{misfit.found} does not fit{behind}", misfit.span, Help(advice))


def _completions(item: tuple[str, ...], subject: str) -> str:
    match item:
        case ("NAME",):
            return f"write `{subject} = ...` or `{subject} {{ ... }}`"
        case ("NAME", "STRING") if subject.startswith("import"):
            return f"write `{subject} as NAME`"
        case _ if "type" in item or "EXTENDS" in item or "STRING" in item:
            return f"write `{subject} {{ ... }}`"
        case ("NAME", "NAME") | ("named",):
            first, _, second = subject.partition(" ")
            return f"write `{subject} = ...` or `{subject} {{ ... }}`; to set a key, `{first} = {second}`"
        case _:
            return f"write `{subject} = ...`, or compare it, as in `{subject} >= 0.9`"


def _text_of_item(misfit: Misfit) -> str:
    """The unfinished item as it is written."""
    _, item = misfit.item()
    count = len(misfit.automaton.values) - len(item)
    start = _start(misfit.automaton.values[count]) if item else misfit.gap.start
    return misfit.source.text[start : misfit.before.end]


def _start(value: Any) -> int:
    """Where something on the parser's stack begins: a node, the offsets of a token, or parts of a heading."""
    while isinstance(value, tuple | list):
        value = value[0]
    start: int = value if isinstance(value, int) else value.span.start
    return start


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"
