"""Task kinds: one file each, with the functions of `TaskKind`."""

from typing import Any, Protocol

import numpy.typing as npt
import pyarrow as pa

from benchc.runtime.data.view import DataView
from benchc.runtime.tasks import classification, generation, language_modeling, multiple_choice, regression, similarity
from benchc.runtime.tasks.answers import Answers
from benchc.runtime.tasks.task import Task


class TaskKind(Protocol):
    """What each kind's module offers."""

    def targets(self, view: DataView, task: Task, split: str) -> npt.NDArray[Any]: ...

    def output_count(self, view: DataView, task: Task) -> int: ...

    def columns(self, view: DataView, task: Task, truth: npt.NDArray[Any], answers: Answers) -> dict[str, pa.Array]: ...

    def score_kind(self, answers: Answers) -> str | None: ...


KINDS: dict[str, TaskKind] = {
    "classification": classification,
    "regression": regression,
    "similarity": similarity,
    "multiple_choice": multiple_choice,
    "generation": generation,
    "language_modeling": language_modeling,
}
