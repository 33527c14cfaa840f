"""How likely a model finds the texts themselves."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchc.runtime.data.view import DataView
from benchc.runtime.tasks.answers import Answers, TextLikelihoods
from benchc.runtime.tasks.task import Task
from benchc.runtime.work import StepFailed


def targets(view: DataView, task: Task, split: str) -> npt.NDArray[Any]:
    """There are none: the text is its own."""
    return np.empty(len(view.row_numbers(split)), object)


def output_count(view: DataView, task: Task) -> int:
    """Likelihoods are not learned by a head."""
    raise StepFailed("task_without_outputs", "`language_modeling` is not learned by a head", "use a causal model")


def columns(view: DataView, task: Task, truth: npt.NDArray[Any], answers: Answers) -> dict[str, pa.Array]:
    """Columns of the predictions file behind id, split and group."""
    assert isinstance(answers, TextLikelihoods)
    return {
        "log_likelihood": pa.array(answers.log_likelihood, pa.float64()),
        "tokens": pa.array(answers.tokens, pa.int64()),
        "words": pa.array(answers.words, pa.int64()),
        "bytes": pa.array(answers.bytes, pa.int64()),
        "characters": pa.array(answers.characters, pa.int64()),
    }


def score_kind(answers: Answers) -> str | None:
    """Likelihoods of texts are no scores of labels."""
    return None
