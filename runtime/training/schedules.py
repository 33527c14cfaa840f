"""Learning-rate schedules: the share of the full rate at each step.

Step s counts from 0. Over `warmup` steps the rate rises in a straight line, s / warmup, so that the first step has rate 0 as in
transformers' schedules; then it falls from 1 to `minimum`, which it would reach at step `total`.
"""

import math
from collections.abc import Mapping
from typing import cast

from benchc.compiler.jsonvalue import Json
from benchc.runtime.work import StepFailed

SCHEDULES = ("linear", "cosine", "constant", "polynomial")


def rate_share(call: Mapping[str, Json], step: int, total: int) -> float:
    """The share of the full rate, 0 to 1, at a step of a run of `total` steps."""
    warmup = warmup_steps(call, total)
    if step < warmup:
        return step / warmup
    left = max(0.0, (total - step) / max(total - warmup, 1))
    minimum = float(cast(float, call.get("minimum") or 0.0))
    return minimum + (1 - minimum) * _fall(call, left)


def warmup_steps(call: Mapping[str, Json], total: int) -> int:
    """A number below 1 is a share of all steps, rounded up; any other is a number of steps."""
    warmup = float(cast(float, call["warmup"]))
    return math.ceil(warmup * total) if warmup < 1 else int(warmup)


def _fall(call: Mapping[str, Json], left: float) -> float:
    """The share of the fall that is still to come, from the share of steps that is left."""
    match call["call"]:
        case "linear":
            return left
        case "cosine":
            return 0.5 * (1 - math.cos(math.pi * left))
        case "constant":
            return 1.0
        case "polynomial":
            return float(left ** float(cast(float, call["power"])))
        case name:
            raise StepFailed("unknown_schedule", f"there is no schedule `{name}`", f"known are {', '.join(SCHEDULES)}")
