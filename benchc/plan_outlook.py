"""What a run of a plan would do now: which steps run, which the store has, why, and what it costs.

In: `Plan`, `Past`. Out: `Outlook`. Not here: reading the store (`past_runs`), drawing (`cli.plan`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchc.compiler.estimate import Estimate, estimate
from benchc.compiler.jsonvalue import Json, canonical
from benchc.compiler.plan import Plan, Step
from benchc.past_runs import Past, names_of

ON_DEMAND = ("encode", "train")  # done only when a step behind them runs
MOST_CHANGES = 3
LONGEST_VALUE = 40


class State(StrEnum):
    STORED = "stored"
    RUNS = "runs"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step runs, in words, and whether something before it is the cause."""

    text: str
    inherited: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """By key of step. Only steps that run have a reason. The report is not a step here: it is always written."""

    steps: tuple[Step, ...]
    states: Mapping[str, State]
    reasons: Mapping[str, Reason]
    estimates: Mapping[str, Estimate]

    def of_kind(self, kind: str, state: State) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.kind == kind and self.states[step.key] is state)


def look_ahead(plan: Plan, past: Past) -> Outlook:
    steps = tuple(step for step in plan.steps if step.kind != "report")
    states = _states(steps, past.done)
    reasons = {step.key: _reason(step, states, past) for step in steps if states[step.key] is State.RUNS}
    return Outlook(steps, states, reasons, estimate(plan, past.measured))


def _states(steps: Sequence[Step], done: frozenset[str]) -> Mapping[str, State]:
    wanted: set[str] = set()
    states: dict[str, State] = {}
    for step in reversed(steps):
        if step.key in done:
            states[step.key] = State.STORED
        elif step.kind in ON_DEMAND and step.key not in wanted:
            states[step.key] = State.NOT_NEEDED
        else:
            states[step.key] = State.RUNS
            wanted.update(key for keys in step.inputs.values() for key in keys)
    return {step.key: states[step.key] for step in steps}


def _reason(step: Step, states: Mapping[str, State], past: Past) -> Reason:
    before = past.latest.get(names_of(step))
    if before is None:
        return Reason("not done before", inherited=False)
    if before.key == step.key:
        return Reason("its result is gone from the store", inherited=False)
    if before.version != step.version:
        return Reason(f"the implementation of `{step.kind}` is new: version {step.version}, was {before.version}", inherited=False)
    changes = [_words(change, step, before) for change in _changes(before.params, step.params)]
    if changes:
        more = f" and {len(changes) - MOST_CHANGES} more" if len(changes) > MOST_CHANGES else ""
        return Reason("; ".join(dict.fromkeys(changes[:MOST_CHANGES])) + more, inherited=False)
    others = [role for role, keys in step.inputs.items() if before.inputs.get(role) != keys]
    return Reason(f"other {_listed(others)}", inherited=True)


@dataclass(frozen=True, slots=True)
class _Change:
    path: tuple[str, ...]
    old: Json
    new: Json


def _changes(old: Json, new: Json, path: tuple[str, ...] = ()) -> Iterator[_Change]:
    """The smallest parts in which two values differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.get("call") == new.get("call"):
        for name in sorted(old.keys() | new.keys()):
            yield from _changes(old.get(name), new.get(name), (*path, name))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _changes(one, other, (*path, str(index)))
    elif canonical(old) != canonical(new):
        yield _Change(path, old, new)


def _words(change: _Change, step: Step, before: Step) -> str:
    """A change in words: of a file by its name, of a setting with both values."""
    if "files" in change.path:
        place = change.path.index("files")
        name = _file_name(change.path[place + 1 :], step)
        if change.old is None or change.new is None:
            return f"`{name}` {'is new' if change.old is None else 'is gone'}"
        return f"the content of `{name}` changed"
    return f"`{'.'.join(change.path)}` was {_shown(change.old)}, is {_shown(change.new)}"


def _file_name(path: Sequence[str], step: Step) -> str:
    """A data file by its location, a model's file by its name."""
    at: Json = step.hints.get("locations")
    for part in path:
        if isinstance(at, Mapping) and part in at:
            at = at[part]
        elif isinstance(at, list | tuple) and part.isdigit() and int(part) < len(at):
            at = at[int(part)]
        else:
            return "/".join(path)
    return at if isinstance(at, str) else "/".join(path)


def _shown(value: Json) -> str:
    if isinstance(value, Mapping) and "call" in value:
        return f"`{value['call']}(...)`" if len(value) > 1 else f"`{value['call']}`"
    text = "not given" if value is None else canonical(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _listed(roles: Sequence[str]) -> str:
    names = {
        "rows": "rows",
        "split": "division of the rows",
        "encoded": "tokens",
        "model": "trained model",
        "a": "predictions",
        "b": "predictions",
        "values": "results",
        "left": "results",
        "right": "results",
    }
    return " and ".join(dict.fromkeys(names.get(role, role) for role in roles))
