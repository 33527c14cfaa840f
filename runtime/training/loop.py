"""The training loop.

In: a `Learner` (a module, its loss on rows, its evaluation), a `BatchPlan`, settings, a seed. Out: the module with its final weights,
and a `TrainOutcome`; on the way a curve and checkpoints in the step's checkpoint folder.

The generator of torch is seeded for each step from the seed and the step's number, inside a fork of its state, so that dropout repeats
exactly, in one sitting or several, and nothing outside notices. Not here: tokens, tasks, model files.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from benchc.runtime.device import Device, autocast, is_out_of_memory
from benchc.runtime.seeds import derive_seed
from benchc.runtime.training.batches import BatchPlan, total_steps
from benchc.runtime.training.checkpoint import (
    DamagedCheckpointError,
    load_best,
    load_checkpoint,
    save_best,
    save_checkpoint,
)
from benchc.runtime.training.curve import Moment, Point, append_points, copy_curve, cut_curve
from benchc.runtime.training.optimizers import make_optimizer, set_rate
from benchc.runtime.training.schedules import rate_share
from benchc.runtime.training.settings import TrainSettings
from benchc.runtime.training.standing import Best, Standing
from benchc.runtime.work import Progress, StepFailed, Work

Ints = npt.NDArray[np.int64]

CURVE_POINTS = 200  # training losses on the curve, at most


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What evaluation found. `decisive`: the value that selection and early stopping go by; None where it is undefined."""

    points: tuple[Point, ...]
    decisive: float | None


@dataclass(frozen=True, slots=True)
class Learner:
    """`loss`: mean loss of these rows, a scalar with gradients. `tokens`: how many tokens they hold. `evaluate`: None without a split
    to evaluate on. `higher_is_better`: of the decisive value."""

    module: nn.Module
    loss: Callable[[Ints], Tensor]
    tokens: Callable[[Ints], int]
    evaluate: Callable[[], Evaluation] | None
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class TrainOutcome:
    """`best_step`: after how many steps the kept weights were, None when they are the last."""

    steps: int
    epochs: float
    tokens: int
    best_step: int | None
    stopped_early: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """What stays the same throughout a run."""

    learner: Learner
    plan: BatchPlan
    settings: TrainSettings
    device: Device
    seed: int
    total: int
    optimizer: torch.optim.Optimizer
    scaler: Any
    work: Work


def train(learner: Learner, plan: BatchPlan, settings: TrainSettings, device: Device, seed: int, work: Work) -> TrainOutcome:
    """Trains the learner's module in place, from the last checkpoint where there is one.

    Raises StepFailed on a loss that is not finite (`nan_loss`) and when memory runs out (`out_of_memory`).
    """
    optimizer = make_optimizer(learner.module, settings.optimizer)
    scaler = torch.amp.GradScaler(device.name, enabled=device.precision == "float16")
    total = total_steps(plan, settings.epochs, settings.steps)
    run = _Run(learner, plan, settings, device, seed, total, optimizer, scaler, work)
    with _repeatable(device):
        try:
            standing = _train(run, _resume(run))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise StepFailed(
                "out_of_memory",
                f"memory of {device.name} ran out in training",
                "make `batch_size` or `max_length` smaller; `accumulate` keeps the size of a step",
            ) from error
    return _finish(run, standing)


def _train(run: _Run, standing: Standing) -> Standing:
    saved_at = run.work.clock()
    started, before = run.work.clock(), standing.seconds
    for epoch, batches in _steps_from(run, standing.step):
        if standing.stopped or standing.step >= run.total:
            break
        standing = _take_step(run, standing, batches)
        standing = replace(standing, seconds=before + run.work.clock() - started)
        moment = Moment(standing.step, epoch, standing.seconds, _rate(run, standing.step - 1))
        standing = _note_loss(run, standing, moment)
        if _is_evaluation_due(run, standing, epoch.is_integer()):
            standing = _evaluate(run, standing, moment)
        if run.work.clock() - saved_at >= run.work.checkpoint_seconds:
            save_checkpoint(run.work.checkpoint, run.learner.module, run.optimizer, run.scaler.state_dict(), standing)
            saved_at = run.work.clock()
    return standing


def _steps_from(run: _Run, done: int) -> Iterator[tuple[float, tuple[Ints, ...]]]:
    """The batches of each step behind the first `done`, without end, and how many epochs are over after it."""
    epoch = 0
    while done >= (count := run.plan.count(epoch)):
        done, epoch = done - count, epoch + 1
    while True:
        steps = run.plan.steps(epoch)
        for index in range(done, len(steps)):
            yield epoch + (index + 1) / len(steps), steps[index]
        epoch, done = epoch + 1, 0


def _take_step(run: _Run, standing: Standing, batches: tuple[Ints, ...]) -> Standing:
    rate = _rate(run, standing.step)
    set_rate(run.optimizer, rate)
    loss = _accumulate_gradients(run, standing.step, batches)
    if not np.isfinite(loss):
        raise _not_finite(f"the loss is {loss}", standing.step, rate)
    run.scaler.unscale_(run.optimizer)
    norm = _clip(run)
    if not run.scaler.is_enabled() and not np.isfinite(norm):
        raise _not_finite("the gradient is not finite", standing.step, rate)
    run.scaler.step(run.optimizer)
    run.scaler.update()
    done = standing.step + 1
    run.work.progress(Progress(done, run.total, "steps", f"loss {loss:.4f}"))
    return replace(
        standing,
        step=done,
        tokens=standing.tokens + sum(run.learner.tokens(rows) for rows in batches),
        loss_sum=standing.loss_sum + loss,
        loss_steps=standing.loss_steps + 1,
    )


