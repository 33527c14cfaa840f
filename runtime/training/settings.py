"""Training settings as the plan's params give them, with what they leave open filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import MetricFacts
from benchc.compiler.jsonvalue import Json

EPOCHS, BATCH_SIZE = 3.0, 32  # when neither epochs nor steps, neither size nor tokens are given


@dataclass(frozen=True, slots=True)
class Selection:
    """Keep the weights with the best `metric` on the split `on`; the whole of `None` is: keep the last."""

    metric: Mapping[str, Json]
    on: str
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class Patience:
    """Stop after `evaluations` without an improvement above `least`."""

    evaluations: int
    least: float


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Exactly one of `epochs` and `steps`, of `batch_size` and `batch_tokens`, is not None. `clip` 0 is none. `loss` None: the
    task's own. `evaluate_every` None: at the end of each epoch."""

    epochs: float | None
    steps: int | None
    batch_size: int | None
    batch_tokens: int | None
    accumulate: int
    optimizer: Mapping[str, Json]
    schedule: Mapping[str, Json]
    loss: Mapping[str, Json] | None
    clip: float
    selection: Selection | None
    patience: Patience | None
    evaluate_every: int | None
    precision: str


def read_settings(train: Mapping[str, Json]) -> TrainSettings:
    """From a train block in canonical JSON. Where both of two alternatives stand, `steps` and `batch_tokens` hold."""
    steps = cast("int | None", train.get("steps"))
    tokens = cast("int | None", train.get("batch_tokens"))
    return TrainSettings(
        epochs=None if steps is not None else _number(train.get("epochs"), EPOCHS),
        steps=steps,
        batch_size=None if tokens is not None else int(_number(train.get("batch_size"), BATCH_SIZE)),
        batch_tokens=tokens,
        accumulate=int(_number(train.get("accumulate"), 1)),
        optimizer=_call(train, "optimizer"),
        schedule=_call(train, "schedule"),
        loss=cast("Mapping[str, Json] | None", train.get("loss")),
        clip=_number(train.get("clip"), 1.0),
        selection=_selection(_call(train, "select")),
        patience=_patience(cast("Mapping[str, Json] | None", train.get("early_stop"))),
        evaluate_every=cast("int | None", train.get("evaluate_every")),
        precision=str(train.get("precision") or "auto"),
    )


def _selection(select: Mapping[str, Json]) -> Selection | None:
    if select["call"] == "last":
        return None
    metric = cast("Mapping[str, Json]", select["metric"])
    facts = CATALOG.entry("metric", str(metric["call"])).facts
    assert isinstance(facts, MetricFacts)
    return Selection(metric, str(select["on"]), facts.higher_is_better)


def _patience(stop: Mapping[str, Json] | None) -> Patience | None:
    return None if stop is None else Patience(cast(int, stop["evaluations"]), _number(stop["least"], 0.0))


def _call(train: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", train[key])


def _number(value: Json, default: float) -> float:
    return default if value is None else float(cast(float, value))
