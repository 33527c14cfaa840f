"""Examples as arrays: what a metric sees.

In: arrays that a model's predictions were read into. Out: `ClassExamples` or `ValueExamples`. Not here: files, ids and groups
(`predictions`), since no metric depends on them.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ClassExamples:
    """Answers of a classifier.

    `labels`: texts of the labels, in their order. `target`, `prediction`: (n,) indices into them. `scores`: (n, labels), probabilities
    when `probabilities` holds, else any numbers that rank; None when the model gives labels alone.
    """

    labels: tuple[str, ...]
    target: Indices
    prediction: Indices
    scores: Floats | None = None
    probabilities: bool = False

    @property
    def count(self) -> int:
        return len(self.target)

    @property
    def correct(self) -> Truths:
        return np.asarray(self.target == self.prediction)


@dataclass(frozen=True, slots=True, eq=False)
class ValueExamples:
    """Answers that are numbers. `target`, `prediction`: (n,) finite."""

    target: Floats
    prediction: Floats

    @property
    def count(self) -> int:
        return len(self.target)


Examples: TypeAlias = ClassExamples | ValueExamples


def concatenate(a: Examples, b: Examples) -> Examples:
    """The examples of `a` and then those of `b`; both of one kind, with the same labels."""
    if isinstance(a, ValueExamples) and isinstance(b, ValueExamples):
        return ValueExamples(np.concatenate([a.target, b.target]), np.concatenate([a.prediction, b.prediction]))
    if isinstance(a, ClassExamples) and isinstance(b, ClassExamples) and a.labels == b.labels:
        scores = None if a.scores is None or b.scores is None else np.concatenate([a.scores, b.scores])
        return ClassExamples(
            a.labels,
            np.concatenate([a.target, b.target]),
            np.concatenate([a.prediction, b.prediction]),
            scores,
            a.probabilities and b.probabilities,
        )
    raise ValueError("examples of two kinds, or with different labels, cannot be put together")


def take(examples: Examples, rows: Indices) -> Examples:
    """The examples at these rows, in this order; a row may come several times."""
    if isinstance(examples, ValueExamples):
        return ValueExamples(examples.target[rows], examples.prediction[rows])
    scores = None if examples.scores is None else examples.scores[rows]
    return ClassExamples(examples.labels, examples.target[rows], examples.prediction[rows], scores, examples.probabilities)
