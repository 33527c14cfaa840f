"""results.json: every number of a run, made here and read here.

In: the plan, how its steps ended, and what surrounds the numbers (lints, data cards, examples, environment). Out: `Results`, which is
the JSON with typed ways in. Not here: computing anything; a number comes from a step's result.json as it stands there, and one that
is not finite is null. What was measured (time, memory, machine) is told from what was computed by `comparable`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchc.compiler.estimate_requests import cost
from benchc.compiler.jsonvalue import Json, digest
from benchc.compiler.plan import PLAN_FORMAT, Aggregate, Cell, Plan, PlannedComparison, PlannedGate, PlannedSuite, Step
from benchc.runtime.families import family_result
from benchc.runtime.outcome import Done, Failed, Outcome, Skipped, StepOutcome, error_json
from benchc.runtime.plan_graph import steps_of_cell

RESULTS_FORMAT: Final = "benchc-results/1"
MEASURED: Final = frozenset(
    (
        "usage",
        "seconds",
        "train_seconds",
        "examples_per_second",
        "peak_memory_bytes",
        "training",
        "prediction",
        "environment",
        "repaired",
        "curve",
    )
)

Object = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Extras:
    """What results.json holds besides the plan's own results. `predictions` maps a cell's id to its file, relative to the folder."""

    predictions: Mapping[str, str]
    data: Sequence[Json]
    examples: Sequence[Json]
    lints: Sequence[Json]
    environment: Mapping[str, Json]
    method: Mapping[str, Json]
    prompts: Sequence[Json] = ()
    incomplete: Sequence[Json] = ()  # parts that could not be made: {"part", "message"}


def make_results(plan: Plan, outcome: Outcome, extras: Extras) -> Object:
    """The value of results.json."""
    ends = outcome.steps
    seeds = {cell.id: cell.seed for cell in plan.cells}
    steps = {step.key: step for step in plan.steps}
    return {
        "format": RESULTS_FORMAT,
        "bench": dict(plan.bench),
        "plan": {"format": PLAN_FORMAT, "digest": digest(sorted(step.key for step in plan.steps)), "steps": len(plan.steps)},
        "cells": [_cell(cell, steps, ends, extras.predictions.get(cell.id)) for cell in plan.cells],
        "aggregates": [_aggregate(one, seeds, ends) for one in plan.aggregates],
        "comparisons": [_comparison(one, steps[one.corrected], ends) for one in plan.comparisons],
        "suites": [_suite(one, ends) for one in plan.suites],
        "gates": [_gate(one, ends) for one in plan.gates],
        "data": list(extras.data),
        "examples": list(extras.examples),
        "prompts": list(extras.prompts),
        "lints": list(extras.lints),
        "method": dict(extras.method),
        "environment": dict(extras.environment),
        "repaired": [{"step": one.key, "kind": one.kind, "reason": one.reason} for one in outcome.repaired],
        "incomplete": list(extras.incomplete),
    }


def read_results(folder: Path) -> Object:
    """results.json of a run's folder. Raises FileNotFoundError, or ValueError when it is not what this version reads."""
    value = json.loads((folder / "results.json").read_bytes())
    if not isinstance(value, dict) or value.get("format") != RESULTS_FORMAT:
        raise ValueError(f"`{folder / 'results.json'}` is not in the format {RESULTS_FORMAT}")
    return value


def comparable(results: Json) -> Json:
    """The results without what another machine, hour or cache changes: equal for equal spec, data and device."""
    match results:
        case Mapping():
            return {key: comparable(value) for key, value in results.items() if key not in MEASURED}
        case list() | tuple():
            return [comparable(value) for value in results]
        case _:
            return results


def exit_code(results: Mapping[str, Json]) -> int:
    """4 when something failed, else 3 when a gate does not hold or could not be tested, else 0."""
    parts = [part for name in ("cells", "aggregates", "comparisons", "suites", "gates") for part in objects(results, name)]
    errors = [error for part in parts if isinstance(error := part.get("error"), Mapping)]
    if any(error["code"] != "over_budget" for error in errors):
        return 4
    return 3 if any(gate["passed"] is not True for gate in objects(results, "gates")) else 0


