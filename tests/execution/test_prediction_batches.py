"""A whole run with a real encoder: how many tokens are predicted at once, and running out of memory, change no result."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

import benchc
from benchc.runtime.models import forward
from benchc.runtime.run_results import Results

SPEC = """\
edition = "2026"
bench "fruit" { seed = 3 }
labels kind = [sweet, sour]
dataset fruit {
  source = csv(train = "train.csv", dev = "dev.csv", test = "test.csv")
  fields { text = text(text), kind = label(kind, kind) }
}
task taste : classification { data = fruit, input = text, target = kind, metrics = [accuracy, f1(average = macro), auroc, log_loss] }
model tiny { source = scratch(bert(layers = 2, width = 32, heads = 4)) }
train briefly { epochs = 4, batch_size = 8, optimizer = adamw(lr = 2e-3), select = best(accuracy) }
run main { tasks = [taste], models = [tiny], train = briefly }
"""
OF_LABELS = ("accuracy", "f1(average = macro)")  # from whole numbers: equal to the last bit
OF_SCORES = ("auroc", "log_loss")  # from float32 outputs, whose sums are added up in another order in another batch


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    words = {"sweet": ("ripe mango", "honey melon", "fig jam"), "sour": ("green lemon", "tart apple", "raw quince")}
    for split, start, count in (("train", 0, 60), ("dev", 60, 20), ("test", 80, 70)):
        rows = [f"{' and '.join([words[kind][at % 3]] * (1 + at % 9))} {at},{kind}" for at in range(start, start + count) for kind in words]
        rows[3] = f"no fruit at all {start},sour"
        (tmp_path / f"{split}.csv").write_text("text,kind\n" + "\n".join(rows) + "\n")
    path = tmp_path / "fruit.bench"
    path.write_text(SPEC)
    return path


def run(spec: Path, name: str, batch_tokens: int | None = None) -> Results:
    return benchc.run(spec, spec.parent / name, cache=str(spec.parent / f"cache-{name}"), batch_tokens=batch_tokens)


def predictions(results: Results) -> dict[str, Any]:
    (cell,) = results.cells
    table = pq.read_table(results.folder / str(cell["predictions"]))
    assert isinstance(table.column("prediction")[0].as_py(), str)
    return {name: table.column(name).to_pylist() for name in table.schema.names}


def assert_same(one: Results, other: Results) -> None:
    """Plans byte by byte, labels and what is made of them exactly, scores and what is made of them as far as float32 goes."""
    plans = [(results.folder / "plan.json").read_bytes() for results in (one, other)]
    assert plans[0] == plans[1]
    first, second = predictions(one), predictions(other)
    for name in ("scores", "loss"):
        np.testing.assert_allclose(first.pop(name), second.pop(name), atol=1e-6)
    assert first == second
    metrics, others = (results.cells[0]["metrics"] for results in (one, other))
    for name in OF_LABELS:
        assert metrics[name] == others[name]
    for name in OF_SCORES:
        assert metrics[name]["value"] == pytest.approx(others[name]["value"], abs=1e-6)


@pytest.mark.parametrize("batch_tokens", [1, 64, 100_000])
def test_results_do_not_depend_on_the_tokens_that_are_predicted_at_once(batch_tokens: int, spec: Path) -> None:
    assert_same(run(spec, "usual"), run(spec, "chosen", batch_tokens))


def test_results_do_not_depend_on_memory_that_runs_out(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = run(spec, "usual")
    refused = run_out_of_memory_above(5, monkeypatch)
    halved = run(spec, "halved")
    assert refused
    assert_same(usual, halved)
    assert halvings(usual) == 0
    assert halvings(halved) > 0


def run_out_of_memory_above(texts: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From now on a batch of more texts does not fit. Returns the sizes of those that did not, as they come."""
    refused: list[int] = []
    pad: Callable[..., Any] = forward.pad

    def pad_a_few(table: Any, rows: Any, pad_id: int) -> Any:
        if len(rows) > texts:
            refused.append(len(rows))
            raise torch.OutOfMemoryError("CUDA out of memory")
        return pad(table, rows, pad_id)

    monkeypatch.setattr(forward, "pad", pad_a_few)
    return refused


def halvings(results: Results) -> int:
    (about,) = results.folder.parent.glob(f"cache-{results.folder.name}/**/predict.json")
    return int(json.loads(about.read_text())["batch_halvings"])
