"""Brackets that do not match.

In: tokens as they stand, with newlines. Out: `Balanced`: tokens in which every bracket has its partner, and a problem for each that had
none. Where a bracket is missing is judged by indentation, so that the fault is named where it is and costs one problem; a text whose
brackets match is left as it is, however it is indented.
"""

from dataclasses import dataclass, field
from typing import Final

from benchc.compiler.lex import NEWLINE, Token
from benchc.compiler.problems import Edit, Help, Label, Problem, error
from benchc.compiler.shift_reduce import MOST_DEPTH
from benchc.compiler.source import Source, Span

PARTNER: Final = {"LEFT_BRACE": "RIGHT_BRACE", "LEFT_PARENTHESIS": "RIGHT_PARENTHESIS", "LEFT_BRACKET": "RIGHT_BRACKET"}
MARK: Final = {"RIGHT_BRACE": "}", "RIGHT_PARENTHESIS": ")", "RIGHT_BRACKET": "]"}
_CLOSERS: Final = frozenset(PARTNER.values())


@dataclass(frozen=True, slots=True)
class Balanced:
    """`too_deep` has a problem where the tokens end early, before a bracket that opens too deep."""

    tokens: list[Token]
    problems: list[Problem]
    too_deep: list[Problem]


@dataclass(frozen=True, slots=True)
class _Line:
    """The tokens of a line that holds any, the newline before it (None for the first) and its indentation in columns."""

    tokens: tuple[Token, ...]
    newline: Token | None
    indent: int


@dataclass(frozen=True, slots=True)
class _Open:
    """A bracket that waits for its partner. `line` numbers `_Line`s."""

    token: Token
    line: int
    indent: int

    @property
    def partner(self) -> str:
        return PARTNER[self.token[0]]


def balance(source: Source, tokens: list[Token]) -> Balanced:
    shallow = _cut_deep(source, tokens)
    if _match(shallow.tokens):
        return shallow
    repair = _Repair(source, _lines(source, shallow.tokens))
    repair.run()
    return Balanced(repair.result, [] if shallow.too_deep else repair.problems, shallow.too_deep)


def _match(tokens: list[Token]) -> bool:
    waiting: list[str] = []
    for kind, _, _ in tokens:
        if kind in PARTNER:
            waiting.append(PARTNER[kind])
        elif kind in _CLOSERS and (not waiting or waiting.pop() != kind):
            return False
    return not waiting


def _cut_deep(source: Source, tokens: list[Token]) -> Balanced:
    """Stops before a bracket that opens too deep: a text that does so is not read further."""
    depth = 0
    for index, (kind, start, end) in enumerate(tokens):
        if kind in PARTNER:
            depth += 1
        elif kind in _CLOSERS:
            depth -= 1
        if depth > MOST_DEPTH:
            message = f"more than {MOST_DEPTH} brackets within brackets; the rest of the file is not read"
            return Balanced(tokens[:index], [], [error("too_deep", message, source.span(start, end))])
    return Balanced(tokens, [], [])


def _lines(source: Source, tokens: list[Token]) -> list[_Line]:
    lines: list[_Line] = []
    newline: Token | None = None
    current: list[Token] = []

    def finish() -> None:
        if current:
            lines.append(_Line(tuple(current), newline, _indent(source.text, current[0][1])))

    for token in tokens:
        if token[0] == NEWLINE:
            finish()
            current = []
            newline = token
        else:
            current.append(token)
    finish()
    return lines


def _indent(text: str, start: int) -> int:
    line_start = text.rfind("\n", 0, start) + 1
    before = text[line_start:start].expandtabs(4)
    return len(before) - len(before.lstrip())


