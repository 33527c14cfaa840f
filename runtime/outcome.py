"""How each step of a plan ended.

In: nothing. Out: the types that `execute` returns and `results` reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json


@dataclass(frozen=True, slots=True)
class Done:
    """The step's files are in `folder`. `seconds` is what it took when it was computed, `reused` whether that was in an earlier run."""

    folder: Path
    seconds: float
    reused: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The step could not be done. `details` is the file with the traceback when the cause is a bug in benchc."""

    step: str
    code: str
    message: str
    help: str
    details: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """The step was not tried, because of another one (`cause`) or because it does not fit the budget (`cause` is None)."""

    code: str
    message: str
    help: str
    cause: Failed | None


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """The step is not in the store, and nothing that had to be done asks for it."""


StepOutcome: TypeAlias = Done | Failed | Skipped | NotNeeded


@dataclass(frozen=True, slots=True)
class Repaired:
    """A store entry that was damaged, set aside and made again."""

    key: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`steps` by key, in the plan's order."""

    steps: Mapping[str, StepOutcome]
    repaired: tuple[Repaired, ...]


def error_json(outcome: Failed | Skipped) -> Json:
    """What results.json says of a step that is not there. For a step that was skipped it is the failure that this goes back to."""
    origin = outcome.cause if isinstance(outcome, Skipped) and outcome.cause is not None else outcome
    step = origin.step if isinstance(origin, Failed) else None
    return {"code": origin.code, "message": origin.message, "help": origin.help, "step": step}
