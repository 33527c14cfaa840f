"""What a model answers for the rows of a split, in the rows' order."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Probabilities:
    """`values` [rows, labels], each row sums to one, labels in the task's order."""

    values: Floats


@dataclass(frozen=True, slots=True)
class Decisions:
    """`values` [rows, labels]: the higher the likelier, on no particular scale."""

    values: Floats


@dataclass(frozen=True, slots=True)
class LabelAnswers:
    """`chosen` [rows]: places in the task's list of labels. `scores` is None for a model that only names labels."""

    chosen: npt.NDArray[np.int64]
    scores: Probabilities | Decisions | None


@dataclass(frozen=True, slots=True)
class ValueAnswers:
    """`values` [rows], float64, in the target's own unit (a cosine for an untrained similarity)."""

    values: npt.NDArray[np.float64]


Answers: TypeAlias = LabelAnswers | ValueAnswers


def from_logits(logits: npt.NDArray[np.float32]) -> LabelAnswers:
    """The likeliest label (the first of equals) and the softmax. `logits` [rows, labels]; computed in float64."""
    wide = logits.astype(np.float64)
    shifted = np.exp(wide - wide.max(axis=1, keepdims=True)) if len(wide) else wide
    probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    return LabelAnswers(logits.argmax(axis=1).astype(np.int64), Probabilities(probabilities))
