"""Log-likelihoods and continuations by plain passes, one text at a time: for models that the engine cannot compute.

In: any transformers causal or sequence-to-sequence model. Out: the same `Scores` and `Continuation`s as the engine gives. Equal texts
are computed once.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from benchc.runtime.language.choose import Continuation, Decoding, Prompt, Sequenced, advance
from benchc.runtime.language.scorer import Scores, empty_scores
from benchc.runtime.language.trie import Query
from benchc.runtime.work import StepFailed


def score_plainly(
    model: PreTrainedModel,
    queries: Sequence[Query],
    progress: Callable[[int, int], None] = lambda done, total: None,
    answers: Scores | None = None,
) -> Scores:
    """As `scorer.score`. `positions` counts what was computed, `least` is the same: nothing was shared, but for the context that an
    encoder reads once for all its continuations."""
    made = answers or empty_scores(queries)
    pieces = _encoder_pieces(model, queries) if model.config.is_encoder_decoder else _causal_pieces(model, queries)
    total = sum(_sizes(model, queries))
    done = 0
    with torch.inference_mode():
        for query, logits, positions in pieces:
            values, likeliest = _read(logits, query.tokens[query.scored_from :])
            made.log_probabilities[query.slot : query.slot + len(values)] = values
            made.likeliest[query.slot : query.slot + len(values)] = likeliest
            done += positions
            progress(done, total)
    return Scores(made.log_probabilities, made.likeliest, total, total)


Piece: TypeAlias = tuple[Query, Tensor, int]  # a query, logits [scored tokens, vocabulary], positions that were computed for it


def _sizes(model: PreTrainedModel, queries: Sequence[Query]) -> Iterator[int]:
    """Token positions of each distinct text."""
    distinct = {(query.tokens, query.scored_from) for query in queries}
    if not model.config.is_encoder_decoder:
        yield from (len(tokens) - 1 for tokens, _ in distinct)
        return
    yield from (len(tokens) - scored_from for tokens, scored_from in distinct)
    yield from (len(context) for context in {tokens[:scored_from] for tokens, scored_from in distinct})


def _alike(queries: Sequence[Query]) -> dict[tuple[tuple[int, ...], int], list[Query]]:
    found: dict[tuple[tuple[int, ...], int], list[Query]] = {}
    for query in queries:
        found.setdefault((query.tokens, query.scored_from), []).append(query)
    return found


def _causal_pieces(model: PreTrainedModel, queries: Sequence[Query]) -> Iterator[Piece]:
    for (tokens, scored_from), alike in _alike(queries).items():
        logits = _causal_logits(model, tokens, scored_from)
        yield alike[0], logits, len(tokens) - 1
        yield from ((query, logits, 0) for query in alike[1:])


def _causal_logits(model: PreTrainedModel, tokens: Sequence[int], scored_from: int) -> Tensor:
    """Logits [scored tokens, vocabulary] of the positions before each scored token."""
    scored = len(tokens) - scored_from
    keep = {"logits_to_keep": scored} if "logits_to_keep" in inspect.signature(model.forward).parameters else {}
    output = model(input_ids=torch.tensor([list(tokens[:-1])], device=model.device), use_cache=False, **keep)
    logits: Tensor = output.logits[0, -scored:]
    return logits.float()


def _encoder_pieces(model: PreTrainedModel, queries: Sequence[Query]) -> Iterator[Piece]:
    """The same of a decoder whose encoder reads the context, once for all that continues it."""
    contexts: dict[tuple[int, ...], list[Query]] = {}
    for query in queries:
        contexts.setdefault(query.tokens[: query.scored_from], []).append(query)
    for context, members in contexts.items():
        ids = torch.tensor([list(context)], device=model.device)
        encoded = cast(Any, model).get_encoder()(input_ids=ids, return_dict=True)
        read = len(context)
        for (tokens, scored_from), alike in _alike(members).items():
            logits = _decoder_logits(model, encoded, tokens[scored_from:])
            yield alike[0], logits, read + len(tokens) - scored_from
            yield from ((query, logits, 0) for query in alike[1:])
            read = 0


def _decoder_logits(model: PreTrainedModel, encoded: Any, continuation: Sequence[int]) -> Tensor:
    decoded = torch.tensor([[decoder_start(model), *continuation[:-1]]], device=model.device)
    logits: Tensor = model(encoder_outputs=encoded, decoder_input_ids=decoded, use_cache=False).logits[0]
    return logits.float()


def decoder_start(model: PreTrainedModel) -> int:
    """The token from which a decoder goes on."""
    named = [
        getattr(one, name, None) for name in ("decoder_start_token_id", "bos_token_id") for one in (model.generation_config, model.config)
    ]
    found = next((token for token in named if token is not None), None)
    if found is None:
        raise StepFailed(
            "no_context", "the model does not say with which token its decoder begins", "take a model whose `config.json` does"
        )
    return int(found)


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
    names = ("cache", "cache_params", "past_key_values", "state")
    return next(({name: output[name]} for name in names if output.get(name) is not None), {})
