"""Language models that are prompted: all steps of a plan that use one model, answered together.

In: jobs with the requests of their encode steps. Out: for each job its answers, or why it failed. The model is loaded once; what the
jobs' texts share is computed once, whatever task they belong to. Not here: prompts, metrics, servers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, cast

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.device import Device, choose_device
from benchc.runtime.language.engine import Engine, Report, engine_of, score_all
from benchc.runtime.language.positions import Positions, of_queries
from benchc.runtime.language.precision import Verdict
from benchc.runtime.language.scorer import Scores, no_scores
from benchc.runtime.language.trie import Query, build
from benchc.runtime.models.adapters import adapter_folder
from benchc.runtime.models.family import Predicted, PredictJob
from benchc.runtime.models.language_folder import language_model_folder
from benchc.runtime.models.language_model import LanguageModel, load_language_model
from benchc.runtime.models.model_files import locations
from benchc.runtime.models.prompted_partial import KeptScores, KeptTexts, kept_scores, open_for
from benchc.runtime.models.prompted_scores import Sheet, choice_answers, label_answers, sheet_of, text_likelihoods
from benchc.runtime.models.prompted_texts import Wanted, write_texts
from benchc.runtime.models.prompted_trial import Asked, Settled, completed, settle
from benchc.runtime.models.requests import read_requests
from benchc.runtime.partial import Partial
from benchc.runtime.tasks.answers import Answers
from benchc.runtime.work import Progress, StepFailed

PROMPTED = ("multiple_choice", "classification", "generation", "language_modeling")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Session:
    """A loaded model and what was computed with it for all jobs that use it. `jobs`: how many they are. `partial`, `resumed`: a job's
    own file of partial results, and how many of its requests an earlier try had scored."""

    model: LanguageModel
    engine: Engine
    device: Device
    why: str
    sheet: Sheet
    scores: Scores
    positions: Positions
    partial: Partial
    resumed: int
    jobs: int


def predict_together(jobs: Sequence[PredictJob]) -> list[Predicted | Exception]:
    """Jobs of one model, in order. A job whose own data are at fault fails alone; a model that cannot be used fails all."""
    asked = [_attempt(partial(_read, job)) for job in jobs]
    sound = [one for one in asked if isinstance(one, Asked)]
    sessions = _attempt(partial(_open, sound)) if sound else []
    waiting: Iterator[_Session | Exception] = iter([sessions] * len(sound) if isinstance(sessions, Exception) else sessions)
    return [one if isinstance(one, Exception) else _end(one, next(waiting)) for one in asked]


def _end(asked: Asked, session: _Session | Exception) -> Predicted | Exception:
    return session if isinstance(session, Exception) else _attempt(partial(_predicted, asked, session))


def _attempt(do: Callable[[], Result]) -> Result | Exception:
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - handed back for the job that it belongs to, and recorded there
        return error


def _read(job: PredictJob) -> Asked:
    if job.task.kind not in PROMPTED:
        raise StepFailed("task_unfit", f"a language model is not prompted for {job.task.kind}", f"known are {', '.join(PROMPTED)}")
    assert job.encoded is not None
    asked = Asked(job, read_requests(job.encoded, job.view.row_numbers(job.split)))
    sheet_of(asked.requests.all())  # what cannot be scored is this job's own fault
    return asked


def _open(asked: Sequence[Asked]) -> list[_Session]:
    """Loads the model, settles the number format and scores all that is to be scored. Returns the session of each job."""
    first = asked[0].job
    automatic = first.precision == "auto"
    device = choose_device(first.work.device, "float32" if automatic else first.precision, first.work.batch_tokens)
    model = _load(first, device)
    longest = max(map(_longest, asked))
    sheet = sheet_of(request for one in asked for request in one.requests.all())
    engine = engine_of(model.module, longest, device.batch_tokens)
    asked_for = Settled(engine, Verdict(device.precision, f"{device.precision}, as the spec says"), None)
    settled = settle(asked, sheet, engine, longest) if automatic else [asked_for] * len(asked)
    partials = [open_for(one.job) for one in asked]
    precisions = [one.verdict.precision for one in settled]
    scored = {precision: _score(asked, settled, partials, precision, sheet) for precision in sorted(set(precisions))}
    resumed = {id(partial): count for one in scored.values() for partial, count in one.resumed}
    return [
        _Session(
            model=replace(model, module=one.engine.model),
            engine=one.engine,
            device=replace(device, precision=one.verdict.precision),
            why=one.verdict.note,
            sheet=sheet,
            scores=scored[one.verdict.precision].scores,
            positions=scored[one.verdict.precision].positions,
            partial=partial,
            resumed=resumed[id(partial)],
            jobs=precisions.count(one.verdict.precision),
        )
        for one, partial in zip(settled, partials, strict=True)
    ]


def _load(job: PredictJob, device: Device) -> LanguageModel:
    assert job.model is not None
    folder = language_model_folder(cast("Mapping[str, Json]", job.model["source"]), next(iter(locations(job.hints)), None), job.work)
    adapter = adapter_folder(job.model, cast("str | None", job.hints.get("adapter_location")), job.work)
    return load_language_model(folder, adapter, job.model, device)


def _longest(asked: Asked) -> int:
    """Tokens of the longest text, what will be written included."""
    new = cast(int, asked.job.decode["max_new_tokens"]) if asked.job.decode is not None else 0
    return max((len(request.tokens) for request in asked.requests.all()), default=0) + new


@dataclass(frozen=True, slots=True)
class _Scored:
    """The answers of all jobs that use one number format, and how many requests of each job were known before, by its partial results."""

    scores: Scores
    positions: Positions
    resumed: tuple[tuple[Partial, int], ...]


def _score(asked: Sequence[Asked], settled: Sequence[Settled], partials: Sequence[Partial], precision: str, sheet: Sheet) -> _Scored:
    """Those of earlier tries and of trials are taken over; new ones are made durable now and then."""
    members = [one for one in zip(asked, settled, partials, strict=True) if one[1].verdict.precision == precision]
    jobs, own = [job for job, _, _ in members], [partial for _, _, partial in members]
    kept = kept_scores(jobs, own, precision, sheet)
    for job, count in zip(jobs, kept.resumed, strict=True):
        if count:
            job.job.work.event({"event": "requests_resumed", "requests": count})
    queries = [sheet.places[id(request)] for job in jobs for request in job.requests.all() if id(request) in sheet.places]
    new = [query for query in queries if np.isnan(kept.scores.log_probabilities[query.slot])]
    known = completed([kept.scores, *(how.scores for _, how, _ in members if how.scores is not None)], len(kept.scores.likeliest), 0)
    rest = [query for query in new if np.isnan(known.log_probabilities[query.slot])]
    engine = members[0][1].engine
    found = _compute(engine, rest, kept, _report(jobs, "token positions"))
    if any(job.job.task.kind == "generation" for job in jobs):  # which goes on for long
        kept.keep(found)
    least = build(new).size if engine.name == "shared" else known.positions + found.positions
    whole = completed([known, found], len(kept.scores.likeliest), least)
    return _Scored(whole, of_queries(whole.positions, least, new), tuple(zip(own, kept.resumed, strict=True)))


def _compute(engine: Engine, queries: Sequence[Query], kept: KeptScores, report: Report) -> Scores:
    answers = no_scores(len(kept.scores.likeliest))

    def watched(done: int, total: int) -> None:
        report(done, total)
        if kept.is_due:
            kept.keep(answers)

    return score_all(engine, queries, watched, answers)


def _report(asked: Sequence[Asked], unit: str) -> Report:
    def report(done: int, total: int) -> None:
        for one in asked:
            one.job.work.progress(Progress(done, total, unit))

    return report


def _predicted(asked: Asked, session: _Session) -> Predicted:
    answers, more = _answers(asked, session)
    halvings = more.halvings + session.scores.halvings
    resumed = session.resumed + more.resumed
    notes = [f"memory ran out; batches were halved {halvings} times"] if halvings else []
    if session.engine.note is not None:
        notes.append(session.engine.note)
    if resumed:
        notes.append(f"{resumed} answers are those of an earlier run that was interrupted; token positions are those of the others")
    return Predicted(
        answers,
        tokens=sum(len(request.tokens) for request in asked.requests.all()),
        device=session.device.name,
        precision=session.device.precision,
        batch_halvings=halvings,
        notes=tuple(notes),
        more={
            "engine": session.engine.name,
            "precision_note": session.why,
            "token_positions": more.positions.computed,
            "least_token_positions": more.positions.least,
            "unshared_token_positions": more.positions.alone,
            "resumed_requests": resumed,
            "steps_together": session.jobs,
        },
    )


@dataclass(frozen=True, slots=True)
class _More:
    """What is told beside a job's answers. `positions` are of all steps that were scored together, or of this one's texts alone."""

    positions: Positions
    halvings: int = 0
    resumed: int = 0


def _answers(asked: Asked, session: _Session) -> tuple[Answers, _More]:
    job, sheet, scores, more = asked.job, session.sheet, session.scores, _More(session.positions)
    rows = [int(row) for row in job.view.row_numbers(job.split)]
    match job.task.kind:
        case "multiple_choice":
            return choice_answers(rows, asked.requests, sheet, scores), more
        case "classification":
            labels = len(job.view.labels[job.task.target])
            return label_answers(rows, asked.requests, labels, job.task.calibrated, sheet, scores), more
        case "language_modeling":
            return text_likelihoods(rows, asked.requests, sheet, scores), more
        case _:
            kept = KeptTexts(session.partial, session.device.precision)
            written = write_texts(session.model, session.engine, _wanted(asked, rows), kept, _report([asked], "texts"))
            if written.resumed:
                job.work.event({"event": "requests_resumed", "requests": written.resumed})
            return written.answers, _More(written.positions, written.halvings, written.resumed)


def _wanted(asked: Asked, rows: Sequence[int]) -> Wanted:
    job = asked.job
    prompts = [asked.requests.of(row, "prompt")[0].tokens for row in rows]
    if job.decode is None:
        raise StepFailed("decode_missing", "the plan does not say how text is written", "plan again")
    return Wanted(job.view.column(job.split, "_id").to_pylist(), prompts, job.decode, job.seed)
