"""Examples as arrays: what a metric sees.

In: arrays that a model's predictions were read into. Out: one of `ClassExamples`, `ValueExamples`, `ChoiceExamples`, `TextExamples`,
`PassageExamples`. Not here: files, ids and groups (`predictions`), since no metric depends on them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchc.runtime.metrics.ragged import Ragged

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.object_]


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


@dataclass(frozen=True, slots=True)
class ChoiceLengths:
    """Of each choice's text as it was scored."""

    bytes: Ragged
    characters: Ragged
    tokens: Ragged


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceExamples:
    """Answers to questions with choices of their own, whose number may differ.

    `target`: (n,) place of the right choice. `prediction`: (n,) place of the model's answer. `probabilities`: of each choice, rows add
    up to 1; None for a model that only names one. `likelihoods`: natural log-likelihood of each choice's text, summed over its tokens,
    and `lengths`; both None for a model without likelihoods. `unconditional`: log-likelihoods without the question; None where nobody
    asked for them.
    """

    target: Indices
    prediction: Indices
    probabilities: Ragged | None = None
    likelihoods: Ragged | None = None
    lengths: ChoiceLengths | None = None
    unconditional: Ragged | None = None

    @property
    def count(self) -> int:
        return len(self.target)


@dataclass(frozen=True, slots=True, eq=False)
class TextExamples:
    """Answers that are texts.

    `target`: (n,) references. `answers`: (n,) tuples of one text or more: one, or each of an example's samples; None where no answer
    could be extracted. `similarity`: (n,) tuples of (precision, recall, F1) of each answer's tokens; `passed`: (n,) tuples of truths,
    whether a sample passed the tests; both None where no step examined that.
    """

    target: Texts
    answers: Texts
    similarity: Texts | None = None
    passed: Texts | None = None

    @property
    def count(self) -> int:
        return len(self.target)

    @property
    def prediction(self) -> Texts:
        return self.answers


@dataclass(frozen=True, slots=True, eq=False)
class PassageExamples:
    """How likely a model finds texts. Each (n,): sum of the log-likelihoods of the tokens that were scored, and how many tokens, words
    (parted by white space) and bytes of UTF-8 the text has."""

    log_likelihood: Floats
    tokens: Indices
    words: Indices
    bytes: Indices

    @property
    def count(self) -> int:
        return len(self.bytes)

    @property
    def target(self) -> Indices:
        """What must be alike where two models are compared: the text, known by its length."""
        return self.bytes

    @property
    def prediction(self) -> Floats:
        return self.log_likelihood


Examples: TypeAlias = ClassExamples | ValueExamples | ChoiceExamples | TextExamples | PassageExamples


def concatenate(a: Examples, b: Examples) -> Examples:
    """The examples of `a` and then those of `b`; both of one kind, with the same labels. What one side lacks, the result lacks."""
    if type(a) is not type(b) or (isinstance(a, ClassExamples) and isinstance(b, ClassExamples) and a.labels != b.labels):
        raise ValueError("examples of two kinds, or with different labels, cannot be put together")
    columns = {name: _joined(one, getattr(b, name)) for name, one in _columns(a)}
    if isinstance(a, ClassExamples) and isinstance(b, ClassExamples):
        columns["probabilities"] = a.probabilities and b.probabilities
    return replace(a, **columns)


def take(examples: Examples, rows: Indices) -> Examples:
    """The examples at these rows, in this order; a row may come several times."""
    return replace(examples, **{name: _each(column, lambda part: part[rows]) for name, column in _columns(examples)})


def differing(a: Examples, b: Examples) -> Truths:
    """(n,) whether the two answer an example differently, scores included where both have them."""
    different = np.zeros(a.count, dtype=np.bool_)
    for name, one in _columns(a):
        other = getattr(b, name)
        if one is not None and other is not None and not isinstance(one, ChoiceLengths):
            unequal = np.asarray(one != other, dtype=np.bool_)
            different |= unequal if unequal.ndim == 1 else unequal.any(axis=1)
    return different


def _columns(examples: Examples) -> Iterable[tuple[str, Any]]:
    """Names and values of what has one item an example."""
    return ((field.name, getattr(examples, field.name)) for field in fields(examples) if not _is_of_all(examples, field.name))


def _is_of_all(examples: Examples, name: str) -> bool:
    return isinstance(examples, ClassExamples) and name in ("labels", "probabilities")


def _each(column: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(column, ChoiceLengths):
        return ChoiceLengths(change(column.bytes), change(column.characters), change(column.tokens))
    return None if column is None else change(column)


def _joined(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    match a:
        case ChoiceLengths():
            return ChoiceLengths(a.bytes.joined(b.bytes), a.characters.joined(b.characters), a.tokens.joined(b.tokens))
        case Ragged():
            return a.joined(b)
        case _:
            return np.concatenate([a, b])
