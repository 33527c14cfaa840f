"""A model is loaded so that its attention is the one that it was trained with."""

from pathlib import Path

import numpy as np
from prompted import model_folder
from tiny import plain_log_probabilities, tiny

from benchc.runtime.device import Device
from benchc.runtime.language.engine import engine_of
from benchc.runtime.language.trie import Query
from benchc.runtime.models.language_model import load_language_model


def test_the_cap_on_attention_scores_is_kept(tmp_path: Path) -> None:
    """Gemma 2's, which some versions of transformers leave out unless they are told."""
    model = tiny("gemma2")
    loaded = engine_of(load_language_model(model_folder(tmp_path, model), None, {}, Device("cpu", "float32")).module, 40).model
    query = Query((5, 9, 14, 3, 22, 31), 1, 0)
    capped = plain_log_probabilities(model, query)
    np.testing.assert_allclose(plain_log_probabilities(loaded, query), capped, atol=1e-5)
    model.config.attn_logit_softcapping = None
    for layer in model.model.layers:
        layer.self_attn.attn_logit_softcapping = None
    assert np.abs(plain_log_probabilities(model, query) - capped).max() > 0.01
