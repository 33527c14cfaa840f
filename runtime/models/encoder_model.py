"""An encoder with its head as one model: made from settings, kept in a folder, read back.

Kept form: `encoder/` (config, safetensors and tokenizer, as transformers reads them), `head.safetensors`, `model.json`.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.backbones import Backbone, load_backbone, quiet
from benchc.runtime.models.encoder import Encoder, EncoderWithHead, HeadShape
from benchc.runtime.seeds import derive_seed

ENCODER, HEAD, ABOUT = "encoder", "head.safetensors", "model.json"
FORMAT = "benchc-encoder/1"


@dataclass(frozen=True, slots=True)
class TargetScale:
    """Numbers are learned as (target - shift) / size."""

    shift: float
    size: float


@dataclass(frozen=True, slots=True)
class Design:
    """What a model is besides its weights. `pooling` is settled, not "auto". `head` is None for sentence vectors alone."""

    task_kind: str
    pooling: str
    normalize: bool
    head: HeadShape | None
    scale: TargetScale
    pad_id: int


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """`module` is an `Encoder` where the design has no head, else an `EncoderWithHead`."""

    design: Design
    backbone: Backbone
    module: nn.Module


def make_model(design: Design, backbone: Backbone, seed: int) -> EncoderModel:
    """A model with a new head, whose weights the seed decides; torch's own generator is left as it was."""
    encoder = Encoder(backbone.module, backbone.width, design.pooling, design.normalize)
    if design.head is None:
        return EncoderModel(design, backbone, encoder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "head"))
        return EncoderModel(design, backbone, EncoderWithHead(encoder, design.head))


def design_of(model: Mapping[str, Json], backbone: Backbone, task_kind: str, outputs: int, scale: TargetScale, pad_id: int) -> Design:
    """From a model block in canonical JSON."""
    pooling = str(model.get("pooling") or "auto")
    head = None if task_kind == "similarity" else _head(cast("Mapping[str, Any]", model["head"]), backbone.width, outputs)
    return Design(task_kind, backbone.pooling if pooling == "auto" else pooling, bool(model.get("normalize")), head, scale, pad_id)


def scale_of(task_kind: str, targets: npt.NDArray[np.floating]) -> TargetScale:
    """Standardised for regression, brought to 0 to 1 for a cosine; constant targets are only shifted."""
    match task_kind:
        case "regression":
            return TargetScale(float(targets.mean()), float(targets.std()) or 1.0)
        case "similarity":
            return TargetScale(float(targets.min()), float(targets.max() - targets.min()) or 1.0)
        case _:
            return TargetScale(0.0, 1.0)


def save_model(model: EncoderModel, folder: Path, tokenizer: Path) -> None:
    """Writes the kept form. `tokenizer`: a folder whose files are put beside the encoder."""
    kept = folder / ENCODER
    kept.mkdir(parents=True, exist_ok=True)
    with quiet():
        cast(Any, model.backbone.module).save_pretrained(str(kept))
    for path in sorted(tokenizer.iterdir()):
        shutil.copyfile(path, kept / path.name)
    if isinstance(model.module, EncoderWithHead):
        save_file({name: tensor.detach().cpu() for name, tensor in model.module.head.state_dict().items()}, str(folder / HEAD))
    (folder / ABOUT).write_text(json.dumps({"format": FORMAT, **asdict(model.design)}, indent=1))


def load_model(folder: Path) -> EncoderModel:
    """Reads the kept form back, in evaluation mode."""
    about = json.loads((folder / ABOUT).read_text())
    head = about["head"]
    design = Design(
        about["task_kind"],
        about["pooling"],
        about["normalize"],
        None if head is None else HeadShape(**head),
        TargetScale(**about["scale"]),
        about["pad_id"],
    )
    model = make_model(design, load_backbone(folder / ENCODER), seed=0)
    if isinstance(model.module, EncoderWithHead):
        model.module.head.load_state_dict(load_file(str(folder / HEAD)))
    model.module.eval()
    return model


def _head(call: Mapping[str, Any], width: int, outputs: int) -> HeadShape:
    hidden = (call.get("width") or width) if call["call"] == "mlp" else None
    return HeadShape(outputs, float(call["dropout"]), hidden)
