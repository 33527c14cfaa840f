"""Weighted counts of classes, from which all metrics of labels are made.

In: class examples. Out: a function from weights to `Counts`. No confusion matrix is built: hits, answers and targets of each class
are enough, and grow with the number of classes instead of its square.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import sparse

from benchc.runtime.metrics.examples import ClassExamples, Floats, Indices
from benchc.runtime.metrics.metric import MetricMisfitError, Settings, Weights

DENSE_CLASSES = 128  # above, products with a sparse indicator are faster than with a dense one


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Each (resamples, classes): examples of the class that got it as answer, that got it rightly or not, that should have got it.
    `total` (resamples,) counts all examples, those of other classes included."""

    hits: Floats
    answers: Floats
    targets: Floats
    total: Floats


Counter: TypeAlias = Callable[[Weights], Counts]


def occurring(examples: ClassExamples) -> Indices:
    """Indices of the labels that stand in targets or predictions, in order."""
    return np.union1d(examples.target, examples.prediction)


def counter(examples: ClassExamples, classes: Indices) -> Counter:
    """Counts of these classes, in one pass over the weights. Float32 weights count exactly up to 2^24 examples."""
    hit = np.where(examples.correct, examples.target, -1)
    add = _class_sums((hit, examples.prediction, examples.target), classes)

    def count(weights: Weights) -> Counts:
        sums = add(weights)
        hits, answers, targets = np.split(sums[:, :-1], 3, axis=1)
        return Counts(hits, answers, targets, sums[:, -1])

    return count


def positive_class(examples: ClassExamples, settings: Settings) -> int:
    """The index of the `positive` label; the last of two labels when none is named."""
    positive = settings.get("positive")
    if positive is None:
        if len(examples.labels) == 2:
            return 1
        raise MetricMisfitError(f"a binary metric over {len(examples.labels)} labels needs `positive`")
    text = label_text(positive)
    if text not in examples.labels:
        raise MetricMisfitError(f"`positive` is `{text}`, the labels are {', '.join(f'`{label}`' for label in examples.labels)}")
    return examples.labels.index(text)


def label_text(value: object) -> str:
    """The text under which predictions hold a label."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _class_sums(columns: Sequence[Indices], classes: Indices) -> Callable[[Weights], Floats]:
    """From weights (resamples, n) to (resamples, columns x classes + 1): how often each column holds each class, then the total."""
    if len(classes) <= DENSE_CLASSES:
        ones = np.ones((len(columns[0]), 1), dtype=bool)
        indicator = np.hstack([*(column[:, None] == classes for column in columns), ones]).astype(np.float32)
        return lambda weights: (weights @ indicator.astype(weights.dtype, copy=False)).astype(np.float64)
    rows = sparse.vstack([*(_class_rows(column, classes) for column in columns), np.ones((1, len(columns[0])), dtype=np.float32)]).tocsr()
    return lambda weights: np.ascontiguousarray((rows @ weights.T).T, dtype=np.float64)


def _class_rows(column: Indices, classes: Indices) -> sparse.csr_array:
    """(classes, n): 1 where the column holds the class."""
    place = np.minimum(np.searchsorted(classes, column), len(classes) - 1)
    here = np.flatnonzero(classes[place] == column)
    return sparse.csr_array((np.ones(len(here), dtype=np.float32), (place[here], here)), shape=(len(classes), len(column)))
