"""What a model in training is worth on a split: loss and metrics for the curve, and the value that selection goes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import torch
from torch import nn

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.types import Required
from benchc.compiler.jsonvalue import Json, canonical
from benchc.runtime.device import Device
from benchc.runtime.metrics.examples import ClassExamples, Examples, ValueExamples
from benchc.runtime.metrics.metric import MetricMisfitError
from benchc.runtime.metrics.registry import measure
from benchc.runtime.models.encoder_model import Design
from benchc.runtime.models.encoder_rows import EncodedRows, all_outputs, answers_of, learning_targets
from benchc.runtime.tasks.answers import Answers, LabelAnswers, Probabilities, ValueAnswers
from benchc.runtime.training.curve import Point
from benchc.runtime.training.loop import Evaluation
from benchc.runtime.training.losses import mean_loss
from benchc.runtime.training.settings import Selection
from benchc.runtime.work import StepFailed

USUAL: Mapping[str, str] = {"classification": "accuracy", "regression": "pearson", "similarity": "spearman"}


@dataclass(frozen=True, slots=True, eq=False)
class Evaluator:
    """`splits`: rows and targets by name of the split; the selection's split among them. `labels`: texts, for classification."""

    module: nn.Module
    design: Design
    loss: Mapping[str, Json]
    device: Device
    labels: tuple[str, ...]
    splits: Mapping[str, tuple[EncodedRows, npt.NDArray[Any]]]
    selection: Selection | None

    def __call__(self) -> Evaluation:
        points: list[Point] = []
        decisive: float | None = None
        for split, (rows, targets) in self.splits.items():
            values = self._values(rows, targets, split)
            points.extend(Point(split, name, value) for name, value in values.items())
            if self.selection is None:
                decisive = values["loss"] if split == "dev" else decisive
            elif split == self.selection.on:
                decisive = values[metric_text(self.selection.metric)]
        return Evaluation(tuple(points), decisive)

    def _values(self, rows: EncodedRows, targets: npt.NDArray[Any], split: str) -> dict[str, float | None]:
        outputs = all_outputs(self.module, rows, self.design.pad_id, self.device).values
        shaped = torch.from_numpy(outputs if self.design.task_kind == "classification" else outputs[:, 0])
        wanted = learning_targets(targets, self.design.scale, Device("cpu", "float32"))
        examples = _examples(answers_of(outputs, self.design), targets, self.labels)
        values: dict[str, float | None] = {"loss": float(mean_loss(self.loss, shaped, wanted))}
        for call in self._metrics(split):
            values[metric_text(call)] = _measure(call, examples)
        return values

    def _metrics(self, split: str) -> list[Mapping[str, Json]]:
        name = USUAL[self.design.task_kind]
        defaults = {key.name: key.default for key in CATALOG.entry("metric", name).keys if not isinstance(key.default, Required)}
        usual: dict[str, Json] = {"call": name, **defaults}
        chosen = [self.selection.metric] if self.selection is not None and self.selection.on == split else []
        return [usual, *chosen]


def metric_text(call: Mapping[str, Json]) -> str:
    """A metric's name on the curve: the call with the arguments that are not the defaults."""
    entry = CATALOG.entry("metric", str(call["call"]))
    changed = [key.name for key in entry.keys if call.get(key.name) is not None and call[key.name] != key.default]
    arguments = ", ".join(f"{name} = {_plain(call[name])}" for name in changed)
    return f"{entry.name}({arguments})" if arguments else entry.name


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value)


def _examples(answers: Answers, targets: npt.NDArray[Any], labels: tuple[str, ...]) -> Examples:
    if isinstance(answers, LabelAnswers):
        assert isinstance(answers.scores, Probabilities)
        return ClassExamples(labels, targets, answers.chosen, answers.scores.values.astype("float64"), True)
    assert isinstance(answers, ValueAnswers)
    return ValueExamples(targets, answers.values)


def _measure(call: Mapping[str, Json], examples: Examples) -> float | None:
    try:
        return measure(call, examples)
    except MetricMisfitError as error:
        raise StepFailed(
            "metric_misfit", f"`{metric_text(call)}` cannot select checkpoints: {error}", "select by another metric"
        ) from error
