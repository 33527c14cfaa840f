"""A model's answers for the rows of a split.

In: rows, split, encoded (encoders), model (a train step; none for a model that is used as it comes). Out: `predictions.parquet`, one
row an example in the rows' order, and `predict.json`.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.models import family_of, fitted_source
from benchc.runtime.models.family import Predicted, PredictJob
from benchc.runtime.peak_memory import PeakMemory
from benchc.runtime.tasks import KINDS
from benchc.runtime.tasks.task import Task, read_task
from benchc.runtime.work import Inputs, StepFailed, Work


def run(step: Step, inputs: Inputs, work: Work) -> None:
    started, memory = work.clock(), PeakMemory(work.device)
    job = PredictJob(
        task=read_task(step.params),
        view=open_data(inputs["rows"][0], inputs["split"][0]),
        split=str(step.params["split"]),
        model=cast("Mapping[str, Json] | None", step.params["model"]),
        fitted=next(iter(inputs.get("model", ())), None),
        precision=str(step.params["precision"]),
        encoded=next(iter(inputs.get("encoded", ())), None),
        hints=step.hints,
        work=work,
    )
    if not len(job.view.row_numbers(job.split)):
        raise StepFailed("empty_split", f"the split {job.split} has no rows to predict", "check `splits` and `where` of the dataset")
    predicted = family_of(_source(job)).predict(job)
    seconds = work.clock() - started
    pq.write_table(_table(job.view, job.task, job.split, predicted), work.folder / "predictions.parquet", compression="zstd")
    about = _about(predicted, len(job.view.row_numbers(job.split)), seconds, memory.read())
    (work.folder / "predict.json").write_text(json.dumps(about, indent=1))


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
    }
