"""Whether a causal model can be computed by the engine, or must be run plainly, text by text.

In: a transformers model, the longest text that it will see. Out: `SharedModel`, or the reason against it. The model is tried: a small
tree of tokens is scored by the engine and by plain passes, and the two must agree.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from transformers import PreTrainedModel

from benchc.runtime.device import is_out_of_memory
from benchc.runtime.language.attention import CannotShareError
from benchc.runtime.language.forward import SharedModel, find_head
from benchc.runtime.language.plain import score_plainly
from benchc.runtime.language.scorer import score
from benchc.runtime.language.trie import Query

TOLERANCE: Final = 1e-4  # nats, of every token's log probability in float32
ROUGH_TOLERANCE: Final = 0.1  # nats, of the mean in half precision: rounding alone moves single tokens by more than this
PROBE_TOKENS: Final = 8  # of a text whose last token is then exchanged
AHEAD, ROUGH_AHEAD = 1e-4, 1e-2  # of the logits' spread, in float32 and in half precision: rounding is below, attention above
PROBE_BUDGET: Final = 6  # positions: small, so that the probe has a path, cut segments and packed subtrees
STRETCHED = ("dynamic", "longrope")  # rotary embeddings that depend on the longest text of a pass


def share(model: PreTrainedModel, longest: int) -> SharedModel | str:
    """The model for the engine, or why it is run plainly. `longest`: tokens of the longest text."""
    reason = _declared_reason(model, longest)
    if reason is not None:
        return reason
    tolerance = TOLERANCE if model.dtype == torch.float32 else ROUGH_TOLERANCE
    queries = probe_queries(int(model.config.get_text_config().vocab_size))
    try:
        shared = SharedModel(model, find_head(model, queries[0].tokens, tolerance))
        difference = np.abs(score(shared, queries, PROBE_BUDGET).log_probabilities - score_plainly(model, queries).log_probabilities)
    except CannotShareError as error:
        return str(error)
    except Exception as error:
        if is_out_of_memory(error):
            raise
        return f"its layers do not run with shared attention ({type(error).__name__}: {_first_line(error)})"
    known = np.nan_to_num(difference, nan=np.inf)
    found = float(known.max() if model.dtype == torch.float32 else known.mean())
    return shared if found <= tolerance else f"a trial differed by {found:.2g} nats from a plain pass"


def reads_ahead(model: PreTrainedModel) -> bool:
    """Whether what a model says at a position changes with the tokens behind it: an encoder, whose log-likelihoods would be those of
    answers that it has already read."""
    vocabulary = int(model.config.get_text_config().vocab_size)
    tokens = list(probe_queries(vocabulary)[0].tokens[:PROBE_TOKENS])
    with torch.inference_mode():
        one, other = (
            model(input_ids=torch.tensor([[*tokens, last % vocabulary]], device=model.device), use_cache=False).logits[0, :-1].float()
            for last in (tokens[0], tokens[0] + 1)
        )
    least = AHEAD if model.dtype == torch.float32 else ROUGH_AHEAD
    return bool((one - other).abs().max() > least * one.std())


def probe_queries(vocabulary: int) -> list[Query]:
    """Texts that share beginnings of different lengths."""
    token = [(7 * i * i + 13 * i + 3) % vocabulary for i in range(40)]
    texts = [token[:20] + token[20 + i : 20 + i + length] for i, length in ((0, 5), (0, 9), (3, 4), (8, 7))] + [token[:9] + token[30:34]]
    queries, slot = [], 0
    for text in texts:
        queries.append(Query(tuple(text), 4, slot))
        slot += len(text) - 4
    return queries


def _declared_reason(model: PreTrainedModel, longest: int) -> str | None:
    """What the model says of itself that keeps texts of this length from being shared."""
    text = model.config.get_text_config()
    if is_recurrent(model):
        return "its layers keep a state that each token changes, instead of keys and values of each token"
    if not getattr(model, "_supports_attention_backend", False):
        return "its layers compute attention in a way of their own"
    window = sliding_window(text)
    if window is not None and longest > window:
        return f"its attention slides over {window} tokens, the longest text has {longest}"
    rope: Mapping[str, Any] = getattr(text, "rope_parameters", None) or getattr(text, "rope_scaling", None) or {}
    if any(part.get("rope_type") in STRETCHED for part in (rope, *rope.values()) if isinstance(part, Mapping)):
        return "its position embeddings depend on the longest text of a pass"
    return None


def is_recurrent(model: PreTrainedModel) -> bool:
    """Whether some layer goes from token to token with a state (state space models, RWKV, hybrids of them and attention)."""
    return bool(getattr(model, "_is_stateful", False))


def sliding_window(config: Any) -> int | None:
    """Tokens that the most short-sighted layer sees; None when all layers see everything."""
    kinds = getattr(config, "layer_types", None)
    if kinds is not None and not any("sliding" in kind or "chunked" in kind for kind in kinds):
        return None
    if getattr(config, "use_sliding_window", True) is False:
        return None
    sizes = [getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size")]
    return min((int(size) for size in sizes if size), default=None)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0]
