"""Text that a model writes, beside a reference."""

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchc.runtime.data.view import DataView
from benchc.runtime.tasks.answers import Answers, TextAnswers
from benchc.runtime.tasks.lists import list_column
from benchc.runtime.tasks.task import Task
from benchc.runtime.work import StepFailed


def targets(view: DataView, task: Task, split: str) -> npt.NDArray[Any]:
    """References as text, [rows]; None where the task has no target."""
    if not task.target:
        return np.full(len(view.row_numbers(split)), None, object)
    column = view.column(split, task.target)
    if column.null_count:
        raise StepFailed(
            "missing_target",
            f"{column.null_count} rows of {split} have no reference in `{task.target}`",
            "give one, or leave them out with `where`",
        )
    if task.target in view.labels:
        names = view.labels[task.target]
        return np.array([names[number] for number in cast("list[int]", column.to_pylist())], object)
    return np.array([str(value) for value in cast("list[Any]", column.to_pylist())], object)


def output_count(view: DataView, task: Task) -> int:
    """Text is not learned by a head."""
    raise StepFailed("task_without_outputs", "`generation` is not learned by a head", "use a causal or a sequence-to-sequence model")


def columns(view: DataView, task: Task, truth: npt.NDArray[Any], answers: Answers) -> dict[str, pa.Array]:
    """Columns of the predictions file behind id, split and group, for rows with these references."""
    assert isinstance(answers, TextAnswers)
    made = {
        "target": pa.array(truth.tolist(), pa.string()),
        "generations": list_column(answers.texts, pa.string()),
        "ended": list_column(answers.ended, pa.string()),
    }
    if answers.tokens is not None:
        made["tokens"] = list_column(answers.tokens, pa.int32())
    if answers.log_probabilities is not None:
        made["log_probabilities"] = list_column(answers.log_probabilities, pa.float64())
    return made


def score_kind(answers: Answers) -> str | None:
    """Texts have no scores."""
    return None
