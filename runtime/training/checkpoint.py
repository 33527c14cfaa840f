"""Checkpoints: weights, optimizer state and standing in one safetensors file, written aside and renamed.

Files in the checkpoint folder: `checkpoint.safetensors` (the latest), `best-STEP.safetensors` (weights alone). Nothing is pickled.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from benchc.runtime.training.standing import Standing

LATEST = "checkpoint.safetensors"
FORMAT = "benchc-checkpoint/1"
MODEL, OPTIMIZER = "model/", "optimizer/"


def save_checkpoint(
    folder: Path, module: nn.Module, optimizer: torch.optim.Optimizer, scaler: Mapping[str, Any], standing: Standing
) -> None:
    """Replaces the latest checkpoint, and deletes best weights that it does not speak of."""
    state = optimizer.state_dict()["state"]
    tensors = {MODEL + name: tensor for name, tensor in weights(module).items()}
    scalars: dict[str, Any] = {}
    for index, values in state.items():
        for name, value in values.items():
            if isinstance(value, Tensor):
                tensors[f"{OPTIMIZER}{index}/{name}"] = value
            else:
                scalars[f"{index}/{name}"] = value
    about = {
        "format": FORMAT,
        "standing": standing.to_json(),
        "scaler": dict(scaler),
        "scalars": scalars,
        "keeps_best": _keeps_best(folder, standing),
    }
    _write(folder / LATEST, tensors, about)
    kept = None if standing.best is None else best_path(folder, standing.best.step)
    for path in folder.glob("best-*.safetensors"):
        if path != kept:
            path.unlink()


def load_checkpoint(folder: Path, module: nn.Module, optimizer: torch.optim.Optimizer, scaler: Any) -> Standing | None:
    """Puts the latest checkpoint into module, optimizer and scaler. None when there is none.

    Raises DamagedCheckpointError, with nothing changed, when it cannot be read or is of another model.
    """
    path = folder / LATEST
    if not path.is_file():
        return None
    about, tensors = _read(path)
    own = {name.removeprefix(MODEL): tensor for name, tensor in tensors.items() if name.startswith(MODEL)}
    if about.get("format") != FORMAT or own.keys() != weights(module).keys():
        raise DamagedCheckpointError(f"{path.name} belongs to another model")
    standing = Standing.from_json(about["standing"])
    if standing.best is not None and about["keeps_best"]:
        _read(best_path(folder, standing.best.step))
    set_weights(module, own)
    optimizer.load_state_dict(
        {"state": _optimizer_state(tensors, about["scalars"]), "param_groups": optimizer.state_dict()["param_groups"]}
    )
    scaler.load_state_dict(about["scaler"])
    return standing


class DamagedCheckpointError(Exception):
    """A checkpoint that cannot be used; training starts anew."""


def save_best(folder: Path, module: nn.Module, step: int) -> None:
    """Keeps these weights aside. Those of earlier steps stay until a checkpoint speaks of the new ones."""
    _write(best_path(folder, step), weights(module), {"format": FORMAT})


def load_best(folder: Path, module: nn.Module, step: int) -> None:
    """Puts the weights that were kept at a step into the module."""
    set_weights(module, _read(best_path(folder, step))[1])


def best_path(folder: Path, step: int) -> Path:
    return folder / f"best-{step}.safetensors"


def weights(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and kept buffers by name, each once even when modules share it."""
    kept = module.state_dict().keys()
    buffers = {name: buffer for name, buffer in module.named_buffers() if name in kept}
    return {name: tensor.detach() for name, tensor in {**dict(module.named_parameters()), **buffers}.items()}


def set_weights(module: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Copies values into the module's own tensors of these names."""
    with torch.no_grad():
        for name, tensor in weights(module).items():
            tensor.copy_(values[name])


def _keeps_best(folder: Path, standing: Standing) -> bool:
    return standing.best is not None and best_path(folder, standing.best.step).is_file()


def _optimizer_state(tensors: Mapping[str, Tensor], scalars: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    state: dict[int, dict[str, Any]] = {}
    of_optimizer = {name.removeprefix(OPTIMIZER): tensor for name, tensor in tensors.items() if name.startswith(OPTIMIZER)}
    for path, value in {**of_optimizer, **scalars}.items():
        index, name = path.split("/", 1)
        state.setdefault(int(index), {})[name] = value
    return state


def _write(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".part")
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, str(aside), {"about": json.dumps(about)})
    os.replace(aside, path)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(str(path), framework="pt") as opened:
            about = json.loads((opened.metadata() or {})["about"])
            return about, {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise DamagedCheckpointError(f"{path.name} cannot be read: {error}") from error
