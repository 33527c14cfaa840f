"""Vectors of a pretrained encoder as features: the encoder stays as it is."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from benchc.compiler.jsonvalue import Json
from benchc.runtime.device import choose_device
from benchc.runtime.models.backbones import load_backbone, positions
from benchc.runtime.models.encoder import Encoder
from benchc.runtime.models.forward import compute
from benchc.runtime.models.model_files import model_folder
from benchc.runtime.models.tokenizers import load_tokenizer, longest_input
from benchc.runtime.models.tokens import TokenTable
from benchc.runtime.work import Work


def sentence_encoder(
    call: Mapping[str, Json], location: str | None, work: Work, adapter: Path | None = None
) -> Callable[[Sequence[str]], npt.NDArray[np.float32]]:
    """A function from texts to vectors [texts, width], float32. The model is loaded here, once. `adapter`: folder of one put on it."""
    folder = model_folder(cast("Mapping[str, Json]", call["source"]), location, work)
    backbone = load_backbone(folder, adapter)
    pooling = backbone.pooling if call["pooling"] == "auto" else str(call["pooling"])
    device = choose_device(work.device, "float32", work.batch_tokens)
    module = Encoder(backbone.module, backbone.width, pooling, bool(call["normalize"])).eval().to(device.torch)
    tokenizer = load_tokenizer(folder)
    limit = longest_input(folder, tokenizer, positions(backbone.config))
    tokenizer.cut_at(min(cast("int | None", call["max_length"]) or limit, limit))

    def vectors(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        encodings: list[Any] = tokenizer.encode(texts)
        offsets = np.cumsum([0, *(len(encoding) for encoding in encodings)])
        ids = np.concatenate([np.asarray(encoding.ids, np.int32) for encoding in encodings])
        return compute(module, TokenTable(ids, offsets, None), tokenizer.pad_id, device).values

    return vectors
