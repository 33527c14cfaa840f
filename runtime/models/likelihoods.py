"""Answers of tasks that go by how likely given texts are.

In: requests, and a `Judge` that knows the log-likelihood of each. Out: `ChoiceAnswers`, `LabelAnswers`. Not here: where likelihoods come
from: a model of this machine (`prompted_scores`) or a server (`endpoints`).
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from benchc.runtime.models.requests import OfRow, RequestTable
from benchc.runtime.tasks.answers import ChoiceAnswers, Continuations, LabelAnswers, from_logits
from benchc.runtime.work import StepFailed


class Sized(OfRow, Protocol):
    """A request with the size of the text that is scored."""

    @property
    def bytes(self) -> int: ...

    @property
    def characters(self) -> int: ...


Asked = TypeVar("Asked", bound=Sized)
Judged = TypeVar("Judged", bound=Sized, contravariant=True)


class Judge(Protocol[Judged]):
    """What a model says of requests: log-likelihood of the scored tokens together, in nats; whether each was its first choice (None where
    it does not tell); how many they are."""

    def log_likelihood(self, request: Judged) -> float: ...

    def likeliest(self, request: Judged) -> bool | None: ...

    def scored(self, request: Judged) -> int: ...


def choice_answers(rows: Sequence[int], table: RequestTable[Asked], judge: Judge[Asked]) -> ChoiceAnswers:
    """The likeliest choice, the first of equals."""
    choices = [table.of(row, "choice") for row in rows]
    alone = [table.of(row, "unconditional") for row in rows]
    found = tuple(tuple(judge.log_likelihood(one) for one in of_row) for of_row in choices)
    continuations = Continuations(
        log_likelihoods=found,
        tokens=tuple(tuple(judge.scored(one) for one in of_row) for of_row in choices),
        bytes=tuple(tuple(one.bytes for one in of_row) for of_row in choices),
        characters=tuple(tuple(one.characters for one in of_row) for of_row in choices),
        unconditional=tuple(tuple(judge.log_likelihood(one) for one in of_row) for of_row in alone) if any(alone) else None,
        likeliest=tuple(tuple(judge.likeliest(one) for one in of_row) for of_row in choices),
    )
    chosen = np.array([int(np.argmax(of_row)) for of_row in found], np.int64)
    return ChoiceAnswers(chosen, tuple(_softmax(of_row) for of_row in found), continuations)


def _softmax(logits: Sequence[float]) -> tuple[float, ...]:
    shifted = np.exp(np.array(logits) - max(logits))
    return tuple((shifted / shifted.sum()).tolist())


def label_answers(rows: Sequence[int], table: RequestTable[Asked], labels: int, calibrate: bool, judge: Judge[Asked]) -> LabelAnswers:
    """Probabilities over labels. Calibrated: divided by what the model gives the labels where the prompt has no content, averaged over
    several such prompts, and scaled to one again (contextual calibration, Zhao et al. 2021)."""
    logits = np.stack([_by_label(table.of(row, "label"), labels, judge) for row in rows])
    if calibrate:
        logits = logits - np.stack([_bias(_contentless(row, table), labels, judge) for row in rows])
    return from_logits(logits)


def _contentless(row: int, table: RequestTable[Asked]) -> list[Asked]:
    own = table.of(row, "calibration")
    return own or [one for one in table.shared if one.role == "calibration"]


def _bias(requests: Sequence[Asked], labels: int, judge: Judge[Asked]) -> npt.NDArray[np.float64]:
    """Logarithm of the mean probability of each label, [labels], over the prompts without content, as the paper's own code has it."""
    prompts = [[one for one in requests if one.part // labels == number] for number in range(len(requests) // labels)]
    if not prompts:
        raise StepFailed("requests_missing", "there are no prompts without content", "plan again")
    logits = np.stack([_by_label(of_prompt, labels, judge) for of_prompt in prompts])
    return np.asarray(np.logaddexp.reduce(logits, axis=0) - np.log(len(prompts)), np.float64)


def _by_label(requests: Sequence[Asked], labels: int, judge: Judge[Asked]) -> npt.NDArray[np.float64]:
    values = np.full(labels, np.nan)
    for request in requests:
        values[request.part % labels] = judge.log_likelihood(request)
    if np.isnan(values).any():
        raise StepFailed("requests_missing", "some labels have no request", "plan again")
    return values
