"""What the store knows of earlier runs: which steps were done, of which settings, how long they took.

In: the store's folder, a plan. Out: `Past`. Reads `step.json` and small JSON results, and checks nothing: a damaged entry is noticed
when it is used. Not here: deciding what must run (`plan_outlook`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchc.compiler.estimate import Measured
from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step

MOST_ENTRIES: Final = 5000  # the newest ones; a plan is explained by what was done lately
NAMES: Final = ("dataset", "task", "model", "cell", "metric", "a", "b", "run", "suite", "gate", "expression")


@dataclass(frozen=True, slots=True)
class Past:
    """`done`: keys of the plan's steps that the store has. `latest`: the newest stored step of each kind and names."""

    done: frozenset[str]
    latest: Mapping[tuple[str, ...], Step]
    measured: Measured


def look_back(plan: Plan, store: Path) -> Past:
    done = frozenset(step.key for step in plan.steps if (_entry(store, step.key) / "entry.json").is_file())
    wanted = any(step.key not in done for step in plan.steps if step.kind != "report")
    stored = tuple(_stored_steps(store)) if wanted else ()
    return Past(done, _latest(stored), _measure(plan, stored, done, store))


def names_of(step: Step) -> tuple[str, ...]:
    """What a step is about: its kind, and the names among its hints."""
    return (step.kind, *(f"{name}={step.hints[name]}" for name in NAMES if isinstance(step.hints.get(name), str)))


def _entry(store: Path, key: str) -> Path:
    return store / "entries" / key[:2] / key


def _stored_steps(store: Path) -> Iterator[Step]:
    """The steps of the newest entries, the oldest of them first."""
    places = sorted((store / "entries").glob("*/*/step.json"), key=_changed_ns)
    for place in places[-MOST_ENTRIES:]:
        value = _read(place)
        if value is not None and {"key", "kind", "version", "params", "inputs", "hints"} <= value.keys():
            inputs = {role: tuple(keys) for role, keys in value["inputs"].items()}
            yield Step(value["key"], value["kind"], value["version"], value["params"], inputs, value["hints"])


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # removed by another process meanwhile
        return 0


def _latest(stored: Iterable[Step]) -> Mapping[tuple[str, ...], Step]:
    return {names_of(step): step for step in stored}


def _measure(plan: Plan, stored: Iterable[Step], done: frozenset[str], store: Path) -> Measured:
    rows: dict[str, Mapping[str, int]] = {}
    tokens: dict[str, Mapping[str, int]] = {}
    for step in plan.steps:
        if step.key in done and step.kind in ("split", "encode"):
            name, held = ("rows", rows) if step.kind == "split" else ("tokens", tokens)
            counts = (_read(_entry(store, step.key) / f"{step.kind}.json") or {}).get(name)
            if isinstance(counts, Mapping):
                held[step.key] = counts
    return Measured(rows, tokens, _speed(stored, store))


def _speed(stored: Iterable[Step], store: Path) -> float | None:
    """Training throughput of the latest fine-tuning: 6 x parameters x tokens / seconds. None when there was none."""
    speed = None
    for step in stored:
        parameters = step.hints.get("parameters")
        if step.kind != "train" or "encoded" not in step.inputs or not isinstance(parameters, int):
            continue
        about = _read(_entry(store, step.key) / "train.json") or {}
        tokens, seconds = about.get("tokens"), about.get("seconds")
        if isinstance(tokens, int) and isinstance(seconds, int | float) and tokens > 0 and seconds > 0:
            speed = 6 * parameters * tokens / seconds
    return speed


def _read(path: Path) -> dict[str, Any] | None:
    """A JSON object; None for what is not there or damaged, which the run will find out and repair."""
    try:
        value: Json = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
