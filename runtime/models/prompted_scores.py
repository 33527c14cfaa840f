"""What a language model says of requests, and the answers of a task made of it.

In: requests with their log-likelihoods, token by token. Out: `ChoiceAnswers`, `LabelAnswers`, `TextLikelihoods`. Not here: computing
anything with a model; how likelihoods become answers (`likelihoods`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchc.runtime.language.scorer import Scores
from benchc.runtime.language.trie import Query
from benchc.runtime.models import likelihoods
from benchc.runtime.models.requests import Request, RequestTable
from benchc.runtime.tasks.answers import ChoiceAnswers, LabelAnswers, TextLikelihoods
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


@dataclass(frozen=True, slots=True)
class _Judged:
    """A `Judge` by the model's own token scores."""

    sheet: Sheet
    scores: Scores

    def log_likelihood(self, request: Request) -> float:
        return self.sheet.log_likelihood(request, self.scores)

    def likeliest(self, request: Request) -> bool:
        return self.sheet.likeliest(request, self.scores)

    def scored(self, request: Request) -> int:
        return request.scored


def choice_answers(rows: Sequence[int], table: RequestTable[Request], sheet: Sheet, scores: Scores) -> ChoiceAnswers:
    return likelihoods.choice_answers(rows, table, _Judged(sheet, scores))


def label_answers(
    rows: Sequence[int], table: RequestTable[Request], labels: int, calibrate: bool, sheet: Sheet, scores: Scores
) -> LabelAnswers:
    return likelihoods.label_answers(rows, table, labels, calibrate, _Judged(sheet, scores))


def text_likelihoods(rows: Sequence[int], table: RequestTable[Request], sheet: Sheet, scores: Scores) -> TextLikelihoods:
    """Sums over each row's windows."""
    windows = [table.of(row, "window") for row in rows]
    return TextLikelihoods(
        log_likelihood=np.array([sum(sheet.log_likelihood(one, scores) for one in of_row) for of_row in windows]),
        tokens=np.array([sum(one.scored for one in of_row) for of_row in windows], np.int64),
        words=np.array([sum(one.words for one in of_row) for of_row in windows], np.int64),
        bytes=np.array([sum(one.bytes for one in of_row) for of_row in windows], np.int64),
        characters=np.array([sum(one.characters for one in of_row) for of_row in windows], np.int64),
    )
