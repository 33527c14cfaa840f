"""The plan: what will be done, as a graph of steps addressed by content.

In: nothing. Out: `Plan`, made by `lower`, proved by `verify`, written and read by `plan_json`. Not here: how a step is done.

A step's key is made of its kind, the version of its implementation, its parameters and its inputs' keys. `hints` are what a step
needs or shows but what cannot change its result: where files lie, names for people, batch sizes, estimates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchc.compiler.jsonvalue import Json

PLAN_FORMAT = "benchc-plan/1"


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of work. `inputs` maps a role to the keys of the steps that fill it, in an order that means something.

    Roles: split: rows. encode: rows, split, shots?. train: rows, split, encoded?. predict: rows, split, encoded?, model?.
    extract: predictions. examine: predictions, rows, split. score: predictions.
    compare: a, b (one prediction per seed, seeds in order). aggregate: values. gate: left, right?.
    """

    key: str
    kind: str
    version: int
    params: Mapping[str, Json]
    inputs: Mapping[str, tuple[str, ...]]
    hints: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class MetricRef:
    """A metric of a cell: the name that results show, and the score step that computes it."""

    name: str
    score: str
    primary: bool
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One task by one model with one training setting, seed, set of parameters and fold. `id` is made of these values."""

    id: str
    run: str
    task: str
    task_kind: str
    model: str
    train: str | None
    seed: int
    params: Mapping[str, Json]  # values of the axes
    fold: int | None
    split: str  # the split that is evaluated
    rows: str  # keys of its steps
    split_step: str
    encode_step: str | None
    train_step: str | None
    predict_step: str
    diagnostics: str | None  # score step with what the report draws: confusion, per class, reliability
    metrics: tuple[MetricRef, ...]
    extract_step: str | None = None  # takes answers out of generated texts

    @property
    def answers_step(self) -> str:
        """The step whose predictions are scored."""
        return self.extract_step or self.predict_step


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One metric of a task and model (and train, params) over seeds and folds."""

    run: str
    task: str
    model: str
    train: str | None
    params: Mapping[str, Json]
    metric: str
    cells: tuple[str, ...]  # ids
    step: str


@dataclass(frozen=True, slots=True)
class PlannedComparison:
    """Two models (or training settings) on one task and metric. `a` and `b` are "model" or "model/train" with axis values if needed."""

    run: str
    task: str
    metric: str
    a: str
    b: str
    cells_a: tuple[str, ...]
    cells_b: tuple[str, ...]
    step: str  # compare step
    corrected: str  # aggregate step that adjusts p within the family
    index: int  # place in that family


@dataclass(frozen=True, slots=True)
class PlannedSuite:
    suite: str
    run: str
    model: str
    train: str | None
    params: Mapping[str, Json]
    seed: int
    step: str  # aggregate step


@dataclass(frozen=True, slots=True)
class PlannedGate:
    name: str
    expression: str
    step: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`bench` is what the report's head shows: name, description, license, authors, tags, docs. `report` the completed report block.
    `steps` are in an order in which each stands behind its inputs."""

    bench: Mapping[str, Json]
    report: Mapping[str, Json]
    steps: tuple[Step, ...]
    cells: tuple[Cell, ...]
    aggregates: tuple[Aggregate, ...]
    comparisons: tuple[PlannedComparison, ...]
    suites: tuple[PlannedSuite, ...]
    gates: tuple[PlannedGate, ...]
    budget: Mapping[str, Json]
