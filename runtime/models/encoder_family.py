"""Encoders from a package, from the hub or a folder, and from nothing: fine-tuned, or used as they come for a similarity."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from torch import Tensor

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.view import DataView
from benchc.runtime.device import Device, choose_device
from benchc.runtime.models.adapters import adapter_folder
from benchc.runtime.models.backbones import Backbone, load_backbone, new_bert
from benchc.runtime.models.encoded import TOKENIZER, read_encoded
from benchc.runtime.models.encoder_evaluation import Evaluator
from benchc.runtime.models.encoder_model import (
    EncoderModel,
    TargetScale,
    design_of,
    load_model,
    make_model,
    save_model,
    scale_of,
)
from benchc.runtime.models.encoder_rows import (
    EncodedRows,
    all_outputs,
    answers_of,
    learning_targets,
    outputs_with_gradient,
    read_rows,
    read_targets,
)
from benchc.runtime.models.family import FitJob, FitReport, Predicted, PredictJob
from benchc.runtime.models.model_files import locations, model_folder
from benchc.runtime.seeds import derive_seed, row_hashes
from benchc.runtime.tasks import KINDS
from benchc.runtime.training.batches import BatchPlan
from benchc.runtime.training.loop import Learner, train
from benchc.runtime.training.losses import loss_for, mean_loss
from benchc.runtime.training.settings import TrainSettings, read_settings
from benchc.runtime.work import StepFailed

Ints = npt.NDArray[np.int64]


def fit(job: FitJob) -> FitReport:
    if job.train is None:
        raise StepFailed("train_missing", "an encoder needs a train block to be fine-tuned", "name one in the run's `train`")
    settings = read_settings(job.train)
    device = choose_device(job.work.device, settings.precision, job.work.batch_tokens)
    rows, targets = _training_rows(job)
    model = _new_model(job, targets)
    model.module.to(device.torch)
    learner = _learner(job, model, settings, device, rows, targets)
    plan = BatchPlan(
        row_hashes(job.view.rows(job.split).column("_id")),
        rows.lengths,
        settings.batch_size,
        settings.batch_tokens,
        settings.accumulate,
        job.seed,
    )
    outcome = train(learner, plan, settings, device, job.seed, job.work)
    save_model(model, job.work.folder, _encoded_folder(job.encoded) / TOKENIZER)
    parameters = list(model.module.parameters())
    return FitReport(
        steps=outcome.steps,
        epochs=outcome.epochs,
        parameters=sum(parameter.numel() for parameter in parameters),
        trainable_parameters=sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        tokens=outcome.tokens,
        best_step=outcome.best_step,
        device=device.name,
        precision=device.precision,
        stopped_early=outcome.stopped_early,
        notes=outcome.notes,
    )


def predict(job: PredictJob) -> Predicted:
    device = choose_device(job.work.device, job.precision, job.work.batch_tokens)
    model = load_model(job.fitted) if job.fitted is not None else _untrained_model(job)
    model.module.to(device.torch)
    rows = read_rows(job.encoded, job.task, job.split)
    outputs = all_outputs(model.module, rows, model.design.pad_id, device, job.work.progress)
    notes = (f"memory ran out; batches were halved {outputs.halvings} times",) if outputs.halvings else ()
    return Predicted(answers_of(outputs.values, model.design), rows.tokens, device.name, device.precision, outputs.halvings, notes)


def _training_rows(job: FitJob) -> tuple[EncodedRows, npt.NDArray[Any]]:
    rows, targets = read_rows(job.encoded, job.task, job.split), read_targets(job.view, job.task, job.split)
    if not len(targets):
        raise StepFailed("empty_split", f"the split {job.split} has no rows to train on", "check `splits` and `where` of the dataset")
    return rows, targets


def _new_model(job: FitJob, targets: npt.NDArray[Any]) -> EncoderModel:
    encoded = read_encoded(_encoded_folder(job.encoded))
    source = cast("Mapping[str, Json]", job.model["source"])
    if source["call"] == "scratch":
        architecture = cast("Mapping[str, Json]", source["architecture"])
        backbone = new_bert(architecture, encoded.vocabulary, encoded.pad_id, derive_seed(job.seed, "backbone"))
    else:
        backbone = _pretrained(job.model, job)
    outputs = KINDS[job.task.kind].output_count(job.view, job.task)
    if job.task.kind == "classification" and outputs < 2:
        raise StepFailed("one_class", f"`{job.task.target}` has {outputs} label", "a classifier needs at least two labels")
    scale = scale_of(job.task.kind, targets)
    return make_model(design_of(job.model, backbone, job.task.kind, outputs, scale, encoded.pad_id), backbone, job.seed)


def _untrained_model(job: PredictJob) -> EncoderModel:
    """A model as it comes, which gives sentence vectors and so can do a similarity alone."""
    assert job.model is not None
    source = cast("Mapping[str, Json]", job.model["source"])
    if job.task.kind != "similarity" or source["call"] == "scratch":
        raise StepFailed(
            "train_missing", f"`{source['call']}` cannot do {job.task.kind} without training", "name a train block in the run's `train`"
        )
    backbone = _pretrained(job.model, job)
    pad_id = read_encoded(_encoded_folder(job.encoded)).pad_id
    return make_model(design_of(job.model, backbone, job.task.kind, 1, TargetScale(0.0, 1.0), pad_id), backbone, seed=0)


def _pretrained(model: Mapping[str, Json], job: FitJob | PredictJob) -> Backbone:
    folder = model_folder(cast("Mapping[str, Json]", model["source"]), next(iter(locations(job.hints)), None), job.work)
    return load_backbone(folder, adapter_folder(model, cast("str | None", job.hints.get("adapter_location")), job.work))


def _learner(
    job: FitJob, model: EncoderModel, settings: TrainSettings, device: Device, rows: EncodedRows, targets: npt.NDArray[Any]
) -> Learner:
    call = loss_for(settings.loss, job.task.kind)
    wanted = learning_targets(targets, model.design.scale, device)
    lengths = rows.first.lengths if rows.second is None else rows.first.lengths + rows.second.lengths

    def loss(batch: Ints) -> Tensor:
        outputs = outputs_with_gradient(model.module, rows, batch, model.design.pad_id, device)
        return mean_loss(call, outputs, wanted[batch])

    def tokens(batch: Ints) -> int:
        return int(lengths[batch].sum())

    splits = {
        name: (read_rows(job.encoded, job.task, name), read_targets(job.view, job.task, name)) for name in _evaluated(job.view, settings)
    }
    labels = tuple(job.view.labels[job.task.target]) if job.task.kind == "classification" else ()
    evaluator = Evaluator(model.module, model.design, call, device, labels, splits, settings.selection)
    higher = settings.selection is not None and settings.selection.higher_is_better
    return Learner(model.module, loss, tokens, evaluator if splits else None, higher)


def _evaluated(view: DataView, settings: TrainSettings) -> list[str]:
    """The splits that training is watched on: dev where there is one, and that of the selection."""
    present = [split for split in view.splits if len(view.row_numbers(split))]
    wanted = {"dev"} if "dev" in present else set()
    if settings.selection is not None:
        wanted.add(settings.selection.on)
    if settings.patience is not None:
        wanted.add("dev")
    for split in wanted - set(present):
        raise StepFailed("split_missing", f"`select` or `early_stop` needs rows in {split}, there are none", "give the dataset that split")
    return sorted(wanted)


def _encoded_folder(encoded: Path | None) -> Path:
    if encoded is None:
        raise StepFailed("tokens_missing", "the plan has no encode step for this encoder", "plan again")
    return encoded
