"""Adapters of the `peft` library: small changes of a model's weights that come in a folder of their own.

In: a folder with `adapter_config.json` and `adapter_model.safetensors`, a transformers model. Out: the model with the changes in its own
weights, so that it is computed like any other. `peft` is imported here alone, and only when there is an adapter. Not here: where the
folder lies in a plan (`compiler.locate_model`).
"""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from safetensors import SafetensorError, safe_open
from torch import nn

from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.model_files import PICKLED, locate
from benchc.runtime.requirements import required
from benchc.runtime.work import StepFailed, Work

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"

Model = TypeVar("Model", bound=nn.Module)


def adapter_folder(model: Mapping[str, Json], location: str | None, work: Work) -> Path | None:
    """The folder of the adapter that a model's settings name; None for a model without one."""
    adapter = model.get("adapter")
    return None if adapter is None else locate({"call": "adapter", **cast("Mapping[str, Json]", adapter)}, location, work)


def with_adapter(module: Model, folder: Path) -> Model:
    """Raises StepFailed for an adapter that cannot be read, is not of the kind that weights can take up, or was made for another model.

    Every tensor of the adapter must find its place and every place its tensor: `peft` alone would leave out what does not fit.
    """
    config = _check_folder(folder)
    peft = required("peft", "peft", "adapters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tied matrices, which are parted below, and of names that change in later versions
        try:
            wrapped = peft.PeftModel.from_pretrained(module, str(folder), is_trainable=False)
            _refuse_misfits(wrapped, peft, folder)
            _part_tied_matrices(wrapped)
            merged = wrapped.merge_and_unload()
        except MemoryError:
            raise
        except (ValueError, RuntimeError, KeyError, OSError, TypeError, AttributeError, NotImplementedError, SafetensorError) as error:
            raise _misfit(folder, config, _first_line(error)) from error
    return cast(Model, merged)


def _check_folder(folder: Path) -> Mapping[str, Any]:
    """The adapter's configuration."""
    if not (folder / CONFIG).is_file():
        raise StepFailed("adapter_missing", f"`{folder}` holds no `{CONFIG}`, so it is no adapter", "check `adapter` of the model")
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise StepFailed(
            "adapter_broken", f"`{folder / CONFIG}` cannot be read: {_first_line(error)}", "fetch the adapter again"
        ) from error
    if not isinstance(config, dict) or "peft_type" not in config:
        raise StepFailed("adapter_broken", f"`{folder / CONFIG}` names no `peft_type`", "save the adapter with `save_pretrained(folder)`")
    if config.get("megatron_config") is not None:  # would import the module that the file names
        raise StepFailed("adapter_form", f"the adapter in `{folder}` is one for Megatron layers", "save it for a transformers model")
    if not (folder / WEIGHTS).is_file():
        raise _no_weights(folder)
    return config


def _no_weights(folder: Path) -> StepFailed:
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLED)
    if pickled:
        message = f"the adapter in `{folder}` keeps its weights in `{pickled[0]}`, a form that can run code when it is read"
        return StepFailed("weights_not_safe", message, f"convert them to `{WEIGHTS}`")
    return StepFailed("adapter_missing", f"`{folder}` holds no `{WEIGHTS}`", "fetch the whole adapter")


def _refuse_misfits(wrapped: Any, peft: Any, folder: Path) -> None:
    if not hasattr(wrapped, "merge_and_unload"):
        kind = wrapped.peft_config["default"].peft_type.value
        raise ValueError(f"an adapter of the type {kind} does not change weights, so it cannot be merged into them")
    with safe_open(str(folder / WEIGHTS), framework="pt") as opened:
        held = set(opened.keys())
    places = set(peft.get_peft_model_state_dict(wrapped, save_embedding_layers=False))
    strange = sorted(held - places - wrapped.state_dict().keys())  # matrices of the model itself may lie beside the changes
    missing = sorted(places - held)
    if strange:
        raise ValueError(f"the model has no place for {len(strange)} of its tensors, the first is `{strange[0]}`")
    if missing:
        raise ValueError(f"it lacks {len(missing)} tensors for layers of the model, the first is `{missing[0]}`")


def _part_tied_matrices(wrapped: Any) -> None:
    """A change of the output matrix alone must not change the embeddings that are the same tensor, nor the other way round."""
    inner = wrapped.get_base_model()
    read, written = inner.get_input_embeddings(), inner.get_output_embeddings()
    changed = any(hasattr(one, "base_layer") for one in (read, written))
    if written is None or not changed or _weight(read) is not _weight(written):
        return
    getattr(written, "base_layer", written).weight = nn.Parameter(_weight(written).detach().clone(), requires_grad=False)
    inner.config.tie_word_embeddings = False


def _weight(layer: Any) -> Any:
    return getattr(layer, "base_layer", layer).weight


def _misfit(folder: Path, config: Mapping[str, Any], reason: str) -> StepFailed:
    base = config.get("base_model_name_or_path")
    made_for = f", which was made for `{base}`," if base else ""
    message = f"the adapter in `{folder}`{made_for} cannot be put on this model: {reason}"
    return StepFailed("adapter_broken", message, "name the base model that the adapter was made for")


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    return " ".join(lines[:2]) if lines else type(error).__name__
