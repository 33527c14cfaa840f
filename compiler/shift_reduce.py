"""The LALR(1) automaton.

In: tokens of the grammar and the ready-made tables. Out: what the rules' actions make of them, or `Refused` at the first token that
does not fit. Not here: what to do then (`recover`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from benchc.compiler.build import Build
from benchc.compiler.lex import WORDS, Token
from benchc.compiler.tables import END_OF_INPUT, Rule, Tables, load_tables

MOST_DEPTH: Final = 64
"""Brackets within brackets. Later stages walk the tree by recursion, which this bounds."""

REPETITIONS: Final = ("statements", "entries", "elements", "arguments")
"""The grammar's rules for any number of items. What is between two brackets, or a file, is one of them."""

_OPENERS: Final = frozenset(("LEFT_BRACE", "LEFT_PARENTHESIS", "LEFT_BRACKET"))
_CLOSERS: Final = frozenset(("RIGHT_BRACE", "RIGHT_PARENTHESIS", "RIGHT_BRACKET"))


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818 - not an error: the signal to take the slow way
    token: Token


class Automaton:
    """Stacks of the parser, open to `recover`, which cuts them back after a fault. `states` is one longer than `values`."""

    def __init__(self, build: Build, start: str) -> None:
        self.tables: Tables = load_tables()
        self.states = [self.tables.starts[start]]
        self.values: list[Any] = []
        self.accepting = self.tables.accepts[start]
        self._rules = [(rule, _action(build, rule)) for rule in self.tables.rules]
        self._leaves: dict[str, Callable[[int, int], Any]] = {
            "NAME": build.leaf_name,
            "STRING": build.leaf_string,
            "NUMBER": build.leaf_number,
            "OPERATOR": build.leaf_operator,
        }

    def feed(self, kind: str, start: int, end: int) -> bool:
        """Reduces as far as the token asks for, and shifts it. False, with the token not taken, when it does not fit."""
        states, values, rows = self.states, self.values, self.tables.states
        while True:
            row = rows[states[-1]]
            target = row.get(kind)
            if target is None:
                if kind not in WORDS:
                    return False
                kind = "NAME"
                continue
            if target >= 0:
                leaf = self._leaves.get(kind)
                states.append(target)
                values.append((start, end) if leaf is None else leaf(start, end))
                return True
            self._reduce(~target)

    def _reduce(self, number: int) -> None:
        rule, action = self._rules[number]
        states, values = self.states, self.values
        size = rule.size
        if action is not None:
            if size:
                parts = values[-size:]
                del values[-size:]
            else:
                parts = []
            values.append(action(parts))
        if size:
            del states[-size:]
        states.append(self.tables.states[states[-1]][rule.origin])

    def innermost(self) -> tuple[int, str]:
        """The size of the stack of states up to the innermost repetition that is not over, and its name. Where that has not begun, the
        stack ends in what goes before it: its bracket, or the start of the text. An expression alone is "expression"."""
        depth = 0
        for size in range(len(self.states), 0, -1):
            state = self.states[size - 1]
            symbol = self.tables.symbols[state]
            if symbol in _CLOSERS:
                depth += 1
            elif symbol in _OPENERS and depth:
                depth -= 1
            elif depth == 0:
                name = symbol if symbol in REPETITIONS else next((name for name in REPETITIONS if name in self.tables.states[state]), None)
                if name is not None:
                    return size, name
        return 1, "expression"

    def finish(self) -> bool:
        """Reduces at the end of the text; True when the whole of it was read, and `values[0]` is its value."""
        while True:
            if self.states[-1] == self.accepting:
                return True
            target = self.tables.states[self.states[-1]].get(END_OF_INPUT)
            if target is None:
                return False
            self._reduce(~target)


def run(tokens: Iterable[Token], build: Build, start: str) -> Any:
    """What the whole text is. Raises `Refused` at the first token that does not fit, or that opens too many brackets."""
    automaton = Automaton(build, start)
    feed = automaton.feed
    depth = 0
    token: Token = (END_OF_INPUT, 0, 0)
    for token in tokens:
        kind = token[0]
        if kind in _OPENERS:
            depth += 1
        elif kind in _CLOSERS:
            depth -= 1
        if depth > MOST_DEPTH or not feed(*token):
            raise Refused(token)
    if not automaton.finish():
        raise Refused(token)
    return automaton.values[0]


def _action(build: Build, rule: Rule) -> Callable[[list[Any]], Any] | None:
    return getattr(build, rule.action) if rule.action else None
