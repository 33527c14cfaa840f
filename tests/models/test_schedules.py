"""Schedules against those of transformers, an independent implementation."""

from typing import Any

import pytest
import torch
from chain import call
from torch.optim.lr_scheduler import LRScheduler
from transformers import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_linear_schedule_with_warmup,
    get_polynomial_decay_schedule_with_warmup,
)

from benchc.runtime.training.schedules import rate_share, warmup_steps

TOTAL, WARMUP = 40, 6


def reference(name: str, optimizer: torch.optim.Optimizer) -> LRScheduler:
    made: dict[str, Any] = {
        "linear": lambda: get_linear_schedule_with_warmup(optimizer, WARMUP, TOTAL),
        "cosine": lambda: get_cosine_schedule_with_warmup(optimizer, WARMUP, TOTAL),
        "constant": lambda: get_constant_schedule_with_warmup(optimizer, WARMUP),
        "polynomial": lambda: get_polynomial_decay_schedule_with_warmup(optimizer, WARMUP, TOTAL, lr_end=0.1, power=3),
    }
    return made[name]()


@pytest.mark.parametrize(
    ("name", "settings"), [("linear", {}), ("cosine", {}), ("constant", {}), ("polynomial", {"power": 3, "minimum": 0.1})]
)
def test_rates_are_those_of_transformers(name: str, settings: dict[str, float]) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = reference(name, optimizer)
    for step in range(TOTAL):
        assert rate_share(call("schedule", name, warmup=WARMUP, **settings), step, TOTAL) == pytest.approx(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize(("warmup", "steps"), [(0, 0), (6, 6), (0.1, 4), (0.11, 5)])
def test_warmup_is_a_number_of_steps_or_a_share(warmup: float, steps: int) -> None:
    assert warmup_steps(call("schedule", "linear", warmup=warmup), TOTAL) == steps
