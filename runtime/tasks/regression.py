"""A number for a text or a pair of texts."""

from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchc.runtime.data.view import DataView
from benchc.runtime.tasks.answers import Answers, ValueAnswers
from benchc.runtime.tasks.task import Task
from benchc.runtime.work import StepFailed


def targets(view: DataView, task: Task, split: str) -> npt.NDArray[np.float64]:
    """Numbers, [rows]. Raises StepFailed when a row has none, or one that is not finite."""
    column = view.rows(split).column(task.target)
    values = cast("npt.NDArray[np.float64]", column.to_numpy().astype(np.float64))
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        name = view.rows(split).column("_id")[int(bad[0])].as_py()
        raise StepFailed(
            "missing_target",
            f"{len(bad)} rows of {split} have no finite number in `{task.target}`, the first is row `{name}`",
            "give one, or leave them out with `where`",
        )
    return values


def output_count(view: DataView, task: Task) -> int:
    """How many numbers a model gives for a row."""
    return 1


def columns(view: DataView, task: Task, truth: npt.NDArray[np.float64], answers: Answers) -> dict[str, pa.Array]:
    """Columns of the predictions file behind id, split and group, for rows with these targets."""
    assert isinstance(answers, ValueAnswers)
    return {
        "target": pa.array(truth, pa.float64()),
        "prediction": pa.array(answers.values, pa.float64()),
        "loss": pa.array((truth - answers.values) ** 2, pa.float64()),
    }


def score_kind(answers: Answers) -> str | None:
    """Numbers have no scores."""
    return None