def _accumulate_gradients(run: _Run, step: int, batches: tuple[Ints, ...]) -> float:
    """Gradients of the mean loss over all rows of a step; that loss."""
    rows = sum(len(batch) for batch in batches)
    run.optimizer.zero_grad(set_to_none=True)
    run.learner.module.train()
    total = 0.0
    with _seeded(run.device, derive_seed(run.seed, "dropout", step)):
        for batch in batches:
            with autocast(run.device):
                loss = run.learner.loss(batch) * (len(batch) / rows)
            run.scaler.scale(loss).backward()
            total += float(loss.detach())
    return total


def _clip(run: _Run) -> float:
    limit = run.settings.clip if run.settings.clip > 0 else float("inf")
    return float(nn.utils.clip_grad_norm_(run.learner.module.parameters(), limit))


def _rate(run: _Run, step: int) -> float:
    full = run.settings.optimizer["lr"]
    assert isinstance(full, int | float)
    return float(full) * rate_share(run.settings.schedule, step, run.total)


def _note_loss(run: _Run, standing: Standing, moment: Moment) -> Standing:
    """Puts the mean loss since the last point on the curve, where one is due."""
    every = max(1, run.total // CURVE_POINTS)
    if standing.step % every and standing.step != run.total:
        return standing
    append_points(run.work.checkpoint, moment, (Point("train", "loss", standing.loss_sum / standing.loss_steps),))
    return replace(standing, loss_sum=0.0, loss_steps=0)


def _is_evaluation_due(run: _Run, standing: Standing, ends_epoch: bool) -> bool:
    if run.learner.evaluate is None:
        return False
    every = run.settings.evaluate_every
    due = ends_epoch if every is None else standing.step % every == 0
    return due or standing.step == run.total


def _evaluate(run: _Run, standing: Standing, moment: Moment) -> Standing:
    assert run.learner.evaluate is not None
    run.learner.module.eval()
    found = run.learner.evaluate()
    append_points(run.work.checkpoint, moment, found.points)
    if found.decisive is None:
        return standing
    best, is_better = _compare(run, standing.step, found.decisive, standing.best)
    if is_better and run.settings.selection is not None:
        save_best(run.work.checkpoint, run.learner.module, standing.step)
    patience = run.settings.patience
    return replace(standing, best=best, stopped=patience is not None and best.stale >= patience.evaluations)


def _compare(run: _Run, step: int, value: float, best: Best | None) -> tuple[Best, bool]:
    """The best evaluation including this one, and whether this one is the best. An improvement by no more than `least` is kept, but
    is none to early stopping."""
    if best is None:
        return Best(step, value, value, 0), True
    sign = 1.0 if run.learner.higher_is_better else -1.0
    least = 0.0 if run.settings.patience is None else run.settings.patience.least
    is_better = sign * (value - best.value) > 0
    is_progress = sign * (value - best.reference) > least
    reference, stale = (value, 0) if is_progress else (best.reference, best.stale + 1)
    return (Best(step, value, reference, stale) if is_better else replace(best, reference=reference, stale=stale)), is_better


def _resume(run: _Run) -> Standing:
    try:
        standing = load_checkpoint(run.work.checkpoint, run.learner.module, run.optimizer, run.scaler)
    except DamagedCheckpointError as error:
        run.work.event({"event": "checkpoint_damaged", "reason": str(error)})
        standing = None
    if standing is not None:
        run.work.event({"event": "training_resumed", "step": standing.step})
    cut_curve(run.work.checkpoint, 0 if standing is None else standing.step)
    return Standing() if standing is None else standing


def _finish(run: _Run, standing: Standing) -> TrainOutcome:
    notes: list[str] = []
    best_step = None
    if run.settings.selection is not None:
        if standing.best is None:
            notes.append("the metric of `select` was undefined at every evaluation; the last weights are kept")
        else:
            best_step = standing.best.step
            load_best(run.work.checkpoint, run.learner.module, best_step)
    run.learner.module.eval()
    copy_curve(run.work.checkpoint, run.work.folder)
    return TrainOutcome(standing.step, _epochs(run, standing.step), standing.tokens, best_step, standing.step < run.total, tuple(notes))


def _epochs(run: _Run, steps: int) -> float:
    epoch = 0
    while steps >= (count := run.plan.count(epoch)):
        steps, epoch = steps - count, epoch + 1
    return round(epoch + steps / run.plan.count(epoch), 6)


@contextmanager
def _seeded(device: Device, seed: int) -> Iterator[None]:
    accelerators = [torch.cuda.current_device()] if device.name == "cuda" else []
    with torch.random.fork_rng(devices=accelerators):
        torch.manual_seed(seed)
        yield


@contextmanager
def _repeatable(device: Device) -> Iterator[None]:
    """Accelerators choose algorithms that give the same bits each time, where they have them."""
    if device.name == "cpu":
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it before it repeats exactly
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with sdpa_kernel(SDPBackend.MATH):  # the fused kernels add up gradients in an order that changes from run to run
            yield
    finally:
        torch.use_deterministic_algorithms(before)


def _not_finite(what: str, step: int, rate: float) -> StepFailed:
    return StepFailed(
        "nan_loss", f"{what} at step {step + 1}, learning rate {rate:.3g}", "lower `lr`, lengthen `warmup`, or clip the gradient"
    )
