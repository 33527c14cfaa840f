"""What a model family is asked, and what it gives back.

A family is one module with `fit(job: FitJob) -> FitReport` and `predict(job: PredictJob) -> Predicted`; `FAMILIES` in the package's
`__init__` says which source belongs to which. A family writes its fitted model, in its own form, into `job.work.folder`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.view import DataView
from benchc.runtime.tasks.answers import Answers
from benchc.runtime.tasks.task import Task
from benchc.runtime.work import Work


@dataclass(frozen=True, slots=True)
class FitJob:
    """`model` and `train`: canonical settings of the spec's blocks. `encoded`: folder of the encode step, for encoders.
    `hints`: the step's, for places of model files. `seed` is 0 for a model whose result does not depend on it."""

    task: Task
    view: DataView
    split: str
    model: Mapping[str, Json]
    train: Mapping[str, Json] | None
    seed: int
    encoded: Path | None
    hints: Mapping[str, Json]
    work: Work


@dataclass(frozen=True, slots=True)
class FitReport:
    """What `train.json` holds besides the seconds and the peak of memory. Numbers that mean nothing to the family are None."""

    steps: int | None = None
    epochs: float | None = None
    parameters: int | None = None
    trainable_parameters: int | None = None
    tokens: int | None = None
    best_step: int | None = None
    device: str = "cpu"
    precision: str = "float32"
    stopped_early: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictJob:
    """`fitted`: folder of the train step, None for a model that is used as it comes, which `model` then describes. `decode`: how text
    is generated. `seed` draws samples."""

    task: Task
    view: DataView
    split: str
    model: Mapping[str, Json] | None
    fitted: Path | None
    precision: str
    encoded: Path | None
    hints: Mapping[str, Json]
    work: Work
    decode: Mapping[str, Json] | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Predicted:
    """Answers in the rows' order, and what `predict.json` holds besides times and counts of rows. `more`: what this family alone
    tells, by name."""

    answers: Answers
    tokens: int | None = None
    device: str = "cpu"
    precision: str = "float32"
    batch_halvings: int = 0
    notes: tuple[str, ...] = ()
    more: Mapping[str, Json] = field(default_factory=dict)
