"""Models behind servers: all steps of a plan that ask one server's model, together.

In: jobs with the text requests of their encode steps. Out: for each job its answers, or why it failed. Not here: prompts, HTTP
(`endpoints`), metrics. What was answered is kept beside each step until it is done, so that no finished request is asked again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchc.runtime.endpoints.caller import Told
from benchc.runtime.endpoints.replies import Scored, Written
from benchc.runtime.models.endpoint_asking import OpenExchange, ServedJob, ask_server, attempt, http, samples_of
from benchc.runtime.models.family import FitJob, FitReport, Predicted, PredictJob
from benchc.runtime.models.likelihoods import choice_answers, label_answers
from benchc.runtime.models.requests import TextRequest
from benchc.runtime.tasks.answers import Answers, TextAnswers
from benchc.runtime.work import StepFailed

ENDS: Final = ("end", "stop", "length")


def fit(job: FitJob) -> FitReport:
    raise StepFailed("task_unfit", "a model behind a server is not trained here", "leave `train` out")


def predict(job: PredictJob) -> Predicted:
    (end,) = predict_together([job])
    if isinstance(end, Exception):
        raise end
    return end


def predict_together(jobs: Sequence[PredictJob], open_exchange: OpenExchange = http) -> list[Predicted | Exception]:
    """Jobs of one model on one server, in order."""
    asked = attempt(lambda: ask_server(jobs, open_exchange))
    if isinstance(asked, Exception):
        return [asked] * len(jobs)
    return [end if isinstance(end, Exception) else attempt(partial(_predicted, end)) for end in asked]


@dataclass(frozen=True, slots=True)
class _Judge:
    """What the server said of text requests, by their place in memory."""

    scored_by_request: Mapping[int, Scored]

    def log_likelihood(self, request: TextRequest) -> float:
        return self.scored_by_request[id(request)].echo.log_likelihood

    def likeliest(self, request: TextRequest) -> bool | None:
        return self.scored_by_request[id(request)].echo.likeliest

    def scored(self, request: TextRequest) -> int:
        return self.scored_by_request[id(request)].echo.tokens


def _predicted(one: ServedJob) -> Predicted:
    told = {ask.digest: one.told(ask) for ask in one.asks}
    read, written = (_total([getattr(reply.reply.usage, name) for reply in told.values()]) for name in ("input_tokens", "output_tokens"))
    served = Counter(reply.reply.usage.served for reply in told.values())
    return Predicted(
        _answers(one),
        tokens=None if read is None or written is None else read + written,
        device="server",
        precision="server",
        notes=tuple(_notes(one, told)),
        more={
            "engine": "endpoint",
            "api": "chat" if one.chat else "completions",
            "served": sorted(name for name in served if name),
            "requests": len(told),
            "resumed_requests": one.resumed,
            "retries": sum(reply.tries - 1 for reply in told.values()),
            "input_tokens": read,
            "output_tokens": written,
        },
    )


def _total(counts: Sequence[int | None]) -> int | None:
    """None when the server did not count every time."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _answers(one: ServedJob) -> Answers:
    if one.job.task.kind == "generation":
        return _texts(one)
    judge = _Judge({id(request): _as_scored(one.told(ask)) for request, ask in zip(one.requests.all(), one.asks, strict=True)})
    if one.job.task.kind == "multiple_choice":
        return choice_answers(one.rows, one.requests, judge)
    labels = len(one.job.view.labels[one.job.task.target])
    return label_answers(one.rows, one.requests, labels, one.job.task.calibrated, judge)


def _as_scored(told: Told) -> Scored:
    assert isinstance(told.reply, Scored), "a scored request has a scored answer"
    return told.reply


def _as_written(told: Told) -> Written:
    assert isinstance(told.reply, Written), "a prompt to continue has a written answer"
    return told.reply


def _texts(one: ServedJob) -> TextAnswers:
    written = [_as_written(one.told(ask)) for ask in one.asks]
    samples = samples_of(one.job)
    of_row = [written[start : start + samples] for start in range(0, len(written), samples)]
    counts = [[text.usage.output_tokens for text in texts] for texts in of_row]
    told = all(count is not None for row in counts for count in row)
    return TextAnswers(
        tuple(tuple(text.text for text in texts) for texts in of_row),
        tuple(tuple(text.ended for text in texts) for texts in of_row),
        tuple(tuple(count or 0 for count in row) for row in counts) if told else None,
        None,
    )


def _notes(one: ServedJob, told: Mapping[str, Told]) -> list[str]:
    replies = [reply.reply for reply in told.values()]
    written = [reply for reply in replies if isinstance(reply, Written)]
    counts = {
        "requests whose tokens the server did not count": sum(reply.usage.input_tokens is None for reply in replies),
        "texts that the server ended for a reason of its own": sum(reply.ended not in ENDS for reply in written),
        "scored texts of which a token spans the border": sum(isinstance(reply, Scored) and reply.echo.merged for reply in replies),
    }
    notes = [f"{what}: {count}" for what, count in counts.items() if count]
    if one.fell_back:
        notes.append("the server has no completions: each prompt was sent as one message of a chat")
    if len({reply.usage.served for reply in replies}) > 1:
        notes.append("the server named different models, or set-ups, during the step")
    return notes
