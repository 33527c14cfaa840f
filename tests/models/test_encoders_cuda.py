"""Encoders on a CUDA device: whole runs that give what a processor gives, repeat exactly, and survive too little memory."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import benchc
from benchc.runtime.device import Device, choose_device
from benchc.runtime.models.forward import compute
from benchc.runtime.models.tokens import TokenBatch, TokenTable
from benchc.runtime.results import comparable

pytestmark = [pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")]

SPEC = """\
edition = "2026"
bench "fruit" { seed = 3 }
labels kind = [sweet, sour]
dataset fruit {
  source = csv(train = "train.csv", test = "test.csv")
  fields { text = text(text), kind = label(kind, kind) }
}
task taste : classification { data = fruit, input = text, target = kind, metrics = [accuracy, log_loss] }
model majority { source = baseline(majority) }
model linear { source = sklearn(tfidf(), logistic_regression()) }
model tiny { source = scratch(bert(layers = 1, width = 32, heads = 2)) }
train exactly { epochs = 8, batch_size = 8, optimizer = adamw(lr = 3e-3), precision = float32 }
train roughly extends exactly { precision = bfloat16 }
run main { tasks = [taste], models = [majority, linear, tiny], train = [exactly, roughly] }
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    rows = [f"{text} number {i},{kind}" for i in range(40) for text, kind in (("ripe mango", "sweet"), ("green lemon", "sour"))]
    (tmp_path / "train.csv").write_text("text,kind\n" + "\n".join(rows) + "\n")
    tests = [f"a {text} of day {i},{kind}" for i in range(30) for text, kind in (("ripe mango", "sweet"), ("green lemon", "sour"))]
    (tmp_path / "test.csv").write_text("text,kind\n" + "\n".join(tests) + "\n")
    path = tmp_path / "fruit.bench"
    path.write_text(SPEC)
    return path


def test_a_run_learns_and_repeats_exactly(spec: Path) -> None:
    folder = spec.parent
    first, again = (benchc.run(spec, folder / name, cache=str(folder / f"{name}-cache"), device="cuda") for name in ("a", "b"))
    assert [cell["status"] for cell in first.cells] == ["ok"] * len(first.cells), [cell["error"] for cell in first.cells]
    assert comparable(first.value) == comparable(again.value)
    values = {str(cell["id"]): cell["metrics"]["accuracy"]["value"] for cell in first.cells}  # type: ignore[index,call-overload]
    assert all(value > 0.9 for name, value in values.items() if "tiny" in name), values
    assert any(int(str(cell["peak_memory_bytes"])) > 0 for cell in first.cells if "tiny" in str(cell["id"]))
    assert json.loads((folder / "a" / "run.json").read_text())


def test_what_is_trained_on_the_device_predicts_the_same_on_a_processor(spec: Path) -> None:
    """Training is not repeated by another device: the same store, and predictions alone are computed anew."""
    folder = spec.parent
    accelerated = benchc.run(spec, folder / "a", cache=str(folder / "cache"), device="cuda", only="*exactly*")
    processor = benchc.run(spec, folder / "b", cache=str(folder / "cache"), device="cpu", only="*exactly*")
    assert comparable(accelerated.value) == comparable(processor.value)


class Embedding(nn.Module):
    """Text to the mean of its tokens' vectors, through a layer that needs memory for each token."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedded, self.wide, self.out = nn.Embedding(50, 64), nn.Linear(64, 4096), nn.Linear(4096, 3)

    def forward(self, batch: TokenBatch) -> torch.Tensor:
        inside = torch.ones_like(batch.ids, dtype=torch.bool) if batch.mask is None else batch.mask
        hidden = torch.relu(self.wide(self.embedded(batch.ids))) * inside.unsqueeze(-1)
        mean: torch.Tensor = self.out(hidden.sum(1) / inside.sum(1, keepdim=True))
        return mean


def test_memory_that_runs_out_halves_the_batches() -> None:
    generator = np.random.default_rng(0)
    offsets = np.concatenate([[0], generator.integers(1, 60, 3000).cumsum()])
    table = TokenTable(generator.integers(1, 50, offsets[-1]).astype(np.int32), offsets, None)
    module = Embedding().eval().to("cuda")
    device = choose_device("cuda", "float32")
    expected = compute(module, table, 0, device)
    torch.cuda.empty_cache()
    try:
        allowed = torch.cuda.memory_reserved() + 64 * 2**20
        torch.cuda.set_per_process_memory_fraction(allowed / torch.cuda.mem_get_info()[1])
        made = compute(module, table, 0, device)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert made.halvings > 0
    assert np.abs(made.values - expected.values).max() < 1e-5
    processor = compute(module.cpu(), table, 0, Device("cpu", "float32"))
    assert np.abs(processor.values - expected.values).max() < 1e-4
