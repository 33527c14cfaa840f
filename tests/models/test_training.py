"""The training loop on a small model: what it promises about steps, kills, selection and trouble."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from chain import block
from torch import nn

from benchc.runtime.device import Device
from benchc.runtime.seeds import row_hashes
from benchc.runtime.training.batches import BatchPlan, total_steps
from benchc.runtime.training.checkpoint import LATEST, weights
from benchc.runtime.training.curve import Point
from benchc.runtime.training.loop import Evaluation, Learner, TrainOutcome, train
from benchc.runtime.training.optimizers import make_optimizer
from benchc.runtime.training.settings import TrainSettings, read_settings
from benchc.runtime.work import Progress, StepFailed, Work

CPU = Device("cpu", "float32")
ROWS = 50
HASHES = row_hashes(pa.chunked_array([[f"row {number}" for number in range(ROWS)]]))
LENGTHS = np.asarray([3 + 7 * number % 11 for number in range(ROWS)])


class KilledError(Exception):
    """Stands for a kill."""


def settings(**train_block: Any) -> TrainSettings:
    return read_settings(block("train", **{"batch_size": 8, "optimizer": {"call": "adamw", "lr": 0.01}, **train_block}))


def plan_of(chosen: TrainSettings, seed: int = 1) -> BatchPlan:
    return BatchPlan(HASHES, LENGTHS, chosen.batch_size, chosen.batch_tokens, chosen.accumulate, seed)


@dataclass
class Trial:
    """A small network with dropout on fixed numbers, in a folder; `values` are what its evaluations answer in turn."""

    folder: Path
    values: list[float | None] = field(default_factory=list)
    higher_is_better: bool = True
    kill_at: int | None = None
    spoil: Callable[[torch.Tensor], torch.Tensor] = lambda loss: loss
    events: list[Any] = field(default_factory=list)
    evaluated: int = 0
    dropout: float = 0.5

    def train(self, chosen: TrainSettings, seed: int = 1, device: Device = CPU) -> tuple[dict[str, torch.Tensor], TrainOutcome]:
        generator = torch.Generator().manual_seed(7)
        inputs, targets = torch.randn(ROWS, 6, generator=generator), torch.randn(ROWS, generator=generator)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            module = nn.Sequential(nn.Linear(6, 8), nn.Dropout(self.dropout), nn.LayerNorm(8), nn.Linear(8, 1))

        def loss(rows: np.ndarray) -> torch.Tensor:
            return self.spoil(nn.functional.mse_loss(module(inputs[rows]).squeeze(-1), targets[rows]))

        def evaluate() -> Evaluation:
            assert not module.training
            value = self.values[self.evaluated % len(self.values)]
            self.evaluated += 1
            return Evaluation((Point("dev", "f1", value),), value)

        learner = Learner(module, loss, lambda rows: len(rows), evaluate if self.values else None, self.higher_is_better)
        outcome = train(learner, plan_of(chosen, seed), chosen, device, seed, self.work())
        return weights(module), outcome

    def work(self) -> Work:
        (self.folder / "result").mkdir(parents=True, exist_ok=True)
        (self.folder / "checkpoint").mkdir(exist_ok=True)
        return Work(self.folder / "result", self.folder / "checkpoint", Path, "cpu", self.progress, self.events.append, lambda: 0.0, 0.0)

    def progress(self, progress: Progress) -> None:
        if progress.done == self.kill_at:
            raise KilledError

    def curve(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "result" / "curve.jsonl").read_text().splitlines()]


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


OPTIMIZERS = [{"call": "adamw", "lr": 0.01}, {"call": "sgd", "lr": 0.01}, {"call": "adafactor", "lr": 0.01}]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer["call"])
@pytest.mark.parametrize("kill_at", [1, 9, 13])
def test_a_killed_run_ends_with_the_same_bits(tmp_path: Path, optimizer: dict[str, Any], kill_at: int) -> None:
    metric = {"call": "best", "metric": {"call": "accuracy"}}
    chosen = settings(epochs=3, optimizer=optimizer, accumulate=2, select=metric, schedule={"call": "cosine", "warmup": 0.1})
    values: list[float | None] = [0.1, 0.3, 0.2]
    whole, outcome = Trial(tmp_path / "whole", values).train(chosen)
    trial = Trial(tmp_path / "killed", values, kill_at=min(kill_at, outcome.steps - 1))
    with pytest.raises(KilledError):
        trial.train(chosen)
    again = replace(trial, kill_at=None, evaluated=(min(kill_at, outcome.steps - 1) - 1) // 4)
    resumed, after = again.train(chosen)
    assert same(whole, resumed)
    assert after == outcome
    assert again.curve() == Trial(tmp_path / "whole").curve()
    assert kill_at == 1 or again.events[0]["event"] == "training_resumed"


def test_a_damaged_checkpoint_is_said_and_training_starts_anew(tmp_path: Path) -> None:
    chosen = settings(epochs=2)
    whole, _ = Trial(tmp_path / "whole").train(chosen)
    trial = Trial(tmp_path / "killed", kill_at=5)
    with pytest.raises(KilledError):
        trial.train(chosen)
    checkpoint = tmp_path / "killed" / "checkpoint" / LATEST
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    trial.kill_at = None
    assert same(whole, trial.train(chosen)[0])
    assert trial.events[0]["event"] == "checkpoint_damaged"


def test_a_seed_repeats_exactly_and_another_differs(tmp_path: Path) -> None:
    first, second, other = (Trial(tmp_path / str(number)).train(settings(epochs=1), seed)[0] for number, seed in enumerate((1, 1, 2)))
    assert same(first, second)
    assert not same(first, other)


def test_torchs_own_generator_is_left_alone(tmp_path: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    Trial(tmp_path).train(settings(epochs=1))
    assert torch.equal(torch.rand(1), expected)


def test_the_best_weights_are_kept_the_earliest_of_equals(tmp_path: Path) -> None:
    metric = {"call": "best", "metric": {"call": "accuracy"}}
    best, outcome = Trial(tmp_path / "best", [0.2, 0.5, 0.5]).train(settings(epochs=3, select=metric, schedule={"call": "constant"}))
    assert outcome.best_step == 14
    until_then, _ = Trial(tmp_path / "short").train(settings(epochs=2, schedule={"call": "constant"}))
    assert same(best, until_then)


def test_a_metric_never_defined_keeps_the_last_weights_and_says_so(tmp_path: Path) -> None:
    _, outcome = Trial(tmp_path, [None]).train(settings(epochs=1, select={"call": "best", "metric": {"call": "accuracy"}}))
    assert outcome.best_step is None
    assert "undefined" in outcome.notes[0]


def test_patience_counts_evaluations_without_enough_improvement(tmp_path: Path) -> None:
    stop = {"call": "patience", "evaluations": 2, "least": 0.05}
    trial = Trial(tmp_path, [0.50, 0.40, 0.38, 0.37, 0.36], higher_is_better=False)
    _, outcome = trial.train(settings(epochs=9, early_stop=stop))
    assert trial.evaluated == 4  # 0.38 and 0.37 are less than 0.05 below 0.40
    assert outcome.stopped_early


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_names_step_and_rate(tmp_path: Path, bad: float) -> None:
    with pytest.raises(StepFailed, match=r"at step 1, learning rate 0\.01") as failed:
        Trial(tmp_path, spoil=lambda loss: loss * bad).train(settings(epochs=1))
    assert failed.value.code == "nan_loss"


def test_memory_that_runs_out_is_named_with_help(tmp_path: Path) -> None:
    def fail(loss: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(StepFailed) as failed:
        Trial(tmp_path, spoil=fail).train(settings(epochs=1))
    assert failed.value.code == "out_of_memory"
    assert "batch_size" in failed.value.help


def test_accumulated_batches_make_the_step_of_one_large_batch(tmp_path: Path) -> None:
    steps = BatchPlan(HASHES, LENGTHS, 4, None, 4, 1).steps(0)
    assert [len(step) for step in steps] == [4, 4, 4, 1]
    once, _ = Trial(tmp_path / "once", dropout=0).train(settings(steps=1, batch_size=ROWS))
    apart, _ = Trial(tmp_path / "apart", dropout=0).train(settings(steps=1, batch_size=7, accumulate=8))
    for name, tensor in once.items():
        torch.testing.assert_close(apart[name], tensor)  # the same sum in another order


def test_matrices_decay_and_vectors_do_not() -> None:
    module = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3))
    groups = make_optimizer(module, settings().optimizer).param_groups
    assert [(group["weight_decay"], len(group["params"])) for group in groups] == [(0.01, 1), (0.0, 3)]


@pytest.mark.parametrize(
    ("chosen", "steps"),
    [
        (settings(epochs=2), 14),
        (settings(epochs=0.5), 4),
        (settings(epochs=1.5), 11),
        (settings(steps=5), 5),
        (settings(epochs=2, accumulate=3), 6),
        (settings(), 21),
    ],
)
def test_steps_of_a_run(chosen: TrainSettings, steps: int) -> None:
    assert total_steps(plan_of(chosen), chosen.epochs, chosen.steps) == steps


def test_an_epoch_holds_each_row_once_in_an_order_of_its_own() -> None:
    for chosen in (settings(), settings(batch_tokens=40)):
        orders = [[row for step in plan_of(chosen).steps(epoch) for batch in step for row in batch] for epoch in range(2)]
        assert sorted(orders[0]) == sorted(orders[1]) == list(range(ROWS))
        assert orders[0] != orders[1]


def test_batches_of_tokens_fit_their_budget() -> None:
    chosen = settings(batch_tokens=40)
    batches = [batch for step in plan_of(chosen).steps(0) for batch in step]
    assert all(len(batch) * LENGTHS[batch].max() <= 40 for batch in batches)
    assert np.mean([len(batch) * LENGTHS[batch].max() for batch in batches]) > 30


def test_batches_follow_rows_not_positions() -> None:
    alike = np.full(ROWS, 5)  # rows of one length, so that no tie is left to the position
    forward = BatchPlan(HASHES, alike, 8, None, 1, 1).steps(0)
    backward = BatchPlan(HASHES[::-1].copy(), alike, 8, None, 1, 1).steps(0)
    assert [[batch.tolist() for batch in step] for step in forward] == [
        [(ROWS - 1 - batch).tolist() for batch in step] for step in backward
    ]
