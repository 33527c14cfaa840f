"""Backbones: the transformers models below our heads, read from a folder or made new.

In: a model folder, or an architecture's settings and a seed. Out: a float32 module in evaluation mode and what must be known of it.
Weights are read from safetensors alone.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, BertConfig, BertModel
from transformers.utils import logging as transformers_logging

from benchc.compiler.input_limit import usable_positions
from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.adapters import with_adapter
from benchc.runtime.work import StepFailed


@dataclass(frozen=True, slots=True)
class Backbone:
    """`width`: size of its token vectors. `pooling`: what `auto` means for it. `config`: the transformers configuration."""

    module: nn.Module
    width: int
    pooling: str
    config: Any


def load_backbone(folder: Path, adapter: Path | None = None) -> Backbone:
    """A pretrained model, with the changes of an adapter merged into its weights.

    Raises StepFailed on a broken configuration, an unknown architecture, missing or unreadable weights."""
    config = read_config(folder)
    if getattr(config, "is_encoder_decoder", False):
        raise StepFailed(
            "not_an_encoder",
            f"`{folder}` is a `{config.model_type}`, which has a decoder too",
            "take an encoder, such as BERT, or prompt this one: `as = seq2seq`",
        )
    with quiet():
        try:
            loaded = AutoModel.from_pretrained(
                str(folder), config=config, use_safetensors=True, local_files_only=True, trust_remote_code=False, output_loading_info=True
            )
        except MemoryError:
            raise
        except Exception as error:
            raise StepFailed(
                "weights_broken", f"the weights in `{folder}` cannot be read: {_first_line(error)}", "fetch the model again"
            ) from error
    module, info = loaded
    had_pooler = isinstance(getattr(module, "pooler", None), nn.Module)
    trained_pooler = had_pooler and not any(name.startswith("pooler.") for name in info["missing_keys"])
    _refuse_missing(folder, [name for name in info["missing_keys"] if not name.startswith("pooler.")])
    if adapter is not None:
        module = with_adapter(module, adapter)
    return Backbone(_as_encoder(module), int(config.hidden_size), _auto_pooling(folder, trained_pooler), config)


def new_bert(architecture: Mapping[str, Json], vocabulary: int, pad_id: int, seed: int) -> Backbone:
    """A BERT with random weights that the seed decides; torch's own generator is left as it was."""
    width, heads = cast(int, architecture["width"]), cast(int, architecture["heads"])
    if width % heads:
        raise StepFailed("bad_architecture", f"{heads} attention heads do not divide a width of {width}", "choose a multiple")
    dropout = cast(float, architecture["dropout"])
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=cast(int, architecture["layers"]),
        num_attention_heads=heads,
        intermediate_size=cast("int | None", architecture["feed_forward"]) or 4 * width,
        max_position_embeddings=cast(int, architecture["positions"]),
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=pad_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = BertModel(config, add_pooling_layer=False)
    return Backbone(cast(nn.Module, module).float().eval(), width, "cls", config)


def read_config(folder: Path) -> Any:
    """The transformers configuration of a folder. Raises StepFailed when it is broken or of an unknown architecture."""
    try:
        return AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError, KeyError, TypeError, AttributeError) as error:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
        raise StepFailed(
            "model_config",
            f"transformers cannot use `{folder}/config.json` (model type `{kind}`): {_first_line(error)}",
            "take a model whose architecture the installed transformers library knows",
        ) from error


def positions(config: Any) -> int | None:
    """The longest input that a model's position vectors allow; None when it has none."""
    limit = getattr(config, "max_position_embeddings", None)
    return usable_positions(config.model_type, limit, getattr(config, "pad_token_id", None))


def _as_encoder(module: nn.Module) -> nn.Module:
    """The model without a pooler of its own, in float32 and evaluation mode."""
    if isinstance(getattr(module, "pooler", None), nn.Module):
        module.register_module("pooler", None)
    return module.float().eval()


def _auto_pooling(folder: Path, trained_pooler: bool) -> str:
    """What a sentence encoder says itself; else the first token's vector where a pooler was trained on it; else the mean."""
    own = folder / "1_Pooling" / "config.json"
    if own.is_file():
        modes = json.loads(own.read_text())
        return "cls" if modes.get("pooling_mode_cls_token") else "max" if modes.get("pooling_mode_max_tokens") else "mean"
    if (folder / "modules.json").is_file():
        return "mean"
    return "cls" if trained_pooler else "mean"


def _refuse_missing(folder: Path, missing: list[str]) -> None:
    if missing:
        raise StepFailed(
            "weights_incomplete",
            f"the weights in `{folder}` lack {len(missing)} tensors that the architecture needs, the first is `{sorted(missing)[0]}`",
            "take the weights and the `config.json` of one model",
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps transformers from writing reports and progress to the terminal; what matters of them is checked here."""
    logging: Any = transformers_logging
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
