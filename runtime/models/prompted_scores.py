"""What a language model says of requests, and the answers of a task made of it.

In: requests with their log-likelihoods. Out: `ChoiceAnswers`, `LabelAnswers`, `TextLikelihoods`. Not here: computing anything with a
model.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchc.runtime.language.scorer import Scores
from benchc.runtime.language.trie import Query
from benchc.runtime.models.requests import Request, RequestTable
from benchc.runtime.tasks.answers import ChoiceAnswers, Continuations, LabelAnswers, TextLikelihoods, from_logits
from benchc.runtime.work import StepFailed


@dataclass(frozen=True, slots=True)
class Sheet:
    """The queries of many requests, and where each one's answers are: `places` by the request's identity in memory."""

    queries: tuple[Query, ...]
    places: dict[int, Query]

    def log_likelihood(self, request: Request, scores: Scores) -> float:
        """Of the scored tokens together, in nats; 0 for an empty text."""
        return float(scores.log_probabilities[self._slots(request)].sum())

    def likeliest(self, request: Request, scores: Scores) -> bool:
        """Whether each scored token was the model's first choice."""
        return bool(scores.likeliest[self._slots(request)].all())

    def _slots(self, request: Request) -> slice:
        query = self.places.get(id(request))
        return slice(0, 0) if query is None else slice(query.slot, query.slot + request.scored)


def sheet_of(requests: Iterable[Request]) -> Sheet:
    """Raises StepFailed for a text whose first token is scored: a model needs one token before it."""
    queries: list[Query] = []
    places: dict[int, Query] = {}
    slot = 0
    for request in requests:
        if not request.scored:
            continue
        if request.scored_from < 1:
            raise StepFailed(
                "no_context", f"a text of row {request.row} has no token before it", "give the model a beginning-of-text token"
            )
        query = Query(request.tokens, request.scored_from, slot)
        slot += request.scored
        places[id(request)] = query
        queries.append(query)
    return Sheet(tuple(queries), places)


def choice_answers(rows: Sequence[int], table: RequestTable, sheet: Sheet, scores: Scores) -> ChoiceAnswers:
    """The likeliest choice, the first of equals."""
    choices = [table.of(row, "choice") for row in rows]
    alone = [table.of(row, "unconditional") for row in rows]
    likelihoods = tuple(tuple(sheet.log_likelihood(one, scores) for one in of_row) for of_row in choices)
    continuations = Continuations(
        log_likelihoods=likelihoods,
        tokens=tuple(tuple(one.scored for one in of_row) for of_row in choices),
        bytes=tuple(tuple(one.bytes for one in of_row) for of_row in choices),
        characters=tuple(tuple(one.characters for one in of_row) for of_row in choices),
        unconditional=tuple(tuple(sheet.log_likelihood(one, scores) for one in of_row) for of_row in alone) if any(alone) else None,
        likeliest=tuple(tuple(sheet.likeliest(one, scores) for one in of_row) for of_row in choices),
    )
    chosen = np.array([int(np.argmax(of_row)) for of_row in likelihoods], np.int64)
    return ChoiceAnswers(chosen, tuple(_softmax(of_row) for of_row in likelihoods), continuations)


def _softmax(logits: Sequence[float]) -> tuple[float, ...]:
    shifted = np.exp(np.array(logits) - max(logits))
    return tuple((shifted / shifted.sum()).tolist())


def label_answers(rows: Sequence[int], table: RequestTable, labels: int, calibrate: bool, sheet: Sheet, scores: Scores) -> LabelAnswers:
    """Probabilities over labels. Calibrated: divided by what the model gives the labels where the prompt has no content (contextual
    calibration, Zhao et al. 2021)."""
    logits = np.stack([_by_label(table.of(row, "label"), labels, sheet, scores) for row in rows])
    if calibrate:
        logits = logits - np.stack([_by_label(_contentless(row, table), labels, sheet, scores) for row in rows])
    return from_logits(logits)


def _contentless(row: int, table: RequestTable) -> list[Request]:
    own = table.of(row, "calibration")
    return own or [one for one in table.shared if one.role == "calibration"]


def _by_label(requests: Sequence[Request], labels: int, sheet: Sheet, scores: Scores) -> npt.NDArray[np.float64]:
    values = np.full(labels, np.nan)
    for request in requests:
        values[request.part] = sheet.log_likelihood(request, scores)
    if np.isnan(values).any():
        raise StepFailed("requests_missing", "some labels have no request", "plan again")
    return values


def text_likelihoods(rows: Sequence[int], table: RequestTable, sheet: Sheet, scores: Scores) -> TextLikelihoods:
    """Sums over each row's windows."""
    windows = [table.of(row, "window") for row in rows]
    return TextLikelihoods(
        log_likelihood=np.array([sum(sheet.log_likelihood(one, scores) for one in of_row) for of_row in windows]),
        tokens=np.array([sum(one.scored for one in of_row) for of_row in windows], np.int64),
        words=np.array([sum(one.words for one in of_row) for of_row in windows], np.int64),
        bytes=np.array([sum(one.bytes for one in of_row) for of_row in windows], np.int64),
        characters=np.array([sum(one.characters for one in of_row) for of_row in windows], np.int64),
    )
