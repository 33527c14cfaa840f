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


Numbers: TypeAlias = tuple[tuple[int, ...], ...]  # for each row, one for each of its choices or samples
Reals: TypeAlias = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Continuations:
    """What a model says of each choice's text, a tuple for each row: summed log-likelihoods in nats, sizes of the scored text, the
    log-likelihood of the text without its context (None unless it was asked for), and whether every token was the likeliest (None
    where the model does not tell)."""

    log_likelihoods: Reals
    tokens: Numbers
    bytes: Numbers
    characters: Numbers
    unconditional: Reals | None
    likeliest: tuple[tuple[bool | None, ...], ...]


@dataclass(frozen=True, slots=True)
class ChoiceAnswers:
    """`chosen` [rows]: the choice's number. `probabilities`: one for each choice of a row, or None for a model that only names one.
    `continuations` is None where no text was scored."""

    chosen: npt.NDArray[np.int64]
    probabilities: Reals | None
    continuations: Continuations | None


@dataclass(frozen=True, slots=True)
class TextAnswers:
    """Samples of each row. `ended`: "end" (the model stopped), "stop" (a stop sequence) or "length". `tokens` and
    `log_probabilities` (nats, of all tokens of a sample) are None where the model does not tell."""

    texts: tuple[tuple[str, ...], ...]
    ended: tuple[tuple[str, ...], ...]
    tokens: Numbers | None
    log_probabilities: Reals | None


@dataclass(frozen=True, slots=True)
class TextLikelihoods:
    """Of each row's text: log-likelihood in nats (float64), and the size of what was scored (int64). All [rows]."""

    log_likelihood: npt.NDArray[np.float64]
    tokens: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]
    bytes: npt.NDArray[np.int64]
    characters: npt.NDArray[np.int64]


Answers: TypeAlias = LabelAnswers | ValueAnswers | ChoiceAnswers | TextAnswers | TextLikelihoods


def from_logits(logits: npt.NDArray[np.float32] | npt.NDArray[np.float64]) -> LabelAnswers:
    """The likeliest label (the first of equals) and the softmax. `logits` [rows, labels]; computed in float64."""
    wide = logits.astype(np.float64)
    shifted = np.exp(wide - wide.max(axis=1, keepdims=True)) if len(wide) else wide
    probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    return LabelAnswers(logits.argmax(axis=1).astype(np.int64), Probabilities(probabilities))
