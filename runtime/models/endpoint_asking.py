"""Jobs of one model on a server: from their prompts to answers that are kept.

In: jobs with the text requests of their encode steps. Out: `ServedJob`s, all of whose requests are answered in their journals, or why one
was not. Not here: what the answers mean for the tasks (`endpoint_family`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Final, TypeVar, cast

from benchc.compiler.jsonvalue import Json
from benchc.runtime.endpoints.asks import Ask, is_messages, scoring, writing
from benchc.runtime.endpoints.caller import Caller, Retry, Told
from benchc.runtime.endpoints.exchange import Exchange, HttpExchange, Server, read_key
from benchc.runtime.endpoints.failure import AskFailed
from benchc.runtime.endpoints.gate import Gate
from benchc.runtime.endpoints.journal import Journal, open_journal
from benchc.runtime.endpoints.pool import JobAsks, Stop, ask_all
from benchc.runtime.models.family import PredictJob
from benchc.runtime.models.requests import RequestTable, TextRequest, read_text_requests
from benchc.runtime.prompts.pair import with_space
from benchc.runtime.seeds import derive_seed
from benchc.runtime.work import Progress, StepFailed

SCORED_TASKS: Final = ("multiple_choice", "classification")
OpenExchange = Callable[[Server, int, PredictJob], Exchange]

Result = TypeVar("Result")


def http(server: Server, connections: int, job: PredictJob) -> Exchange:
    return HttpExchange(server, connections, job.work.clock, job.work.variable)


@dataclass(frozen=True, slots=True)
class ServedJob:
    """`asks` in the order of what they are for: requests of a scored task, samples of each row of a written one. `in_chat`: the same asked
    as a chat, for a server that has no completions; () where there is no choice."""

    job: PredictJob
    requests: RequestTable[TextRequest]
    rows: tuple[int, ...]
    asks: tuple[Ask, ...]
    journal: Journal
    chat: bool
    in_chat: tuple[Ask, ...] = ()
    fell_back: bool = False
    resumed: int = 0

    def told(self, one: Ask) -> Told:
        return self.journal.answers[one.digest]


@dataclass(frozen=True, slots=True)
class _Connection:
    """How the server is asked. `settings`: the step's hints on that."""

    exchange: Exchange
    server: Server
    settings: Mapping[str, Json]
    clock: Callable[[], float]

    def ask(self, jobs: Sequence[ServedJob]) -> list[Exception | None]:
        stop = Stop()
        gate = Gate(cast("float | None", self.settings["requests_per_minute"]), self.clock, stop.pause)
        caller = Caller(self.exchange, gate, self.server.host, cast(int, self.settings["retries"]), stop.pause)
        return ask_all([_job_asks(one) for one in jobs], caller, cast(int, self.settings["concurrency"]), stop)


def ask_server(jobs: Sequence[PredictJob], open_exchange: OpenExchange = http) -> list[ServedJob | Exception]:
    """Asks what is not answered yet. Returns the answered jobs, or why one was not."""
    connection = _connection(jobs[0], open_exchange)
    prepared = [attempt(partial(_prepare, job)) for job in jobs]
    settled = iter(_settle([one for one in prepared if isinstance(one, ServedJob)], connection))
    ready = [one if isinstance(one, Exception) else next(settled) for one in prepared]
    served = [_resumed(one) for one in ready if isinstance(one, ServedJob)]
    ends = iter([failure or one for one, failure in zip(served, connection.ask(served), strict=True)])
    return [one if isinstance(one, Exception) else next(ends) for one in ready]


def _settle(jobs: Sequence[ServedJob], connection: _Connection) -> list[ServedJob | Exception]:
    """Completions or chat for the jobs to which the spec leaves it: what earlier tries used, else what the first request finds, whose
    failure is that of its job, or of all."""
    open_jobs = [one for one in jobs if one.in_chat]
    if not open_jobs or any(_is_known(one, one.asks) for one in open_jobs):
        return list(jobs)
    if not any(_is_known(one, one.in_chat) for one in open_jobs):
        first = open_jobs[0]
        (failure,) = connection.ask([replace(first, asks=first.asks[:1])])
        if not isinstance(failure, AskFailed) or failure.code != "endpoint_not_found":
            everywhere = isinstance(failure, AskFailed) and failure.everywhere
            return [failure if failure is not None and (everywhere or one is first) else one for one in jobs]
    return [replace(one, asks=one.in_chat, chat=True, fell_back=True) if one.in_chat else one for one in jobs]


