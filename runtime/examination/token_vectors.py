"""Vectors of a text's tokens from an encoder, for BERTScore.

In: texts, a model folder. Out: for each text its token ids and their vectors, of length one. Tokens that the tokenizer adds ([CLS],
[SEP]) are left out. Equal texts are computed once; texts of like length go through the encoder together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchc.runtime.device import choose_device
from benchc.runtime.models.backbones import load_backbone, positions
from benchc.runtime.models.batches import budget_of, prediction_batches
from benchc.runtime.models.tokenizers import load_tokenizer, longest_input
from benchc.runtime.models.tokens import TokenTable, pad
from benchc.runtime.work import Progress, StepFailed, Work


@dataclass(frozen=True, slots=True)
class TextVectors:
    """`ids`: (tokens,). `vectors`: (tokens, width), float64, rows of length one. `cut`: the text was longer than the model reads."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float64]
    cut: bool


@dataclass(frozen=True, slots=True)
class Layers:
    """Whose vectors: the encoder in `folder` with its `adapter`, if any; of `layer`, of which 0 is the embeddings and None the last."""

    folder: Path
    adapter: Path | None
    layer: int | None


def vectors_of(texts: Sequence[str], layers: Layers, max_length: int | None, work: Work) -> Mapping[str, TextVectors]:
    """By text."""
    folder = layers.folder
    backbone = load_backbone(folder, layers.adapter)
    device = choose_device(work.device, "float32", work.batch_tokens)
    module = backbone.module.eval().to(device.torch)
    tokenizer = load_tokenizer(folder)
    limit = longest_input(folder, tokenizer, positions(backbone.config))
    tokenizer.cut_at(min(max_length or limit, limit))
    distinct = tuple(dict.fromkeys(texts))
    encodings: list[Any] = tokenizer.encode(distinct)
    table = TokenTable(
        np.concatenate([np.zeros(0, np.int32), *(np.asarray(encoding.ids, np.int32) for encoding in encodings)]),
        np.cumsum([0, *(len(encoding) for encoding in encodings)]),
        None,
    )
    made: dict[str, TextVectors] = {}
    for rows in prediction_batches(table.lengths, budget_of(device)):
        batch = pad(table, rows, tokenizer.pad_id).to(device.torch)
        hidden = _hidden(module, layers.layer, batch.ids, batch.mask)
        for place, row in enumerate(rows.tolist()):
            made[distinct[row]] = _of_text(encodings[row], hidden[place])
        work.progress(Progress(len(made), len(distinct), "texts"))
    return made


def _hidden(module: nn.Module, layer: int | None, ids: torch.Tensor, mask: torch.Tensor | None) -> NDArray[np.float64]:
    """[texts, tokens, width]"""
    with torch.inference_mode():
        outputs = module(input_ids=ids, attention_mask=None if mask is None else mask.long(), output_hidden_states=True)
    states = outputs.hidden_states
    if layer is not None and layer >= len(states):
        raise StepFailed("no_such_layer", f"the encoder has layers 0 to {len(states) - 1}, and layer {layer} is asked for")
    return states[-1 if layer is None else layer].double().cpu().numpy()  # type: ignore[no-any-return]


def _of_text(encoding: Any, hidden: NDArray[np.float64]) -> TextVectors:
    own = np.flatnonzero(np.asarray(encoding.special_tokens_mask) == 0)
    vectors = hidden[own]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return TextVectors(np.asarray(encoding.ids, np.int64)[own], vectors / np.where(lengths > 0, lengths, 1), bool(encoding.overflowing))


def inverse_frequencies(references: Sequence[NDArray[np.int64]]) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """From token ids to log((M + 1) / (d + 1)): d of the M references hold the token (Zhang et al. 2020, with plus-one smoothing)."""
    counts: dict[int, int] = {}
    for ids in references:
        for token in set(ids.tolist()):
            counts[token] = counts.get(token, 0) + 1
    total = len(references) + 1
    return lambda ids: np.array([np.log(total / (counts.get(token, 0) + 1)) for token in ids.tolist()], dtype=np.float64)
