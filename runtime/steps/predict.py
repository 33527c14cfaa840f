"""A model's answers for the rows of a split.

In: rows, split, encoded (encoders), model (a train step; none for a model that is used as it comes). Out: `predictions.parquet`, one
row an example in the rows' order, and `predict.json`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.models import family_of, fitted_source
from benchc.runtime.models.family import Predicted, PredictJob
from benchc.runtime.models.requests import REQUESTS
from benchc.runtime.peak_memory import PeakMemory
from benchc.runtime.tasks import KINDS
from benchc.runtime.tasks.task import Task, read_task
from benchc.runtime.work import Inputs, StepFailed, Work

LOCAL = ("package", "hf")  # sources of models that this machine computes


def run(step: Step, inputs: Inputs, work: Work) -> None:
    (end,) = run_together([step], [inputs], [work])
    if isinstance(end, Exception):
        raise end


def run_together(steps: Sequence[Step], inputs: Sequence[Inputs], works: Sequence[Work]) -> list[float | Exception]:
    """Steps that use one model, which is loaded once and computes what their inputs share once. Returns the seconds of each, or why
    it failed; a failure that is one step's own takes no other along."""
    clock = works[0].clock
    started, memory = clock(), PeakMemory(works[0].device)
    jobs = [_job(step, given, work) for step, given, work in zip(steps, inputs, works, strict=True)]
    ends = _predict(jobs)
    seconds = _shares(ends, clock() - started)
    return [
        end if isinstance(end, Exception) else _write(job, end, share, memory) for job, end, share in zip(jobs, ends, seconds, strict=True)
    ]


def _shares(ends: Sequence[Predicted | Exception], seconds: float) -> list[float]:
    """What each step took of the time that all took together: in proportion to its tokens, whether or not it shared them."""
    weights = [0 if isinstance(end, Exception) else end.tokens or 1 for end in ends]
    return [seconds * weight / max(1, sum(weights)) for weight in weights]


def _job(step: Step, inputs: Inputs, work: Work) -> PredictJob:
    return PredictJob(
        task=read_task(step.params),
        view=open_data(inputs["rows"][0], inputs["split"][0]),
        split=str(step.params["split"]),
        model=cast("Mapping[str, Json] | None", step.params["model"]),
        fitted=next(iter(inputs.get("model", ())), None),
        precision=str(step.params["precision"]),
        encoded=next(iter(inputs.get("encoded", ())), None),
        hints=step.hints,
        work=work,
        decode=cast("Mapping[str, Json] | None", step.params.get("decode")),
        seed=cast("int | None", step.params.get("seed")) or 0,
    )


def _predict(jobs: Sequence[PredictJob]) -> list[Predicted | Exception]:
    empty = {id(job): _empty(job) for job in jobs if not len(job.view.row_numbers(job.split))}
    full = [job for job in jobs if id(job) not in empty]
    if full and all(_source(job) == "endpoint" for job in full):
        from benchc.runtime.models.endpoint_family import predict_together as ask_together

        ends = dict(zip(map(id, full), ask_together(full), strict=True))
    elif full and all(_is_prompted(job) for job in full):
        from benchc.runtime.models.language_family import predict_together

        ends = dict(zip(map(id, full), predict_together(full), strict=True))
    else:
        ends = {id(job): _predict_alone(job) for job in full}
    return [empty.get(id(job)) or ends[id(job)] for job in jobs]


def _predict_alone(job: PredictJob) -> Predicted | Exception:
    try:
        return family_of(_source(job)).predict(job)
    except Exception as error:  # noqa: BLE001 - returned to the caller, which raises or records it
        return error


def _empty(job: PredictJob) -> Exception:
    return StepFailed("empty_split", f"the split {job.split} has no rows to predict", "check `splits` and `where` of the dataset")


def _is_prompted(job: PredictJob) -> bool:
    """Whether a language model of this machine answers prompts, rather than a head, a baseline or a server."""
    return job.fitted is None and _source(job) in LOCAL and job.encoded is not None and (job.encoded / REQUESTS).is_file()


def _write(job: PredictJob, predicted: Predicted, seconds: float, memory: PeakMemory) -> float | Exception:
    try:
        table = _table(job.view, job.task, job.split, predicted)
        pq.write_table(table, job.work.folder / "predictions.parquet", compression="zstd")
        about = _about(predicted, len(table), seconds, memory.read())
        (job.work.folder / "predict.json").write_text(json.dumps(about, indent=1))
    except Exception as error:  # noqa: BLE001 - returned to the caller, which raises or records it
        return error
    return seconds


def _source(job: PredictJob) -> str:
    if job.fitted is not None:
        return fitted_source(job.fitted)
    assert job.model is not None
    return str(cast("Mapping[str, Json]", job.model["source"])["call"])


def _table(view: DataView, task: Task, split: str, predicted: Predicted) -> pa.Table:
    kind = KINDS[task.kind]
    rows = view.rows(split)
    columns: dict[str, pa.Array] = {"id": rows.column("_id"), "split": pa.repeat(split, len(rows))}
    if task.group is not None:
        columns["group"] = rows.column(task.group).cast(pa.string())
    columns.update(kind.columns(view, task, kind.targets(view, task, split), predicted.answers))
    return pa.table(columns).replace_schema_metadata(_metadata(view, task, predicted))


def _metadata(view: DataView, task: Task, predicted: Predicted) -> dict[str, str]:
    metadata = {"benchc.task_kind": task.kind}
    scores = KINDS[task.kind].score_kind(predicted.answers)
    if scores is not None:
        metadata["benchc.scores"] = scores
    if task.kind == "classification":
        metadata["benchc.labels"] = json.dumps(list(view.labels[task.target]), ensure_ascii=False)
    return metadata


def _about(predicted: Predicted, examples: int, seconds: float, peak_memory_bytes: int) -> Mapping[str, Any]:
    return {
        "seconds": seconds,
        "examples": examples,
        "tokens": predicted.tokens,
        "examples_per_second": examples / seconds if seconds > 0 else None,
        "peak_memory_bytes": peak_memory_bytes,
        "device": predicted.device,
        "precision": predicted.precision,
        "batch_halvings": predicted.batch_halvings,
        "notes": list(predicted.notes),
        **predicted.more,
    }