@dataclass(slots=True)
class _Repair:
    """The walk over the lines: `opened` are the brackets that wait, `result` the repaired tokens so far."""

    source: Source
    lines: list[_Line]
    opened: list[_Open] = field(default_factory=list)
    result: list[Token] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    last_end: int = 0
    last_line: int = 0

    def run(self) -> None:
        for number, line in enumerate(self.lines):
            self._close_by_indentation(number, line)
            if line.newline is not None:
                self.result.append(line.newline)
            for token in line.tokens:
                self._take(number, line, token)
            self._open_by_indentation(number, line)
        while self.opened:
            self._close_missing()

    def _close_by_indentation(self, number: int, line: _Line) -> None:
        """Closes what a line that stands no further right than the bracket's own line shows to be over."""
        first = line.tokens[0][0]
        while self.opened:
            top = self.opened[-1]
            closes = first == top.partner
            over = line.indent < top.indent or (line.indent == top.indent and first not in _CLOSERS)
            if not over or (closes and not self._closed_outside(line)):
                return
            self._close_missing()

    def _closed_outside(self, line: _Line) -> bool:
        """Whether a bracket further out is one that the closing bracket at the start of the line fits better, by its indentation."""
        return any(outer.indent == line.indent and outer.partner == line.tokens[0][0] for outer in self.opened[:-1])

    def _take(self, number: int, line: _Line, token: Token) -> None:
        kind = token[0]
        if kind in PARTNER:
            self.opened.append(_Open(token, number, line.indent))
        elif kind in _CLOSERS and not self._take_closer(number, line, token):
            return
        self.result.append(token)
        self.last_end, self.last_line = token[2], number

    def _take_closer(self, number: int, line: _Line, token: Token) -> bool:
        """Whether the closing bracket is kept; its partner has then been taken off the stack."""
        kind = token[0]
        if not self.opened or self._goes_on(number, line, token):
            return self._drop(token)
        if self.opened[-1].partner != kind:
            if self._is_slip(number, token):
                return self._replace(token)
            if not any(outer.partner == kind for outer in self._reachable(kind)):
                return self._drop(token)
            while self.opened[-1].partner != kind:
                self._close_missing()
        self.opened.pop()
        return True

    def _goes_on(self, number: int, line: _Line, token: Token) -> bool:
        """Whether a `}` would close a block whose next line shows that it goes on."""
        top = next((outer for outer in reversed(self.opened) if outer.partner == token[0]), None)
        if token[0] != "RIGHT_BRACE" or top is None or top.line == number or number + 1 == len(self.lines):
            return False
        out_of_place = line.tokens[0] != token or line.indent > top.indent
        following = self.lines[number + 1]
        closes_later = following.indent == top.indent and following.tokens[0][0] == "RIGHT_BRACE"
        return out_of_place and line.tokens[-1] == token and (following.indent > top.indent or closes_later)

    def _is_slip(self, number: int, token: Token) -> bool:
        """Whether a closing bracket of the wrong kind stands for that of the innermost one, opened on the same line."""
        top = self.opened[-1]
        wanted_outside = [outer for outer in self.opened[:-1] if outer.partner == token[0]]
        return top.line == number and not any(outer.line == number for outer in wanted_outside)

    def _reachable(self, kind: str) -> list[_Open]:
        """The brackets that a closing one may close: a `)` or `]` reaches no further out than the block that it stands in."""
        if kind == "RIGHT_BRACE":
            return self.opened
        reachable: list[_Open] = []
        for outer in reversed(self.opened):
            if outer.token[0] == "LEFT_BRACE":
                break
            reachable.append(outer)
        return reachable

    def _open_by_indentation(self, number: int, line: _Line) -> None:
        """Opens the block whose heading lacks its brace: the next line is indented further for no other reason."""
        in_block = not self.opened or (self.opened[-1].token[0] == "LEFT_BRACE" and self.opened[-1].line < number)
        if not in_block or number + 1 == len(self.lines) or self.lines[number + 1].indent <= line.indent:
            return
        if line.tokens[0][0] != "NAME" or any(kind in ("EQUALS", "RIGHT_BRACE", "OPERATOR") for kind, _, _ in line.tokens):
            return
        end = line.tokens[-1][2]
        place = self.source.span(end, end)
        heading = self.source.text[line.tokens[0][1] : end]
        self.problems.append(error("unclosed_bracket", f"`{{` is missing after `{heading}`", place, Help("add `{`", (Edit(place, " {"),))))
        brace = ("LEFT_BRACE", end, end)
        self.opened.append(_Open(brace, number, line.indent))
        self.result.append(brace)

    def _drop(self, token: Token) -> bool:
        span = self.source.span(token[1], token[2])
        mark = MARK[token[0]]
        self.problems.append(error("stray_bracket", f"`{mark}` closes nothing", span, Help("remove it", (Edit(span, ""),))))
        return False

    def _replace(self, token: Token) -> bool:
        top = self.opened.pop()
        span = self.source.span(token[1], token[2])
        mark = self.source.text[top.token[1] : top.token[2]]
        meant = MARK[top.partner]
        message = f"`{mark}` is closed by `{MARK[token[0]]}`"
        self.problems.append(error("stray_bracket", message, span, Help(f"write `{meant}`", (Edit(span, meant),))))
        self.result.append((top.partner, token[1], token[2]))
        self.last_end = token[2]
        return False

    def _close_missing(self) -> None:
        top = self.opened.pop()
        place = self._place(top)
        mark = self.source.text[top.token[1] : top.token[2]] or "{"
        opener = Label(self.source.span(top.token[1], top.token[2]), "opened here")
        missing = MARK[top.partner]
        problem = error(
            "unclosed_bracket", f"`{mark}` is not closed", place, Help(f"add `{missing}`", (Edit(place, missing),)), labels=(opener,)
        )
        self.problems.append(problem)
        self.result.append((top.partner, self.last_end, self.last_end))

    def _place(self, top: _Open) -> Span:
        """Where the missing bracket belongs: behind the last token, or on the blank line that follows a text of several lines."""
        text, end = self.source.text, self.last_end
        if top.line == self.last_line:
            return self.source.span(end, end)
        line_end = text.find("\n", end)
        following = text[line_end + 1 :].split("\n", 1)[0] if line_end >= 0 else "none"
        if following.strip():
            return self.source.span(end, end)
        column = min(len(following), top.indent)
        return self.source.span(line_end + 1 + column, line_end + 1 + column)