def _is_known(one: ServedJob, asks: Sequence[Ask]) -> bool:
    return any(ask.digest in one.journal.answers for ask in asks)


def _resumed(one: ServedJob) -> ServedJob:
    resumed = len({ask.digest for ask in one.asks} & one.journal.found)
    if resumed:
        one.job.work.event({"event": "requests_resumed", "requests": resumed})
    return replace(one, resumed=resumed)


def attempt(do: Callable[[], Result]) -> Result | Exception:
    try:
        return do()
    except Exception as error:  # noqa: BLE001 - handed back for the jobs that it belongs to, and recorded there
        return error


def _connection(job: PredictJob, open_exchange: OpenExchange) -> _Connection:
    """Raises StepFailed before anything is asked when there is no key."""
    settings = cast("Mapping[str, Json]", job.hints["endpoint"])
    key = read_key(cast("str | None", settings["key_env"]), job.work.variable)
    server = Server(str(_source(job)["url"]).rstrip("/"), key, float(cast(float, settings["timeout"])))
    exchange = open_exchange(server, cast(int, settings["concurrency"]), job)
    return _Connection(exchange, server, settings, job.work.clock)


def _source(job: PredictJob) -> Mapping[str, Json]:
    assert job.model is not None
    return cast("Mapping[str, Json]", job.model["source"])


def _job_asks(one: ServedJob) -> JobAsks:
    work, retries = one.job.work, count(1)
    latest = [""]

    def retried(retry: Retry) -> None:
        failure = retry.failure
        latest[0] = f"{next(retries)} tried again, the last since {failure.message}"
        work.event({"event": "request_retried", "code": failure.code, "message": failure.message, "wait_seconds": retry.wait_seconds})

    def progress(done: int, total: int) -> None:
        work.progress(Progress(done, total, "requests", latest[0]))

    return JobAsks(one.asks, one.journal, progress, retried)


def _prepare(job: PredictJob) -> ServedJob:
    assert job.encoded is not None
    rows = tuple(int(row) for row in job.view.row_numbers(job.split))
    requests = read_text_requests(job.encoded, rows)
    one = ServedJob(job, requests, rows, (), open_journal(job.work.checkpoint), chat=False)
    if job.task.kind in SCORED_TASKS:
        return replace(one, asks=tuple(_score(job, request) for request in requests.all()))
    if job.task.kind == "generation":
        return _prepare_texts(one)
    raise StepFailed("task_unfit", f"a model behind a server is not asked for {job.task.kind}", "take a model of this machine")


def _score(job: PredictJob, request: TextRequest) -> Ask:
    return scoring(_source(job), *with_space(request.context, request.continuation))


def _prepare_texts(one: ServedJob) -> ServedJob:
    api = _source(one.job)["api"]
    if api == "chat" or is_messages(one.requests.of(one.rows[0], "prompt")[0].context):
        return replace(one, asks=_writings(one, chat=True), chat=True)
    return replace(one, asks=_writings(one, chat=False), in_chat=_writings(one, chat=True) if api == "auto" else ())


def _writings(one: ServedJob, chat: bool) -> tuple[Ask, ...]:
    job = one.job
    if job.decode is None:
        raise StepFailed("decode_missing", "the plan does not say how text is written", "plan again")
    identities = job.view.column(job.split, "_id").to_pylist()
    return tuple(
        writing(
            _source(job), one.requests.of(row, "prompt")[0].context, job.decode, derive_seed(job.seed, "sample", identity, number), chat
        )
        for row, identity in zip(one.rows, identities, strict=True)
        for number in range(samples_of(job))
    )


def samples_of(job: PredictJob) -> int:
    assert job.decode is not None
    return int(cast(int, job.decode.get("samples") or 1))
