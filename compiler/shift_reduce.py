"""The parser: Lark's LALR(1) automaton, on our tokens and the ready-made tables.

In: tokens of the grammar. Out: what the rules' actions make of them, or `Refused` at the first token that does not fit. Not here: what to
do then (`recover`), making the tables (`make_grammar_tables`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NamedTuple

from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_parser_state import ParseConf, ParserState

from benchc.compiler.build import Build
from benchc.compiler.lex import WORDS, Token
from benchc.compiler.tables import END_OF_INPUT, Tables, load_tables

MOST_DEPTH: Final = 64
"""Brackets within brackets. Later stages walk the tree by recursion, which this bounds."""

REPETITIONS: Final = ("statements", "entries", "elements", "arguments")
"""The grammar's rules for any number of items. What is between two brackets, or a file, is one of them."""

_OPENERS: Final = frozenset(("LEFT_BRACE", "LEFT_PARENTHESIS", "LEFT_BRACKET"))
_CLOSERS: Final = frozenset(("RIGHT_BRACE", "RIGHT_PARENTHESIS", "RIGHT_BRACKET"))


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818 - not an error: the signal to take the slow way
    token: Token


class Fed(NamedTuple):
    """A token as Lark's automaton takes it, which looks at `type` alone. Where no action makes a node of it, it stays on the stack."""

    start: int
    end: int
    type: str


class Automaton:
    """Lark's parser state for one text, open to `recover`, which cuts its stacks back after a fault. `states` is one longer than
    `values`."""

    def __init__(self, build: Build, start: str) -> None:
        self.tables: Tables = load_tables()
        callbacks = {**_actions(build, self.tables), **_leaves(build)}
        no_lexer: Any = None  # tokens are fed
        self._parser: Any = ParserState(ParseConf(self.tables.parse_table, callbacks, start), no_lexer)
        self._feed: Callable[[Any], object] = self._parser.feed_token
        self.states: list[int] = self._parser.state_stack
        self.values: list[Any] = self._parser.value_stack

    def feed(self, kind: str, start: int, end: int) -> bool:
        """Reduces as far as the token asks for, and shifts it. False, with the token not taken, when it does not fit."""
        try:
            self._feed(Fed(start, end, kind))
        except UnexpectedToken:
            return kind in WORDS and self.feed("NAME", start, end)
        return True

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
                name = symbol if symbol in REPETITIONS else next((one for one in REPETITIONS if self.tables.after(state, one)), None)
                if name is not None:
                    return size, name
        return 1, "expression"

    def finish(self) -> bool:
        """Reduces at the end of the text; True when the whole of it was read, and `values[0]` is its value."""
        try:
            self._parser.feed_token(Fed(0, 0, END_OF_INPUT), is_end=True)
        except UnexpectedToken:
            return False
        return True


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


def _actions(build: Build, tables: Tables) -> dict[Any, Callable[[list[Any]], Any]]:
    """What becomes of the parts of a rule; a rule without an action hands on the only one as it is."""
    return {rule: getattr(build, rule.alias) if rule.alias else itemgetter(0) for rule in tables.rules}


def _leaves(build: Build) -> dict[Any, Callable[[Any], Any]]:
    makers = {"NAME": build.leaf_name, "STRING": build.leaf_string, "NUMBER": build.leaf_number, "OPERATOR": build.leaf_operator}
    return {kind: _leaf(make) for kind, make in makers.items()}


def _leaf(make: Callable[[int, int], Any]) -> Callable[[Fed], Any]:
    return lambda fed: make(fed.start, fed.end)
