"""The likeliest of several texts, whose number may differ from row to row.

Targets and predictions are numbers of choices, from 0 on, written as text.
"""

from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchc.runtime.data.view import DataView
from benchc.runtime.tasks.answers import Answers, ChoiceAnswers, Continuations
from benchc.runtime.tasks.classification import LEAST_PROBABILITY
from benchc.runtime.tasks.lists import list_column
from benchc.runtime.tasks.task import Task
from benchc.runtime.work import StepFailed


def targets(view: DataView, task: Task, split: str) -> npt.NDArray[np.int64]:
    """The right choice of each row, [rows]. A label or a number counts the choices; a text is that of one of them."""
    if task.constant is not None:
        return np.full(len(view.row_numbers(split)), task.constant, np.int64)
    column = view.column(split, task.target)
    if column.null_count:
        raise StepFailed(
            "missing_target",
            f"{column.null_count} rows of {split} have no answer in `{task.target}`",
            "give one, or leave them out with `where`",
        )
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _by_text(view, task, split, cast("list[str]", column.to_pylist()))
    return cast("npt.NDArray[np.int64]", column.to_numpy().astype(np.int64))


def _by_text(view: DataView, task: Task, split: str, answers: list[str]) -> npt.NDArray[np.int64]:
    assert task.choices is not None
    choices = cast("list[list[str]]", view.column(split, task.choices).to_pylist())
    for row, (answer, offered) in enumerate(zip(answers, choices, strict=True)):
        if answer not in offered:
            raise StepFailed("bad_target", f"row {_name(view, split, row)}: the answer `{answer}` is none of its choices", "mend the row")
    return np.array([offered.index(answer) for answer, offered in zip(answers, choices, strict=True)], np.int64)


def output_count(view: DataView, task: Task) -> int:
    """The number of choices differs from row to row."""
    raise StepFailed("task_without_outputs", "`multiple_choice` is not learned by a head", "use a causal model")


def columns(view: DataView, task: Task, truth: npt.NDArray[np.int64], answers: Answers) -> dict[str, pa.Array]:
    """Columns of the predictions file behind id, split and group, for rows with these targets."""
    assert isinstance(answers, ChoiceAnswers)
    made = {
        "target": pa.array([str(number) for number in truth], pa.string()),
        "prediction": pa.array([str(number) for number in answers.chosen], pa.string()),
        "correct": pa.array(truth == answers.chosen),
    }
    if answers.probabilities is not None:
        made["scores"] = list_column(answers.probabilities, pa.float32())
        made["loss"] = pa.array([_loss(row, right) for row, right in zip(answers.probabilities, truth, strict=True)], pa.float32())
    return made if answers.continuations is None else {**made, **_continuation_columns(answers.continuations)}


def _loss(probabilities: tuple[float, ...], right: int) -> float:
    if not 0 <= right < len(probabilities):
        raise StepFailed("bad_target", f"the answer is choice {right} of a row with {len(probabilities)} choices", "mend the row")
    return float(-np.log(max(probabilities[right], LEAST_PROBABILITY)))


def _continuation_columns(of: Continuations) -> dict[str, pa.Array]:
    made = {
        "log_likelihoods": list_column(of.log_likelihoods, pa.float64()),
        "tokens": list_column(of.tokens, pa.int32()),
        "bytes": list_column(of.bytes, pa.int32()),
        "characters": list_column(of.characters, pa.int32()),
        "likeliest": list_column(of.likeliest, pa.bool_()),
    }
    return made if of.unconditional is None else {**made, "unconditional": list_column(of.unconditional, pa.float64())}


def score_kind(answers: Answers) -> str | None:
    """ "probability", or None for a model that only names a choice."""
    assert isinstance(answers, ChoiceAnswers)
    return None if answers.probabilities is None else "probability"


def _name(view: DataView, split: str, row: int) -> str:
    return f"`{view.column(split, '_id')[row].as_py()}`"
