"""Answers of a language model that an earlier, interrupted try of the same steps has left, and those that this one leaves.

In: jobs with their requests, the checkpoint folders of their steps. Out: known answers as `Scores` and `Continuation`s; new ones are
made durable now and then. A request is known by its tokens, what of them is scored or how it is drawn, and the number format; model and
decoding are the step's own, to which the folder belongs. Not here: the file (`partial`).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.language.choose import Continuation, Prompt
from benchc.runtime.language.scorer import Scores, no_scores
from benchc.runtime.language.trie import Query
from benchc.runtime.models.family import PredictJob
from benchc.runtime.models.prompted_scores import Sheet
from benchc.runtime.models.prompted_trial import Asked
from benchc.runtime.partial import Partial, open_partial


def open_for(job: PredictJob) -> Partial:
    """The partial results of a job's step."""
    return open_partial(job.work.checkpoint, job.work.checkpoint_seconds, job.work.clock)


@dataclass(slots=True)
class KeptScores:
    """`scores`: what earlier tries found, NaN elsewhere. `resumed`: how many requests of each job that was. `waiting`: distinct queries
    of each job that are still to be answered."""

    scores: Scores
    resumed: tuple[int, ...]
    waiting: list[tuple[Partial, dict[str, Query]]]

    def keep(self, answers: Scores) -> None:
        """Makes the answers so far durable; called when it is time."""
        for partial, waiting in self.waiting:
            for key, query in [one for one in waiting.items() if _is_answered(one[1], answers)]:
                partial.add(key, _values(query, answers))
                del waiting[key]
            partial.flush()

    @property
    def is_due(self) -> bool:
        return any(partial.is_due for partial, _ in self.waiting)


def kept_scores(jobs: Sequence[Asked], partials: Sequence[Partial], precision: str, sheet: Sheet) -> KeptScores:
    """Of jobs that one model answers in one number format. What one job's file holds serves the others too."""
    scores = no_scores(sum(len(query.tokens) - query.scored_from for query in sheet.queries))
    earlier: dict[str, Json] = {key: value for partial in partials for key, value in partial.earlier.items()}
    resumed: list[int] = []
    waiting: list[tuple[Partial, dict[str, Query]]] = []
    for job, partial in zip(jobs, partials, strict=True):
        queries = [sheet.places[id(request)] for request in job.requests.all() if id(request) in sheet.places]
        keys = [query_key(query, precision) for query in queries]
        known = [(query, earlier[key]) for query, key in zip(queries, keys, strict=True) if key in earlier]
        for query, value in known:
            _fill(scores, query, value)
        resumed.append(len(known))
        waiting.append((partial, {key: query for query, key in zip(queries, keys, strict=True) if key not in partial.earlier}))
    return KeptScores(scores, tuple(resumed), waiting)


@dataclass(frozen=True, slots=True)
class KeptTexts:
    """Texts that a job has written so far in a number format."""

    partial: Partial
    precision: str

    def known(self, prompts: Sequence[Prompt], draws: bool) -> dict[int, Continuation]:
        """By the prompts' numbers, what an earlier try wrote."""
        keys = enumerate(prompt_key(prompt, draws, self.precision) for prompt in prompts)
        return {number: continuation_of(self.partial.earlier[key]) for number, key in keys if key in self.partial.earlier}

    def keeping(self, prompts: Sequence[Prompt], draws: bool) -> Callable[[int, Continuation], None]:
        """A function that keeps the continuation of the prompt with a number."""

        def keep(number: int, made: Continuation) -> None:
            self.partial.add(prompt_key(prompts[number], draws, self.precision), continuation_json(made))

        return keep


def query_key(query: Query, precision: str) -> str:
    return _digest(query.tokens, f"score {query.scored_from} {precision}")


def prompt_key(prompt: Prompt, draws: bool, precision: str) -> str:
    """The seed counts where the text is drawn by chance."""
    return _digest(prompt.tokens, f"write {prompt.seed if draws else 'greedy'} {precision}")


def continuation_json(made: Continuation) -> Json:
    return {"tokens": list(made.tokens), "ended": made.ended, "log_probability": made.log_probability}


def continuation_of(value: Json) -> Continuation:
    held = cast("Mapping[str, Any]", value)
    return Continuation(tuple(held["tokens"]), held["ended"], held["log_probability"])


def _digest(tokens: Sequence[int], what: str) -> str:
    return hashlib.sha256(np.asarray(tokens, np.int64).tobytes() + what.encode()).hexdigest()[:32]


def _slots(query: Query) -> slice:
    return slice(query.slot, query.slot + len(query.tokens) - query.scored_from)


def _is_answered(query: Query, answers: Scores) -> bool:
    return not np.isnan(answers.log_probabilities[_slots(query)]).any()


def _values(query: Query, answers: Scores) -> Json:
    """JSON keeps every bit of a number: Python writes the shortest text that reads back the same."""
    return [answers.log_probabilities[_slots(query)].tolist(), answers.likeliest[_slots(query)].astype(int).tolist()]


def _fill(scores: Scores, query: Query, value: Json) -> None:
    values, likeliest = cast("tuple[list[float], list[int]]", value)
    scores.log_probabilities[_slots(query)] = values
    scores.likeliest[_slots(query)] = np.array(likeliest, np.bool_)
