"""How precisely faults in a spec's form are named: `python benchmarks/faults.py [--seeds N] [--missed] FILES...`.

Six faults of different kinds are put into each file at once, on lines of their own. Measured: the share of faults that some problem
names on the fault's line, and problems for each fault. A change that leaves the file sound is no fault and is not counted.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchc.compiler.lex import Token, lex
from benchc.compiler.parse import parse
from benchc.compiler.source import Source

FAULTS_A_FILE: Final = 6


@dataclass(frozen=True, slots=True)
class Change:
    """Characters `start` to `end` become `text`."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over all files. `missed` has a line for each fault that no problem named."""

    faults: int
    named: int
    problems: int
    missed: tuple[str, ...]


def _removals(kind: str, *terminals: str) -> Callable[[str, Sequence[Token]], list[Change]]:
    def find(text: str, tokens: Sequence[Token]) -> list[Change]:
        return [Change(kind, start, end, "") for terminal, start, end in tokens if terminal in terminals]

    return find


def _closing_quotes(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [
        Change("closing quote removed", end - 1, end, "") for kind, _, end in tokens if kind == "STRING" and text[end - 3 : end] != '"""'
    ]


def _opening_quotes(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [
        Change("opening quote removed", start, start + 1, "")
        for kind, start, _ in tokens
        if kind == "STRING" and text[start : start + 3] != '"""'
    ]


def _values(text: str, tokens: Sequence[Token]) -> list[Change]:
    pairs = pairwise(tokens)
    literals = ("NUMBER", "NAME", "TRUE", "STRING")
    return [
        Change("value removed", b[1], b[2], "")
        for a, b in pairs
        if a[0] == "EQUALS" and b[0] in literals and "\n" not in text[b[1] : b[2]] and text[b[2] : b[2] + 1] in "\n,) "
    ]


def _colons(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [Change("colon for equals", start, end, ":") for kind, start, end in tokens if kind == "EQUALS"]


def _doubled(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [Change("equals doubled", end, end, " =") for kind, _, end in tokens if kind == "EQUALS"]


def _semicolons(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [
        Change("semicolon added", match.start(), match.start(), ";")
        for match in re.finditer(r"(?<=[\w\"\])])$", text, re.MULTILINE)
        if _is_code(text, match.start())
    ]


def _strays(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [Change("stray character", start, start, "@") for kind, start, _ in tokens if kind in ("NAME", "NUMBER")]


def _extra_brackets(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [Change("closing bracket doubled", end, end, text[start:end]) for kind, start, end in tokens if kind.startswith("RIGHT_")]


def _single_quotes(text: str, tokens: Sequence[Token]) -> list[Change]:
    return [
        Change("single quotes", start, end, "'" + text[start + 1 : end - 1] + "'")
        for kind, start, end in tokens
        if kind == "STRING" and text[start : start + 3] != '"""' and "'" not in text[start:end]
    ]


def _is_code(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return "#" not in line and line.count('"') % 2 == 0


FAULTS: Final = (
    _removals("equals removed", "EQUALS"),
    _removals("comma removed", "ONE_COMMA"),
    _removals("closing bracket removed", "RIGHT_PARENTHESIS", "RIGHT_BRACKET"),
    _removals("opening bracket removed", "LEFT_PARENTHESIS", "LEFT_BRACKET"),
    _removals("closing brace removed", "RIGHT_BRACE"),
    _removals("opening brace removed", "LEFT_BRACE"),
    _closing_quotes,
    _opening_quotes,
    _values,
    _colons,
    _doubled,
    _semicolons,
    _strays,
    _extra_brackets,
    _single_quotes,
)


def put_faults(text: str, chance: random.Random) -> list[Change]:
    """Six faults of different kinds on different lines, each of which alone makes the text unsound."""
    tokens = lex(Source("", text)).tokens
    taken: set[int] = set()
    changes: list[Change] = []
    for find in chance.sample(FAULTS, len(FAULTS)):
        candidates = [change for change in find(text, tokens) if not taken & _lines_near(text, change)]
        chance.shuffle(candidates)
        fault = next((change for change in candidates if parse(Source("", apply(text, [change]))).problems), None)
        if fault is not None and len(changes) < FAULTS_A_FILE:
            changes.append(fault)
            taken |= _lines_near(text, fault)
    return changes


def _lines_near(text: str, change: Change) -> set[int]:
    return {text.count("\n", 0, change.start)}


def apply(text: str, changes: Sequence[Change]) -> str:
    for change in sorted(changes, key=lambda change: -change.start):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def measure_faults(files: Sequence[Path], seeds: int) -> Score:
    faults = named = problems = 0
    missed = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        for seed in range(seeds):
            changes = put_faults(text, random.Random(f"{path.name} {seed}"))
            broken = Source(path.name, apply(text, changes))
            found = parse(broken).problems
            lines = {broken.lines().position(problem.span.start).line for problem in found}
            hits = [change for change in changes if text.count("\n", 0, change.start) + 1 in lines]
            faults, named, problems = faults + len(changes), named + len(hits), problems + len(found)
            missed += [f"{path.name} {seed}: line {text.count(chr(10), 0, c.start) + 1}: {c.kind}" for c in changes if c not in hits]
    return Score(faults, named, problems, tuple(missed))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--seeds", type=int, default=5, help="rounds for each file")
    parser.add_argument("--missed", action="store_true", help="list what was not named")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    score = measure_faults(options.files, options.seeds)
    shares = {"named_on_line": score.named / score.faults, "problems_per_fault": score.problems / score.faults}
    print(json.dumps({"faults": score.faults, **{name: round(share, 4) for name, share in shares.items()}}))
    if options.missed:
        print(*score.missed, sep="\n")


if __name__ == "__main__":
    main()
