"""The ready-made parse tables, as Lark's parser takes them.

In: `grammar_tables.json`, which ships with the package (plain JSON, never a pickle). Out: `Tables`, read once a process.
Not here: how they are made (`make_grammar_tables`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from lark.grammar import NonTerminal, Rule, Terminal
from lark.parsers.lalr_analysis import IntParseTable, Reduce, Shift

FORMAT: Final = 2
TABLES_PATH: Final = Path(__file__).with_name("grammar_tables.json")
END_OF_INPUT: Final = "$END"


@dataclass(frozen=True, slots=True)
class Tables:
    """LALR(1) tables. `symbols[s]` is the symbol that leads into state `s` ("" for the starts). `terminals` maps names of terminals to
    regular expressions. A rule's `alias` is the method of `Build` that makes its value; None hands on the only symbol as it is."""

    terminals: Mapping[str, str]
    rules: tuple[Rule, ...]
    parse_table: IntParseTable
    symbols: tuple[str, ...]

    def after(self, state: int, symbol: str) -> int | None:
        """The state that a symbol leads to; None where it cannot stand there."""
        action, target = self.parse_table.states[state].get(symbol, (Reduce, None))
        return target if action is Shift else None


@lru_cache(maxsize=1)
def load_tables() -> Tables:
    data = json.loads(TABLES_PATH.read_text(encoding="utf-8"))
    if data["format"] != FORMAT:
        raise AssertionError(f"{TABLES_PATH.name} has format {data['format']}, not {FORMAT}: run benchc.compiler.make_grammar_tables")
    rules = tuple(Rule(NonTerminal(origin), [_symbol(name) for name in parts], alias=alias) for origin, parts, alias in data["rules"])
    states = {number: {symbol: _action(target, rules) for symbol, target in row.items()} for number, row in enumerate(data["states"])}
    symbols = [""] * len(states)
    for row in states.values():
        for symbol, (action, target) in row.items():
            if action is Shift:
                symbols[target] = symbol
    table = IntParseTable(states, data["starts"], data["accepts"])  # type: ignore[no-untyped-call]
    return Tables(data["terminals"], rules, table, tuple(symbols))


def _symbol(name: str) -> Terminal | NonTerminal:
    return Terminal(name) if name.isupper() else NonTerminal(name)


def _action(target: int | list[int], rules: tuple[Rule, ...]) -> tuple[Any, Any]:
    return (Shift, target[0]) if isinstance(target, list) else (Reduce, rules[target])
