"""`precision = auto` for a language model: float32, unless a sample of the very work shows that bfloat16 will do.

In: the jobs, their queries, a model in float32. Out: `Settled` for each job: the model to go on with, why, and the answers that the
sample already gave. Each job is tried by its own sample, so that its answers do not depend on the company in which it is computed. Not
here: what counts as the same answers (`language/precision`).
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch

from benchc.runtime.language.engine import Engine, engine_of, score_all
from benchc.runtime.language.precision import LEAST, SAMPLE, Trial, Verdict, is_bfloat16_fast, judge
from benchc.runtime.language.scorer import Scores, no_scores
from benchc.runtime.language.trie import Query
from benchc.runtime.models.family import PredictJob
from benchc.runtime.models.prompted_scores import Sheet
from benchc.runtime.models.requests import Request, RequestTable
from benchc.runtime.seeds import derive_seed

PROMPT_TOKENS = 32  # at the end of a prompt, which are compared where nothing is scored
RIVALS = ("choice", "label")  # roles of requests of which the likeliest is the answer
TOO_FEW = Verdict("float32", f"float32: fewer than {LEAST} examples are not worth a trial of bfloat16")


@dataclass(frozen=True, slots=True)
class Asked:
    """A job and its requests."""

    job: PredictJob
    requests: RequestTable[Request]


@dataclass(frozen=True, slots=True)
class Settled:
    """`scores`: answers of the sampled queries, NaN elsewhere; None where they are not those of this precision or nothing was tried."""

    engine: Engine
    verdict: Verdict
    scores: Scores | None


def settle(asked: Sequence[Asked], sheet: Sheet, engine: Engine, longest: int) -> list[Settled]:
    """One for each job. `engine` holds the model in float32."""
    device = engine.model.device.type
    if not is_bfloat16_fast(device):
        return [Settled(engine, Verdict("float32", f"float32, since bfloat16 is not fast on this {device}"), None)] * len(asked)
    trials = [_sample(one, sheet) for one in asked]
    if not any(trials):
        return [Settled(engine, TOO_FEW, None)] * len(asked)
    rough = engine_of(cast(Any, copy.deepcopy(engine.model)).to(torch.bfloat16), longest, engine.budget)
    return [Settled(engine, TOO_FEW, None) if trial is None else _try(trial, engine, rough) for trial in trials]


def _try(trial: Trial, engine: Engine, rough: Engine) -> Settled:
    exact = score_all(engine, trial.queries, _quiet)
    verdict = judge(trial, exact, score_all(rough, trial.queries, _quiet))
    return Settled(rough, verdict, None) if verdict.precision == "bfloat16" else Settled(engine, verdict, exact)


def _quiet(done: int, total: int) -> None:
    """A trial is too short to be told of."""


def _sample(asked: Asked, sheet: Sheet) -> Trial | None:
    """Examples that their own identities choose, so that the same work always has the same trial."""
    units = sorted(((derive_seed(0, "precision", name), requests) for name, requests in _units(asked)), key=lambda unit: unit[0])
    if len(units) < LEAST:
        return None
    queries: list[Query] = []
    rivals: list[tuple[int, ...]] = []
    slot = sum(len(query.tokens) - query.scored_from for query in sheet.queries)
    for _, requests in units[:SAMPLE]:
        first = len(queries)
        for request in requests:
            query = sheet.places.get(id(request)) or _end_of(request, slot)
            slot = max(slot, query.slot + len(query.tokens) - query.scored_from)
            queries.append(query)
        if len(requests) > 1:
            rivals.append(tuple(range(first, len(queries))))
    return Trial(tuple(queries), tuple(rivals))


def _units(asked: Asked) -> Iterator[tuple[str, list[Request]]]:
    """What can be sampled: a row's rival texts, a window, a prompt; each with a name of its own."""
    identities = asked.job.view.column(asked.job.split, "_id").to_pylist()
    for row, identity in zip(asked.job.view.row_numbers(asked.job.split), identities, strict=True):
        requests = asked.requests.by_row[int(row)]
        together = [request for request in requests if request.role in RIVALS and request.scored]
        if together:
            yield identity, together
        for request in requests:
            if request.role in ("window", "prompt") and len(request.tokens) > 1:
                yield f"{identity} {request.part}", [request]


def _end_of(request: Request, slot: int) -> Query:
    return Query(request.tokens, max(1, len(request.tokens) - PROMPT_TOKENS), slot)


def completed(parts: Sequence[Scores], slots: int, least: int) -> Scores:
    """The answers of several runs over different queries as those of one; slots of no query stay NaN."""
    made = no_scores(slots)
    for scores in parts:
        known = np.flatnonzero(~np.isnan(scores.log_probabilities[:slots]))
        made.log_probabilities[known], made.likeliest[known] = scores.log_probabilities[known], scores.likeliest[known]
    return Scores(made.log_probabilities, made.likeliest, sum(one.positions for one in parts), least, sum(one.halvings for one in parts))
