"""Fits a model.

In: rows, split, encoded (encoders). Out: the model in its family's own form, `family.json`, `curve.jsonl`, `train.json`.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.data.view import open_data
from benchc.runtime.models import family_of, mark_fitted
from benchc.runtime.models.family import FitJob, FitReport
from benchc.runtime.peak_memory import PeakMemory
from benchc.runtime.tasks.task import read_task
from benchc.runtime.training.curve import CURVE
from benchc.runtime.work import Inputs, StepFailed, Work


def run(step: Step, inputs: Inputs, work: Work) -> None:
    started, memory = work.clock(), PeakMemory(work.device)
    model = cast("Mapping[str, Json]", step.params["model"])
    source = str(cast("Mapping[str, Json]", model["source"])["call"])
    job = FitJob(
        task=read_task(step.params),
        view=open_data(inputs["rows"][0], inputs["split"][0]),
        split=str(step.params["train_on"]),
        model=model,
        train=cast("Mapping[str, Json] | None", step.params["train"]),
        seed=cast("int | None", step.params["seed"]) or 0,
        encoded=next(iter(inputs.get("encoded", ())), None),
        hints=step.hints,
        work=work,
    )
    if not len(job.view.row_numbers(job.split)):
        raise StepFailed("empty_split", f"the split {job.split} has no rows to fit on", "check `splits` and `where` of the dataset")
    report = family_of(source).fit(job)
    mark_fitted(work.folder, source)
    (work.folder / CURVE).touch()
    about = _about(report, work.clock() - started, memory.read())
    (work.folder / "train.json").write_text(json.dumps(about, indent=1))


def _about(report: FitReport, seconds: float, peak_memory_bytes: int) -> Mapping[str, Any]:
    return {
        "seconds": seconds,
        "steps": report.steps,
        "epochs": report.epochs,
        "parameters": report.parameters,
        "trainable_parameters": report.trainable_parameters,
        "tokens": report.tokens,
        "best_step": report.best_step,
        "peak_memory_bytes": peak_memory_bytes,
        "device": report.device,
        "precision": report.precision,
        "stopped_early": report.stopped_early,
        "notes": list(report.notes),
    }
