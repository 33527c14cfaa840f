"""A causal or sequence-to-sequence model with its tokenizer, ready to be asked.

In: a folder, settings of the model block. Out: `LanguageModel`. Weights come from safetensors alone; a `peft` adapter is merged into
them. Not here: where the folder lies, precision `auto`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING

from benchc.compiler.jsonvalue import Json
from benchc.runtime.device import DTYPES, Device
from benchc.runtime.language.probe import reads_ahead
from benchc.runtime.models.adapters import with_adapter
from benchc.runtime.models.backbones import quiet, read_config
from benchc.runtime.work import StepFailed


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """`module` is in evaluation mode and on the device. `end` tokens stop a text."""

    module: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    end: frozenset[int]


def load_language_model(folder: Path, adapter: Path | None, model: Mapping[str, Json], device: Device) -> LanguageModel:
    """Raises StepFailed on a broken or unfit model, and on an adapter that cannot be put on it."""
    config = read_config(folder)
    _check_form(folder, config, str(model.get("as") or "auto"))
    _check_architecture(folder, config)
    loader = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    with quiet():
        module, info = _read(loader, folder, config, DTYPES[device.precision])
    if info["missing_keys"]:
        missing = sorted(info["missing_keys"])
        raise StepFailed(
            "weights_incomplete",
            f"the weights in `{folder}` lack {len(missing)} tensors that the architecture needs, the first is `{missing[0]}`",
            "take the weights and the `config.json` of one model",
        )
    if adapter is not None:
        module = with_adapter(module, adapter)
    module = module.eval().to(device.torch)
    if not config.is_encoder_decoder and reads_ahead(module):
        raise _no_language_model(folder, config, "reads a text in both directions")
    tokenizer = _read_tokenizer(folder)
    return LanguageModel(module, tokenizer, _end_tokens(module, tokenizer))


def _check_form(folder: Path, config: Any, form: str) -> None:
    found = "seq2seq" if config.is_encoder_decoder else "causal_lm"
    if form in ("causal_lm", "seq2seq") and form != found:
        raise StepFailed("model_form", f"`{folder}` is a `{config.model_type}`, which is no {form}", f"set `as = {found}`")


def _check_architecture(folder: Path, config: Any) -> None:
    known = MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING if config.is_encoder_decoder else MODEL_FOR_CAUSAL_LM_MAPPING
    if type(config) not in known:
        raise _no_language_model(folder, config, "is of an architecture that the installed transformers library has no such form of")


def _no_language_model(folder: Path, config: Any, reason: str) -> StepFailed:
    message = f"`{folder}` is a `{config.model_type}`, which does not continue texts: it {reason}"
    return StepFailed(
        "not_a_language_model", message, "take a causal or a sequence-to-sequence model of text, or train this one as an encoder"
    )


def _read(loader: Any, folder: Path, config: Any, dtype: torch.dtype) -> tuple[Any, Mapping[str, Any]]:
    try:
        module, info = loader.from_pretrained(
            str(folder),
            config=config,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise StepFailed(
            "weights_broken", f"the weights in `{folder}` cannot be read: {_first_line(error)}", "fetch the model again"
        ) from error
    return module, info


def _read_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    try:
        return AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError, KeyError, TypeError, AttributeError) as error:
        raise StepFailed(
            "tokenizer_broken", f"the tokenizer in `{folder}` cannot be read: {_first_line(error)}", "fetch the model again"
        ) from error


def _end_tokens(module: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """All that the model's files name as the end of a text."""
    named = [module.config.eos_token_id, getattr(module.generation_config, "eos_token_id", None), tokenizer.eos_token_id]
    return frozenset(int(token) for one in named if one is not None for token in (one if isinstance(one, list) else [one]))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
