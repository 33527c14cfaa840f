"""Log-likelihoods and continuations by plain passes, one text at a time: for models that the engine cannot compute.

In: any transformers causal or sequence-to-sequence model. Out: the same `Scores` and `Continuation`s as the engine gives. Equal texts
are computed once.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from benchc.runtime.language.choose import Continuation, Decoding, Prompt, Sequenced, advance
from benchc.runtime.language.scorer import Scores, empty_scores
from benchc.runtime.language.trie import Query


def score_plainly(
    model: PreTrainedModel, queries: Sequence[Query], progress: Callable[[int, int], None] = lambda done, total: None
) -> Scores:
    """As `scorer.score`. `positions` counts what was computed, `least` is the same: nothing was shared."""
    made = empty_scores(queries)
    logits_of = _decoder_logits if model.config.is_encoder_decoder else _causal_logits
    equal: dict[tuple[tuple[int, ...], int], list[Query]] = {}
    for query in queries:
        equal.setdefault((query.tokens, query.scored_from), []).append(query)
    total = sum(len(tokens) - 1 for tokens, _ in equal)
    done = 0
    with torch.inference_mode():
        for (tokens, scored_from), alike in equal.items():
            values, likeliest = _read(logits_of(model, tokens, scored_from), tokens[scored_from:])
            for query in alike:
                made.log_probabilities[query.slot : query.slot + len(values)] = values
                made.likeliest[query.slot : query.slot + len(values)] = likeliest
            done += len(tokens) - 1
            progress(done, total)
    return Scores(made.log_probabilities, made.likeliest, total, total)


def _causal_logits(model: PreTrainedModel, tokens: Sequence[int], scored_from: int) -> Tensor:
    """Logits [scored tokens, vocabulary] of the positions before each scored token."""
    scored = len(tokens) - scored_from
    keep = {"logits_to_keep": scored} if "logits_to_keep" in inspect.signature(model.forward).parameters else {}
    output = model(input_ids=torch.tensor([list(tokens[:-1])], device=model.device), use_cache=False, **keep)
    logits: Tensor = output.logits[0, -scored:]
    return logits.float()


def _decoder_logits(model: PreTrainedModel, tokens: Sequence[int], scored_from: int) -> Tensor:
    """The same of a decoder whose encoder reads the context."""
    start = model.config.decoder_start_token_id
    decoded = [model.config.bos_token_id if start is None else start, *tokens[scored_from:-1]]
    output = model(
        input_ids=torch.tensor([list(tokens[:scored_from])], device=model.device),
        decoder_input_ids=torch.tensor([decoded], device=model.device),
        use_cache=False,
    )
    logits: Tensor = output.logits[0]
    return logits.float()


def _read(logits: Tensor, tokens: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    wanted = torch.tensor(list(tokens), device=logits.device)
    chosen = logits.gather(1, wanted[:, None])[:, 0].double() - torch.logsumexp(logits, -1).double()
    return chosen.cpu().numpy(), (logits.argmax(-1) == wanted).cpu().numpy()


def generate_plainly(
    model: PreTrainedModel, prompts: Sequence[Prompt], decoding: Decoding, finished: Callable[[int, Continuation], None]
) -> None:
    """As `generator.generate`."""
    with torch.inference_mode():
        for index, prompt in enumerate(prompts):
            finished(index, _continue(model, prompt, decoding))


def _continue(model: PreTrainedModel, prompt: Prompt, decoding: Decoding) -> Continuation:
    if decoding.max_new_tokens == 0:
        return Continuation((), "length", 0.0)
    sequence = Sequenced(prompt)
    output = model(input_ids=torch.tensor([list(prompt.tokens)], device=model.device), use_cache=True)
    while True:
        ended = advance(sequence, output.logits[0, -1].float(), decoding)
        if ended is not None:
            return ended
        cache = _cache_of(output)
        fed = [sequence.tokens[-1]] if cache else [*prompt.tokens, *sequence.tokens]
        output = model(input_ids=torch.tensor([fed], device=model.device), use_cache=bool(cache), **cache)


def _cache_of(output: Mapping[str, Any]) -> dict[str, Any]:
    """What the next pass goes on from, by the name that the library's version gives it; nothing for a model that keeps none."""
    return next(({name: output[name]} for name in ("cache", "past_key_values") if output.get(name) is not None), {})
