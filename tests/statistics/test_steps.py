"""The score, compare, aggregate and gate steps, from folders to folders."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from benchc.compiler.plan import Step
from benchc.runtime.steps import implementation
from benchc.runtime.work import StepFailed, Work

SCORING = {"task_kind": "classification", "confidence": 0.95, "resamples": 200, "seed": 1}


def run(kind: str, params: Mapping[str, Any], inputs: Mapping[str, tuple[Path, ...]], folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True)
    work = Work(folder, folder, Path, "cpu", lambda progress: None, lambda event: None, lambda: 0.0, 60.0)
    step = Step("key", kind, 1, params, {}, {})
    implementation(kind)(step, inputs, work)
    result: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
    return result


def labelled(folder: Path, target: str, prediction: str, labels: str = "ab") -> Path:
    folder.mkdir()
    scores = [[0.9 if label == one else 0.1 / (len(labels) - 1) for label in labels] for one in prediction]
    columns = {"id": [f"r{index}" for index in range(len(target))], "target": list(target), "prediction": list(prediction)}
    table = pa.table({**columns, "scores": pa.array(scores, pa.list_(pa.float32()))})
    metadata = {"benchc.labels": json.dumps(list(labels)), "benchc.scores": "probability"}
    pq.write_table(table.replace_schema_metadata(metadata), folder / "predictions.parquet")
    return folder


def stored(folder: Path, result: Mapping[str, Any]) -> Path:
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps(result), "utf-8")
    return folder


def test_score_of_accuracy(tmp_path: Path) -> None:
    predictions = labelled(tmp_path / "p", "aabb", "aaba")
    result = run("score", {**SCORING, "metric": {"call": "accuracy"}}, {"predictions": (predictions,)}, tmp_path / "out")
    assert (result["value"], result["n"], result["method"], result["notes"]) == (0.75, 4, "Wilson score", [])
    assert 0 < result["low"] < 0.75 < result["high"] < 1


def test_score_by_label(tmp_path: Path) -> None:
    predictions = labelled(tmp_path / "p", "aabb", "aaaa", "abc")
    metric = {"call": "precision", "average": "none", "positive": None}
    result = run("score", {**SCORING, "metric": metric}, {"predictions": (predictions,)}, tmp_path / "out")
    assert result["value"] is None
    assert {label: one["value"] for label, one in result["values"].items()} == {"a": 0.5, "b": None, "c": None}
    assert result["values"]["b"]["notes"] == ["precision of `b` is undefined: it is never answered"]


def test_score_that_the_predictions_cannot_give_fails_its_cell(tmp_path: Path) -> None:
    predictions = labelled(tmp_path / "p", "ab", "ab", "abc")
    metric = {"call": "f1", "average": "binary", "positive": None}
    with pytest.raises(StepFailed, match="`f1`: a binary metric over 3 labels needs `positive`"):
        run("score", {**SCORING, "metric": metric}, {"predictions": (predictions,)}, tmp_path / "out")


def test_diagnostics_of_labels(tmp_path: Path) -> None:
    predictions = labelled(tmp_path / "p", "aabb", "aaba")
    result = run("score", {**SCORING, "metric": {"call": "diagnostics"}}, {"predictions": (predictions,)}, tmp_path / "out")
    assert result["labels"] == ["a", "b"]
    assert result["confusion"] == [[2, 0], [1, 1]]
    first = result["per_class"][0]
    assert (first["label"], first["support"], first["recall"]["value"], first["f1"]["value"]) == ("a", 2, 1.0, 0.8)
    assert first["precision"]["low"] < first["precision"]["value"] < first["precision"]["high"]
    assert sum(one["count"] for one in result["reliability"]) == 4
    top = result["reliability"][-2:]
    assert [one["accuracy"] for one in top if one["count"]] == [0.75]


def test_diagnostics_of_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "p").mkdir()
    target = rng.normal(size=1000)
    table = pa.table({"id": [f"r{index}" for index in range(1000)], "target": target, "prediction": target + 1})
    pq.write_table(table, tmp_path / "p" / "predictions.parquet")
    result = run("score", {**SCORING, "metric": {"call": "diagnostics"}}, {"predictions": (tmp_path / "p",)}, tmp_path / "out")
    assert sum(result["residuals"]["counts"]) == 1000
    assert len(result["residuals"]["edges"]) == len(result["residuals"]["counts"]) + 1
    assert len(result["scatter"]) == 400
    assert result["range"] == [pytest.approx(target.min()), pytest.approx(target.max() + 1)]


def test_compare_of_two_folders(tmp_path: Path) -> None:
    a, b = labelled(tmp_path / "a", "aabb" * 5, "aabb" * 5), labelled(tmp_path / "b", "aabb" * 5, "abba" * 5)
    test = {"call": "paired_bootstrap", "samples": 200, "seeds": "fixed"}
    params = {"metric": {"call": "accuracy"}, "test": test, "task_kind": "classification", "confidence": 0.95, "seed": 1}
    result = run("compare", params, {"a": (a, a), "b": (b, b)}, tmp_path / "out")
    assert (result["difference"], result["value_a"], result["value_b"], result["n"]) == (0.5, 1.0, 0.5, 20)
    assert result["test"] == "paired_bootstrap"
    assert result["low"] < 0.5 < result["high"]
    assert set(result["effect_size"]) == {"name", "value"}
    assert run("compare", params, {"a": (a,), "b": (b,)}, tmp_path / "again") == result


def test_aggregate_over_seeds_and_by_label(tmp_path: Path) -> None:
    one = stored(tmp_path / "1", {"value": 0.8, "low": 0.7, "high": 0.9, "range": [0, 1]})
    other = stored(tmp_path / "2", {"value": 0.9, "low": 0.8, "high": 1.0, "range": [0, 1]})
    params = {"of": "seeds", "confidence": 0.95}
    result = run("aggregate", params, {"values": (one, other)}, tmp_path / "out")
    assert (result["mean"], result["n"]) == (pytest.approx(0.85), 2)
    assert result["high"] == 1.0  # Student's t over two seeds would end at 1.49
    by_label = [stored(tmp_path / f"l{value}", {"value": None, "range": [0, 1], "values": {"a": {"value": value}}}) for value in (0.5, 0.7)]
    result = run("aggregate", params, {"values": tuple(by_label)}, tmp_path / "labels")
    assert (result["mean"], result["method"], result["values"]["a"]["mean"]) == (None, "by label", pytest.approx(0.6))


@pytest.mark.parametrize(("aggregate", "weights", "value"), [("mean", None, 0.5), ("weighted", [3, 1], 0.35), ("geometric", None, 0.4)])
def test_aggregate_of_a_suite(tmp_path: Path, aggregate: str, weights: list[int] | None, value: float) -> None:
    one = stored(tmp_path / "1", {"value": 0.2, "low": 0.1, "high": 0.3, "range": [0, 1]})
    other = stored(tmp_path / "2", {"mean": 0.8, "sd": None, "low": 0.7, "high": 0.9, "range": [-1, None]})
    params = {"of": "suite", "aggregate": {"call": aggregate}, "weights": weights}
    result = run("aggregate", params, {"values": (one, other)}, tmp_path / "out")
    assert result["value"] == pytest.approx(value)
    assert result["low"] < value < result["high"]
    assert result["range"] == [-1, None]
    over_seeds = {"of": "seeds", "confidence": 0.95}
    assert run("aggregate", over_seeds, {"values": (tmp_path / "out",) * 2}, tmp_path / "mean")["mean"] == pytest.approx(value)


def test_aggregate_of_comparisons(tmp_path: Path) -> None:
    values = ((0.01, 0.1), (None, None), (0.04, 0.2))
    folders = tuple(stored(tmp_path / str(at), {"p": p, "standard_error": error}) for at, (p, error) in enumerate(values))
    result = run("aggregate", {"of": "comparisons", "correction": "holm", "alpha": 0.03}, {"values": folders}, tmp_path / "out")
    detectable = result.pop("smallest_detectable_difference")
    assert result == {"p_adjusted": [0.02, None, 0.04], "significant": [True, None, False], "correction": "holm"}
    in_errors = stats.norm.ppf(1 - 0.03 / 2 / 2) + stats.norm.ppf(0.80)  # alpha over the two comparisons that have a p
    assert detectable == [pytest.approx(0.1 * in_errors), None, pytest.approx(0.2 * in_errors)]


@pytest.mark.parametrize(("op", "passed"), [("==", False), ("!=", True), ("<", False), ("<=", False), (">", True), (">=", True)])
def test_gate(tmp_path: Path, op: str, passed: bool) -> None:
    left = stored(tmp_path / "left", {"value": 0.9, "low": 0.8, "high": 1.0})
    result = run("gate", {"op": op, "left": None, "right": 0.5}, {"left": (left,)}, tmp_path / "out")
    assert result == {"passed": passed, "left": 0.9, "right": 0.5, "notes": []}


def test_gate_reads_means_and_fails_without_a_value(tmp_path: Path) -> None:
    left, right = stored(tmp_path / "left", {"mean": 0.9}), stored(tmp_path / "right", {"value": None})
    result = run("gate", {"op": "!=", "left": None, "right": None}, {"left": (left,), "right": (right,)}, tmp_path / "out")
    assert result == {"passed": False, "left": 0.9, "right": None, "notes": ["the right side has no value"]}
