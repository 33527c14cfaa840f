"""What a step's implementation is given, besides its parameters and inputs.

Every step kind has one file in `steps/` with `def run(step: Step, inputs: Inputs, work: Work) -> None`. It reads its inputs' folders,
writes its own files into `work.folder` and returns. Time, devices, progress and places come in here; nothing is read from globals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json

Inputs: TypeAlias = Mapping[str, tuple[Path, ...]]  # role -> folders of the finished steps that fill it


def no_variable(name: str) -> str | None:
    """Of a step that is given no environment."""
    return None


class StepFailed(Exception):  # noqa: N818 - named for what happened
    """Trouble that belongs to one cell: bad data, out of memory, NaN loss, a missing file. The message is for people: it names the
    file, line or field, and `help` says what to do. `code` is a short snake_case name (`out_of_memory`, `bad_row`)."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. `total` is None when that is not known. `unit` is plural: "rows", "steps", "examples"."""

    done: int
    total: int | None
    unit: str
    note: str = ""  # the latest loss or the like, short


@dataclass(frozen=True, slots=True)
class Work:
    """A step's surroundings.

    `folder`: empty, for the result; renamed into the store when `run` returns. `checkpoint`: belongs to this step, survives a kill,
    removed when the step is done. `place`: resolves a location of the plan (a path relative to the spec's file) to a path.
    `device`: the name of the device that was asked for, "auto" or "cpu", "cuda", "mps", "xpu". `event`: appends to events.jsonl
    (a dict with "event" and JSON values). `clock`: monotonic seconds. `checkpoint_seconds`: least time between checkpoints. `converted`:
    where models in another form than safetensors are kept once they are converted, for all steps; None keeps them in `checkpoint`.
    `allow_code_execution`: the user said on the command line that programs a model wrote may be run. `variable`: an environment variable,
    None when it is not set; what it holds may be secret. `batch_tokens`: most tokens of one batch of prediction; None leaves it to the
    device.
    """

    folder: Path
    checkpoint: Path
    place: Callable[[str], Path]
    device: str
    progress: Callable[[Progress], None]
    event: Callable[[Mapping[str, Json]], None]
    clock: Callable[[], float]
    checkpoint_seconds: float
    allow_code_execution: bool = False
    converted: Path | None = None
    variable: Callable[[str], str | None] = no_variable
    batch_tokens: int | None = None
