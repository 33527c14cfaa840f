"""Weighted counts of classes, from which all metrics of labels are made.

In: class examples. Out: a function from weights to `Counts`. No confusion matrix is built: hits, answers and targets of each class
are enough, and grow with the number of classes instead of its square.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
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
    """Counts of these classes. Float32 weights count exactly up to 2^24 examples."""
    hit = np.where(examples.correct, examples.target, -1)
    sums = [_class_sums(column, classes) for column in (hit, examples.prediction, examples.target)]

    def count(weights: Weights) -> Counts:
        hits, answers, targets = (add(weights) for add in sums)
        return Counts(hits, answers, targets, weights.sum(axis=1, dtype=np.float64))

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


def _class_sums(column: NDArray[np.int64], classes: Indices) -> Callable[[Weights], Floats]:
    if len(classes) <= DENSE_CLASSES:
        indicator = (column[:, None] == classes[None, :]).astype(np.float32)
        return lambda weights: (weights @ indicator.astype(weights.dtype, copy=False)).astype(np.float64)
    place = np.searchsorted(classes, column)
    place = np.minimum(place, len(classes) - 1)
    here = np.flatnonzero(classes[place] == column)
    shape = (len(classes), len(column))
    rows = sparse.csr_array((np.ones(len(here), dtype=np.float32), (place[here], here)), shape=shape)
    return lambda weights: np.ascontiguousarray((rows @ weights.T).T, dtype=np.float64)
