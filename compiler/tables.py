"""The ready-made parse tables.

In: `grammar_tables.json`, which ships with the package (plain JSON, never a pickle). Out: `Tables`, read once a process.
Not here: how they are made (`make_grammar_tables`, the one place that needs Lark).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

FORMAT: Final = 1
TABLES_PATH: Final = Path(__file__).with_name("grammar_tables.json")
END_OF_INPUT: Final = "$END"


@dataclass(frozen=True, slots=True)
class Rule:
    """`origin` is made of `size` symbols by the method `action` of `Build`; "" hands on the only symbol as it is."""

    origin: str
    size: int
    action: str


@dataclass(frozen=True, slots=True)
class Tables:
    """LALR(1) tables. `states[s][symbol]` is a state to go to when 0 or more, else `~rule`, the number of the rule to reduce by.

    `symbols[s]` is the symbol that leads into state `s` ("" for the starts). `terminals` maps names of terminals to regular expressions.
    """

    terminals: Mapping[str, str]
    rules: tuple[Rule, ...]
    starts: Mapping[str, int]
    accepts: Mapping[str, int]
    states: tuple[Mapping[str, int], ...]
    symbols: tuple[str, ...]


@lru_cache(maxsize=1)
def load_tables() -> Tables:
    data = json.loads(TABLES_PATH.read_text(encoding="utf-8"))
    if data["format"] != FORMAT:
        raise AssertionError(f"{TABLES_PATH.name} has format {data['format']}, not {FORMAT}: run benchc.compiler.make_grammar_tables")
    states = tuple({symbol: target[0] if isinstance(target, list) else ~target for symbol, target in row.items()} for row in data["states"])
    symbols = [""] * len(states)
    for row in states:
        for symbol, target in row.items():
            if target >= 0:
                symbols[target] = symbol
    rules = tuple(Rule(*rule) for rule in data["rules"])
    return Tables(data["terminals"], rules, data["starts"], data["accepts"], states, tuple(symbols))
