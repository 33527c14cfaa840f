"""Losses: the mean over the examples of a batch."""

from collections.abc import Mapping
from typing import cast

from torch import Tensor
from torch.nn import functional

from benchc.compiler.jsonvalue import Json
from benchc.runtime.work import StepFailed

LOSSES = ("cross_entropy", "mse", "mae", "huber")
OF_TASK: Mapping[str, Mapping[str, Json]] = {
    "classification": {"call": "cross_entropy", "label_smoothing": 0.0},
    "regression": {"call": "mse"},
    "similarity": {"call": "mse"},
}


def loss_for(call: Mapping[str, Json] | None, task_kind: str) -> Mapping[str, Json]:
    """The loss that was asked for, or the task's own. Raises StepFailed when it does not fit the task."""
    if call is None:
        return OF_TASK[task_kind]
    if (call["call"] == "cross_entropy") != (task_kind == "classification"):
        raise StepFailed("loss_misfit", f"the loss `{call['call']}` does not fit {task_kind}", f"use `{OF_TASK[task_kind]['call']}`")
    return call


def mean_loss(call: Mapping[str, Json], outputs: Tensor, targets: Tensor) -> Tensor:
    """A scalar in float32. `outputs` [examples, labels] with whole-number targets, or [examples] with numbers."""
    match call["call"]:
        case "cross_entropy":
            return functional.cross_entropy(outputs.float(), targets, label_smoothing=float(cast(float, call["label_smoothing"])))
        case "mse":
            return functional.mse_loss(outputs.float(), targets)
        case "mae":
            return functional.l1_loss(outputs.float(), targets)
        case "huber":
            return functional.huber_loss(outputs.float(), targets, delta=float(cast(float, call["delta"])))
        case name:
            raise StepFailed("unknown_loss", f"there is no loss `{name}`", f"known are {', '.join(LOSSES)}")
