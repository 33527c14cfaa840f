"""Plans made by hand, and steps that stand in for the real ones: quick, exact, without torch."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json, digest
from benchc.compiler.plan import Aggregate, Cell, MetricRef, Plan, PlannedComparison, PlannedGate, Step
from benchc.runtime.execute import Surroundings
from benchc.runtime.steps import StepFunction
from benchc.runtime.work import Inputs, Work

TASK: Json = {"kind": "classification", "inputs": ["text"], "target": "label", "group": None, "labels": None}


def step(kind: str, params: Mapping[str, Json], hints: Mapping[str, Json] | None = None, **inputs: tuple[Step, ...]) -> Step:
    keys = {role: tuple(one.key for one in steps) for role, steps in inputs.items()}
    key = digest({"kind": kind, "version": 1, "params": params, "inputs": keys})
    return Step(key, kind, 1, params, keys, hints or {})


def small_plan(
    models: tuple[str, ...] = ("floor", "linear"), seeds: tuple[int, ...] = (1, 2), budget: Mapping[str, Json] | None = None
) -> Plan:
    """One task, two models, two seeds: load, split, train, predict, score, aggregate, compare, correct, gate."""
    load = step("load", {"source": "rows"}, {"dataset": "texts"})
    split = step("split", {}, rows=(load,))
    steps, cells, aggregates, predicts = [load, split], [], [], {}
    for model in models:
        scores = []
        for seed in seeds:
            train = step("train", {"model": model, "seed": seed}, {"estimate": {"seconds": 1}}, rows=(load,), split=(split,))
            predict = step("predict", {"model": model, "seed": seed}, rows=(load,), split=(split,), model=(train,))
            score = step("score", {"metric": {"call": "accuracy"}}, predictions=(predict,))
            steps += [train, predict, score]
            scores.append(score)
            predicts.setdefault(model, []).append(predict)
            metric = MetricRef("accuracy", score.key, True, True)
            cell = f"main.task.{model}[seed={seed}]"
            keys = (load.key, split.key, None, train.key, predict.key, None)
            cells.append(Cell(cell, "main", "task", "classification", model, None, seed, {}, None, "test", *keys, (metric,)))
        mean = step("aggregate", {"of": "seeds", "confidence": 0.95}, values=tuple(scores))
        steps.append(mean)
        ids = tuple(f"main.task.{model}[seed={seed}]" for seed in seeds)
        aggregates.append(Aggregate("main", "task", model, None, {}, "accuracy", ids, mean.key))
    comparisons: tuple[PlannedComparison, ...] = ()
    if len(models) > 1:
        compare = step("compare", {"test": "bootstrap"}, a=tuple(predicts[models[1]]), b=tuple(predicts[models[0]]))
        corrected = step("aggregate", {"of": "comparisons", "correction": "holm", "alpha": 0.05}, values=(compare,))
        steps += [compare, corrected]
        sides = (aggregates[1].cells, aggregates[0].cells)
        comparisons = (PlannedComparison("main", "task", "accuracy", models[1], models[0], *sides, compare.key, corrected.key, 0),)
    best = next(one for one in steps if one.key == aggregates[-1].step)
    gate = step("gate", {"op": ">=", "left": None, "right": 0.5}, left=(best,))
    report = step("report", {"title": None})
    bench: Mapping[str, Json] = {"name": "small", "description": "a plan by hand"}
    return Plan(
        bench,
        {"title": None},
        (*steps, gate, report),
        tuple(cells),
        tuple(aggregates),
        comparisons,
        (),
        (PlannedGate("good", f"main.task.{models[-1]}.accuracy >= 0.5", gate.key),),
        budget or {},
    )


@dataclass(slots=True)
class FakeSteps:
    """Implementations that note which steps ran. `troubles` maps "kind model seed" to what is raised instead."""

    troubles: dict[str, BaseException] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    passed: float = 0.9

    def implementation(self, kind: str) -> StepFunction:
        def run(step: Step, inputs: Inputs, work: Work) -> None:
            name = " ".join(str(part) for part in (kind, step.params.get("model"), step.params.get("seed")) if part is not None)
            self.ran.append(name)
            if name in self.troubles:
                raise self.troubles[name]
            MAKERS[kind](step, inputs, work.folder)

        return run


def _write(folder: Path, name: str, value: Json) -> None:
    (folder / name).write_text(json.dumps(value), "utf-8")


def _read(folder: Path, name: str = "result.json") -> dict[str, float]:
    value: dict[str, float] = json.loads((folder / name).read_text("utf-8"))
    return value


def make_load(step: Step, inputs: Inputs, folder: Path) -> None:
    _write(folder, "load.json", {"rows": {"all": 4}, "files": [], "skipped": [], "skipped_count": 0, "labels": {"label": ["a", "b"]}})


def make_split(step: Step, inputs: Inputs, folder: Path) -> None:
    _write(folder, "split.json", {"rows": {"train": 2, "test": 2}, "dropped": {}})


def make_train(step: Step, inputs: Inputs, folder: Path) -> None:
    (folder / "weights").mkdir()
    (folder / "weights" / "model.bin").write_bytes(str(step.params).encode() * 100)
    _write(folder, "train.json", {"seconds": 1.5, "steps": 3, "epochs": 1, "parameters": 10, "peak_memory_bytes": 1000})
    (folder / "curve.jsonl").write_text('{"step": 1, "epoch": 0.5, "split": "train", "name": "loss", "value": 1.0, "seconds": 0.1}\n')


def make_predict(step: Step, inputs: Inputs, folder: Path) -> None:
    right = step.params["model"] != "floor"
    columns = {
        "id": ["1", "2"],
        "split": ["test"] * 2,
        "target": ["a", "b"],
        "prediction": ["a", "b" if right else "a"],
        "correct": [True, right],
    }
    pq.write_table(pa.table(columns), folder / "predictions.parquet")
    measured: Json = {"seconds": 0.5, "examples": 2, "tokens": None, "examples_per_second": 4.0, "peak_memory_bytes": 2000, "device": "cpu"}
    _write(folder, "predict.json", measured)


def make_score(step: Step, inputs: Inputs, folder: Path) -> None:
    correct = pq.read_table(inputs["predictions"][0] / "predictions.parquet")["correct"].to_pylist()
    value = sum(correct) / len(correct)
    _write(
        folder, "result.json", {"value": value, "low": value - 0.1, "high": value + 0.1, "method": "Wilson", "n": len(correct), "notes": []}
    )


def make_compare(step: Step, inputs: Inputs, folder: Path) -> None:
    result: Json = {
        "difference": 0.5,
        "low": 0.1,
        "high": 0.9,
        "p": 0.01,
        "test": "paired bootstrap",
        "n": 2,
        "value_a": 1.0,
        "value_b": 0.5,
    }
    assert isinstance(result, dict)
    _write(folder, "result.json", {**result, "effect_size": {"name": "h", "value": 1.5}, "standard_error": 0.1})


def make_aggregate(step: Step, inputs: Inputs, folder: Path) -> None:
    if step.params["of"] == "comparisons":
        _write(
            folder,
            "result.json",
            {"p_adjusted": [0.01], "significant": [True], "smallest_detectable_difference": [0.3], "correction": "holm"},
        )
        return
    values = [_read(one)["value"] for one in inputs["values"]]
    mean = sum(values) / len(values)
    _write(folder, "result.json", {"mean": mean, "sd": 0.0, "low": mean, "high": mean, "n": len(values), "method": "t interval"})


def make_gate(step: Step, inputs: Inputs, folder: Path) -> None:
    left, right = _read(inputs["left"][0])["mean"], step.params["right"]
    assert isinstance(right, float)
    _write(folder, "result.json", {"passed": left >= right, "left": left, "right": right})


MAKERS: dict[str, Callable[[Step, Inputs, Path], None]] = {
    "load": make_load,
    "split": make_split,
    "train": make_train,
    "predict": make_predict,
    "score": make_score,
    "compare": make_compare,
    "aggregate": make_aggregate,
    "gate": make_gate,
}


def surroundings(folder: Path, fakes: FakeSteps, events: list[Mapping[str, Json]] | None = None) -> Surroundings:
    ticks = iter(range(10**9))
    heard = [] if events is None else events
    return Surroundings(
        place=lambda location: folder / location,
        device="cpu",
        clock=lambda: float(next(ticks)),
        checkpoint_seconds=0.0,
        event=heard.append,
        progress=lambda step, progress: None,
        bug_reports=folder / "errors",
        implementation=fakes.implementation,
    )
