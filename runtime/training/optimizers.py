"""Optimizers: the update rules of the catalog on torch's own implementations.

Weight decay touches matrices alone: biases, norms and other vectors are never decayed.
"""

from collections.abc import Mapping
from typing import cast

import torch
from torch import nn

from benchc.compiler.jsonvalue import Json
from benchc.runtime.work import StepFailed

OPTIMIZERS = ("adamw", "sgd", "adafactor")


def make_optimizer(module: nn.Module, call: Mapping[str, Json]) -> torch.optim.Optimizer:
    """The optimizer over all trainable parameters, in the order of their names in the module."""
    groups = _groups(module, _number(call, "weight_decay"))
    rate = _number(call, "lr")
    match call["call"]:
        case "adamw":
            betas = (_number(call, "beta1"), _number(call, "beta2"))
            return torch.optim.AdamW(groups, lr=rate, betas=betas, eps=_number(call, "epsilon"), fused=_can_fuse(module))
        case "sgd":
            return torch.optim.SGD(groups, lr=rate, momentum=_number(call, "momentum"), nesterov=bool(call["nesterov"]))
        case "adafactor":
            return torch.optim.Adafactor(groups, lr=rate, d=_number(call, "clip_threshold"))
        case name:
            raise StepFailed("unknown_optimizer", f"there is no optimizer `{name}`", f"known are {', '.join(OPTIMIZERS)}")


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Sets the learning rate of the next update."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def _groups(module: nn.Module, decay: float) -> list[dict[str, object]]:
    trainable = [parameter for parameter in module.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in trainable if parameter.ndim > 1]
    vectors = [parameter for parameter in trainable if parameter.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


def _can_fuse(module: nn.Module) -> bool:
    return all(parameter.device.type in ("cpu", "cuda") for parameter in module.parameters())


def _number(call: Mapping[str, Json], key: str) -> float:
    return float(cast(float, call[key]))
