"""Writes `grammar_tables.json` from `grammar.lark`: `python -m benchc.compiler.make_grammar_tables`.

In: the grammar. Out: LALR(1) tables as JSON, made by Lark. Only developers run this: `parse` gives the tables to Lark's parser. States
are numbered in the order in which they are reached, so that the file does not depend on Lark's own numbering.
"""

import json
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.parsers.lalr_analysis import ParseTable, Shift

from benchc.compiler.tables import FORMAT, TABLES_PATH

GRAMMAR_PATH = Path(__file__).with_name("grammar.lark")
STARTS = ("file", "expression")


def tables_text(grammar: str) -> str:
    """The JSON text of the tables of a grammar. An action is `[state]` to shift (or go to) it, or the number of the rule to reduce."""
    lark = Lark(grammar, parser="lalr", lexer="basic", start=list(STARTS))
    table: ParseTable = lark.parser.parser._parse_table
    order = _states_in_order(table)
    rules = _rules_in_order(table, order)
    number = {state: index for index, state in enumerate(order)}
    return _layout(
        {
            "format": FORMAT,
            "terminals": {
                terminal.name: terminal.pattern.to_regexp() for terminal in sorted(lark.terminals, key=lambda t: t.name) if terminal.pattern
            },
            "rules": [[rule.origin.name, [symbol.name for symbol in rule.expansion], rule.alias] for rule in rules],
            "starts": {start: number[table.start_states[start]] for start in STARTS},
            "accepts": {start: number[table.end_states[start]] for start in STARTS},
            "states": [_row(table.states[state], number, rules) for state in order],
        }
    )


def _states_in_order(table: ParseTable) -> list[Any]:
    order = [table.start_states[start] for start in STARTS]
    for state in order:  # grows while it is walked: breadth first
        for _, (action, target) in sorted(table.states[state].items()):
            if action is Shift and target not in order:
                order.append(target)
    return order


def _rules_in_order(table: ParseTable, order: list[Any]) -> list[Rule]:
    used = {target for state in order for action, target in table.states[state].values() if action is not Shift}
    return sorted(used, key=lambda rule: (rule.origin.name, rule.order))


def _row(actions: dict[str, tuple[Any, Any]], number: dict[Any, int], rules: list[Rule]) -> dict[str, Any]:
    return {symbol: [number[target]] if action is Shift else rules.index(target) for symbol, (action, target) in sorted(actions.items())}


def _layout(tables: dict[str, Any]) -> str:
    """One state or rule a line, so that a change of the grammar can be read in a diff."""
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {_lines(value)}" for key, value in tables.items()) + "\n}\n"


def _lines(value: Any) -> str:
    return "[\n" + ",\n".join("    " + json.dumps(item) for item in value) + "\n  ]" if isinstance(value, list) else json.dumps(value)


if __name__ == "__main__":
    TABLES_PATH.write_text(tables_text(GRAMMAR_PATH.read_text(encoding="utf-8")), encoding="utf-8")
