"""One of several labels for a text or a pair of texts."""

from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchc.runtime.data.view import DataView
from benchc.runtime.tasks.answers import Answers, Decisions, LabelAnswers, Probabilities
from benchc.runtime.tasks.task import Task
from benchc.runtime.work import StepFailed

LEAST_PROBABILITY = float(np.finfo(np.float32).eps)  # a loss is never infinite: scores are kept as float32


def targets(view: DataView, task: Task, split: str) -> npt.NDArray[np.int64]:
    """Places in the list of labels, [rows]. Raises StepFailed when a row has none."""
    column = view.rows(split).column(task.target)
    if column.null_count:
        raise StepFailed(
            "missing_target",
            f"{column.null_count} rows of {split} have no label in `{task.target}`",
            "give one, or leave them out with `where`",
        )
    return cast("npt.NDArray[np.int64]", column.to_numpy().astype(np.int64))


def output_count(view: DataView, task: Task) -> int:
    """How many numbers a model gives for a row."""
    return len(view.labels[task.target])


def columns(view: DataView, task: Task, truth: npt.NDArray[np.int64], answers: Answers) -> dict[str, pa.Array]:
    """Columns of the predictions file behind id, split and group, for rows with these targets."""
    assert isinstance(answers, LabelAnswers)
    names = pa.array(list(view.labels[task.target]), pa.string())
    made = {
        "target": names.take(pa.array(truth)),
        "prediction": names.take(pa.array(answers.chosen)),
        "correct": pa.array(truth == answers.chosen),
    }
    match answers.scores:
        case None:
            pass
        case Decisions(values):
            made["scores"] = _lists(values)
        case Probabilities(values):
            made["scores"] = _lists(values)
            right = values[np.arange(len(truth)), truth]
            made["loss"] = pa.array(-np.log(np.maximum(right, LEAST_PROBABILITY)), pa.float32())
    return made


def score_kind(answers: Answers) -> str | None:
    """ "probability", "decision", or None for a model without scores."""
    assert isinstance(answers, LabelAnswers)
    match answers.scores:
        case None:
            return None
        case Decisions():
            return "decision"
        case Probabilities():
            return "probability"


def _lists(values: npt.NDArray[np.floating]) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(values, np.float32).reshape(-1))
    offsets = pa.array(np.arange(0, values.size + 1, values.shape[1], dtype=np.int32))
    return pa.ListArray.from_arrays(offsets, flat)