def objects(value: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    """The list of objects under a key."""
    items = value[name]
    assert isinstance(items, Sequence)
    return [item for item in items if isinstance(item, Mapping)]


def read_step(end: StepOutcome, name: str = "result.json") -> Object | None:
    """A step's JSON file; None when the step is not done or has no such file. Numbers that are not finite are null."""
    if not isinstance(end, Done) or not (end.folder / name).is_file():
        return None
    value = json.loads((end.folder / name).read_bytes(), parse_constant=lambda text: None)
    assert isinstance(value, dict), f"{name} of a step is an object"
    return value


def _cell(cell: Cell, steps: Mapping[str, Step], ends: Mapping[str, StepOutcome], predictions: str | None) -> Object:
    training = read_step(ends[cell.train_step], "train.json") if cell.train_step is not None else None
    prediction = read_step(ends[cell.predict_step], "predict.json")
    metrics = {metric.name: value for metric in cell.metrics if (value := read_step(ends[metric.score])) is not None}
    status, error = _status(steps_of_cell(cell), ends)
    measured = prediction or {}
    return {
        "id": cell.id,
        "run": cell.run,
        "task": cell.task,
        "task_kind": cell.task_kind,
        "model": cell.model,
        "train": cell.train,
        "seed": cell.seed,
        "params": dict(cell.params),
        "fold": cell.fold,
        "status": status,
        "error": error,
        "split": cell.split,
        "n": next((value["n"] for value in metrics.values() if value.get("n") is not None), measured.get("examples")),
        "metrics": {name: _metric(value) for name, value in metrics.items()},
        "primary": next((metric.name for metric in cell.metrics if metric.primary), None),
        "seconds": measured.get("seconds"),
        "train_seconds": None if training is None else training.get("seconds"),
        "tokens": measured.get("tokens"),
        "usage": None if prediction is None else usage(steps[cell.predict_step], prediction),
        "examples_per_second": measured.get("examples_per_second"),
        "peak_memory_bytes": _largest(measured.get("peak_memory_bytes"), (training or {}).get("peak_memory_bytes")),
        "predictions": predictions,
        "extraction": None if cell.extract_step is None else read_step(ends[cell.extract_step], "extract.json"),
        "examinations": _examinations(cell, steps, ends),
        "diagnostics": None if cell.diagnostics is None else read_step(ends[cell.diagnostics]),
        "curve": _curve(ends[cell.train_step]) if cell.train_step is not None else [],
        "training": training,
        "prediction": prediction,
    }


def usage(predict: Step, prediction: Object) -> Json:
    """What a server was asked for a cell, and what that costs by the prices of the plan; None for a model of this machine. Tokens and
    cost are null where the server did not count all."""
    settings = predict.hints.get("endpoint")
    if not isinstance(settings, Mapping):
        return None
    counts = {name: prediction.get(name) for name in ("requests", "retries", "input_tokens", "output_tokens")}
    read, written = counts["input_tokens"], counts["output_tokens"]
    if not isinstance(read, int) or not isinstance(written, int):
        return {**counts, "cost": None}
    return {**counts, "cost": cost(settings, read, written)}


def _examinations(cell: Cell, steps: Mapping[str, Step], ends: Mapping[str, StepOutcome]) -> Object:
    """What was done with the answers before a metric could see them, by metric; {} where nothing had to be."""
    answers = {metric.name: steps[metric.score].inputs["predictions"][0] for metric in cell.metrics}
    examined = {name: read_step(ends[key], "examine.json") for name, key in answers.items() if steps[key].kind == "examine"}
    return {name: about for name, about in examined.items() if about is not None}


def _metric(value: Object) -> Object:
    """What a score says, with a place for each part that the format promises."""
    return {"value": None, "low": None, "high": None, "method": None, "n": None, "notes": [], **value}


def _status(keys: Sequence[str], ends: Mapping[str, StepOutcome]) -> tuple[str, Json]:
    """`failed` when a step of the cell, or one behind it, failed; `skipped` when one was not tried for the budget's sake."""
    for key in keys:
        match ends[key]:
            case Failed() | Skipped(cause=Failed()) as failed:
                return "failed", error_json(failed)
            case Skipped() as skipped:
                return "skipped", error_json(skipped)
    return "ok", None


def _error(end: StepOutcome) -> Json:
    return error_json(end) if isinstance(end, Failed | Skipped) else None


def _largest(*values: Json) -> Json:
    numbers = [value for value in values if isinstance(value, int | float)]
    return max(numbers) if numbers else None


def _curve(end: StepOutcome) -> Json:
    if not isinstance(end, Done) or not (end.folder / "curve.jsonl").is_file():
        return []
    lines = (end.folder / "curve.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line, parse_constant=lambda text: None) for line in lines if line]


def _aggregate(one: Aggregate, seeds: Mapping[str, int], ends: Mapping[str, StepOutcome]) -> Object:
    value = read_step(ends[one.step])
    return {
        "run": one.run,
        "task": one.task,
        "model": one.model,
        "train": one.train,
        "params": dict(one.params),
        "metric": one.metric,
        **(value or {"mean": None, "sd": None, "low": None, "high": None, "n": None, "method": None}),
        "seeds": list(dict.fromkeys(seeds[cell] for cell in one.cells)),
        "cells": list(one.cells),
        "error": _error(ends[one.step]),
    }


def _comparison(one: PlannedComparison, corrected: Step, ends: Mapping[str, StepOutcome]) -> Object:
    value = read_step(ends[one.step])
    family = family_result(corrected, ends)
    absent = ("difference", "low", "high", "p", "test", "n", "effect_size", "standard_error", "value_a", "value_b")
    return {
        "run": one.run,
        "task": one.task,
        "metric": one.metric,
        "a": one.a,
        "b": one.b,
        "cells_a": list(one.cells_a),
        "cells_b": list(one.cells_b),
        **(value or dict.fromkeys(absent)),
        "p_adjusted": _at(family["p_adjusted"], one.index),
        "significant": _at(family["significant"], one.index),
        "smallest_detectable_difference": _at(family["smallest_detectable_difference"], one.index),
        "correction": corrected.params.get("correction"),
        "alpha": corrected.params.get("alpha"),
        "error": _error(ends[one.step]),
    }


def _at(values: Json, index: int) -> Json:
    assert isinstance(values, Sequence)
    return values[index]


def _suite(one: PlannedSuite, ends: Mapping[str, StepOutcome]) -> Object:
    value = read_step(ends[one.step]) or {}
    return {
        "suite": one.suite,
        "run": one.run,
        "model": one.model,
        "train": one.train,
        "params": dict(one.params),
        "seed": one.seed,
        **{name: value.get(name) for name in ("value", "low", "high", "method")},
        "error": _error(ends[one.step]),
    }


def _gate(one: PlannedGate, ends: Mapping[str, StepOutcome]) -> Object:
    value = read_step(ends[one.step])
    return {
        "name": one.name,
        "expression": one.expression,
        **(value or {"passed": None, "left": None, "right": None}),
        "error": _error(ends[one.step]),
    }


def results_schema() -> Object:
    """The published JSON Schema of results.json."""
    schema: Object = json.loads(Path(__file__).with_name("results_schema.json").read_bytes())
    return schema


def schema_faults(results: Json) -> list[str]:
    """Where a value is not what the schema promises: `cells.0.seed: ...`; empty when it is."""
    from jsonschema import Draft202012Validator

    faults = Draft202012Validator(results_schema()).iter_errors(results)
    return [f"{'.'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in faults]
