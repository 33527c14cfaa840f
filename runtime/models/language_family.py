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
from benchc.runtime.language.precision import Verdict
from benchc.runtime.language.scorer import Scores
from benchc.runtime.language.trie import build
from benchc.runtime.models.adapters import adapter_folder
from benchc.runtime.models.family import Predicted, PredictJob
from benchc.runtime.models.language_folder import language_model_folder
from benchc.runtime.models.language_model import LanguageModel, load_language_model
from benchc.runtime.models.model_files import locations
from benchc.runtime.models.prompted_scores import Sheet, choice_answers, label_answers, sheet_of, text_likelihoods
from benchc.runtime.models.prompted_texts import Wanted, write_texts
from benchc.runtime.models.prompted_trial import Asked, Settled, completed, settle
from benchc.runtime.models.requests import read_requests
from benchc.runtime.tasks.answers import Answers
from benchc.runtime.work import Progress, StepFailed

PROMPTED = ("multiple_choice", "classification", "generation", "language_modeling")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Session:
    """A loaded model and what was computed with it for all jobs that use it. `jobs`: how many they are."""

    model: LanguageModel
    engine: Engine
    device: Device
    why: str
    sheet: Sheet
    scores: Scores
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
    scores = {precision: _score(asked, settled, precision, sheet) for precision in sorted({one.verdict.precision for one in settled})}
    precisions = [one.verdict.precision for one in settled]
    return [
        _Session(
            model=replace(model, module=one.engine.model),
            engine=one.engine,
            device=replace(device, precision=one.verdict.precision),
            why=one.verdict.note,
            sheet=sheet,
            scores=scores[one.verdict.precision],
            jobs=precisions.count(one.verdict.precision),
        )
        for one in settled
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


def _score(asked: Sequence[Asked], settled: Sequence[Settled], precision: str, sheet: Sheet) -> Scores:
    """The answers of all jobs that use one number format, those of trials taken over."""
    members = [(job, how) for job, how in zip(asked, settled, strict=True) if how.verdict.precision == precision]
    engine = members[0][1].engine
    queries = [sheet.places[id(request)] for job, _ in members for request in job.requests.all() if id(request) in sheet.places]
    report = _report([job for job, _ in members], "token positions")
    known = [how.scores for _, how in members if how.scores is not None]
    if not known:
        return score_all(engine, queries, report)
    slots = sum(len(query.tokens) - query.scored_from for query in sheet.queries)
    tried = completed(known, slots, 0)
    rest = [query for query in queries if np.isnan(tried.log_probabilities[query.slot])]
    return completed([*known, score_all(engine, rest, report)], slots, build(queries).size)


def _report(asked: Sequence[Asked], unit: str) -> Report:
    def report(done: int, total: int) -> None:
        for one in asked:
            one.job.work.progress(Progress(done, total, unit))

    return report


def _predicted(asked: Asked, session: _Session) -> Predicted:
    answers, halvings = _answers(asked, session)
    halvings += session.scores.halvings
    notes = [f"memory ran out; batches were halved {halvings} times"] if halvings else []
    if session.engine.note is not None:
        notes.append(session.engine.note)
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
            **_positions(asked, session.scores),
            "steps_together": session.jobs,
        },
    )


def _positions(asked: Asked, scores: Scores) -> dict[str, Json]:
    """Of all steps that were computed together; none where text is written, whose positions the model itself decides."""
    if asked.job.task.kind == "generation":
        return {"token_positions": None, "least_token_positions": None}
    return {"token_positions": scores.positions, "least_token_positions": scores.least}


def _answers(asked: Asked, session: _Session) -> tuple[Answers, int]:
    """A job's answers, and how often memory ran out for them alone."""
    job, sheet, scores = asked.job, session.sheet, session.scores
    rows = [int(row) for row in job.view.row_numbers(job.split)]
    match job.task.kind:
        case "multiple_choice":
            return choice_answers(rows, asked.requests, sheet, scores), 0
        case "classification":
            labels = len(job.view.labels[job.task.target])
            return label_answers(rows, asked.requests, labels, job.task.calibrate == "contextual", sheet, scores), 0
        case "language_modeling":
            return text_likelihoods(rows, asked.requests, sheet, scores), 0
        case _:
            return write_texts(session.model, session.engine, _wanted(asked, rows), _report([asked], "texts"))


def _wanted(asked: Asked, rows: Sequence[int]) -> Wanted:
    job = asked.job
    prompts = [asked.requests.of(row, "prompt")[0].tokens for row in rows]
    if job.decode is None:
        raise StepFailed("decode_missing", "the plan does not say how text is written", "plan again")
    return Wanted(job.view.column(job.split, "_id").to_pylist(), prompts, job.decode, job.seed)
