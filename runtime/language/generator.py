"""Continuations of prompts by a causal language model: greedy or sampled, shared prompt text computed once.

In: a transformers causal model and `Prompt`s. Out: the tokens of each continuation, and why it ended. Prompts that share a long
beginning are continued as one group: the beginning is computed once and attended to by all. Within a group the batch is refilled as
sequences end, so that no slot waits for the longest. Not here: beams (transformers' own `generate` does them), prompts, extraction.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor
from transformers import PreTrainedModel

from benchc.runtime.language.attention import NAME, Continue, Layout, Path, Slots
from benchc.runtime.language.scorer import _forward, layout_of
from benchc.runtime.language.trie import Node, Tokens

SHARE_AT_LEAST = 32  # tokens: a shorter common beginning is not worth a group of its own
GROUP_AT_LEAST = 8  # sequences: a smaller group would decode in batches too small to be quick


@dataclass(frozen=True, slots=True)
class Prompt:
    """`tokens` to continue, at least one. `seed` draws this continuation's samples and nothing else's."""

    tokens: tuple[int, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Decoding:
    """`temperature` 0 is greedy. `top_k` 0 and `top_p` 1 keep all tokens. `end` tokens stop a sequence and are not part of it.
    `stopped(tokens)` says whether the continuation so far holds a stop sequence."""

    max_new_tokens: int
    end: frozenset[int]
    stopped: Callable[[Sequence[int]], bool]
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0


@dataclass(frozen=True, slots=True)
class Continuation:
    """`log_probability` of the tokens as they were drawn, in nats, under the model's own distribution (temperature 1)."""

    tokens: tuple[int, ...]
    ended: Literal["end", "stop", "length"]
    log_probability: float


@dataclass(slots=True)
class _Running:
    """A sequence that occupies a slot."""

    index: int
    prompt: Prompt
    slot: int
    held: int  # columns filled beside the path
    draw: torch.Generator
    tokens: list[int] = field(default_factory=list)
    log_probability: float = 0.0


def generate(
    model: PreTrainedModel,
    prompts: Sequence[Prompt],
    decoding: Decoding,
    batch: int = 16,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Continuation]:
    """One continuation per prompt, in order. `batch`: most sequences at a time; speed and memory depend on it, results do not
    (but for rounding in the last bits of the logits)."""
    model.set_attn_implementation(NAME)
    finished: dict[int, Continuation] = {}
    with torch.inference_mode():
        for shared, members in groups([prompt.tokens for prompt in prompts]):
            path = Path()
            if shared:
                _forward(model, shared, range(len(shared)), Layout(path, keep=True))
                path.length = len(shared)
            queue = sorted(members, key=lambda index: (prompts[index].tokens, index))
            for index, continuation in _decode(model, path, [(i, prompts[i]) for i in queue], decoding, batch):
                finished[index] = continuation
                progress(len(finished), len(prompts))
    return [finished[index] for index in range(len(prompts))]


def groups(sequences: Sequence[Tokens]) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """Sequences by the long beginning that they share: (beginning, indices). A beginning is shorter than each of its sequences, so
    that every member still has a token of its own from which to go on."""
    order = sorted(range(len(sequences)), key=lambda index: tuple(sequences[index]))
    yield from _groups(sequences, order)


def _groups(sequences: Sequence[Tokens], order: list[int]) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """Cut a sorted run where neighbours share too little, and keep the pieces that are large enough."""
    pieces: list[list[int]] = []
    for index in order:
        if pieces and _shared(sequences[pieces[-1][0]], sequences[index]) >= SHARE_AT_LEAST:
            pieces[-1].append(index)
        else:
            pieces.append([index])
    alone = [index for piece in pieces if len(piece) < GROUP_AT_LEAST for index in piece]
    for piece in pieces:
        if len(piece) >= GROUP_AT_LEAST:
            first, last = sequences[piece[0]], sequences[piece[-1]]
            length = min(_shared(first, last), *(len(sequences[index]) - 1 for index in piece))
            yield tuple(first[:length]), piece
    if alone:
        yield (), alone


def _shared(a: Tokens, b: Tokens) -> int:
    length = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        length += 1
    return length


def _decode(
    model: PreTrainedModel, path: Path, queue: Sequence[tuple[int, Prompt]], decoding: Decoding, batch: int
) -> Iterator[tuple[int, Continuation]]:
    if decoding.max_new_tokens == 0:
        yield from ((index, Continuation((), "length", 0.0)) for index, _ in queue)
        return
    waiting = list(reversed(queue))
    longest = max(len(prompt.tokens) for _, prompt in queue) - path.length
    slots = Slots(min(batch, len(queue)), longest + decoding.max_new_tokens)
    free = list(range(slots.count))
    running: list[_Running] = []
    while waiting or running:
        ready: list[tuple[_Running, Tensor]] = []
        if running:
            ready.extend(zip(running, _step(model, path, slots, running), strict=True))
        if waiting and free:
            fresh = [_admit(model, path.length, *waiting.pop(), slot=free.pop()) for _ in range(min(len(free), len(waiting)))]
            ready.extend(zip(fresh, _prefill(model, path, slots, fresh), strict=True))
        running = []
        for sequence, logits in ready:
            continuation = _advance(sequence, logits, decoding)
            if continuation is None:
                running.append(sequence)
            else:
                free.append(sequence.slot)
                yield sequence.index, continuation


def _admit(model: PreTrainedModel, shared: int, index: int, prompt: Prompt, slot: int) -> _Running:
    return _Running(index, prompt, slot, len(prompt.tokens) - shared, torch.Generator().manual_seed(prompt.seed))


def _prefill(model: PreTrainedModel, path: Path, slots: Slots, fresh: Sequence[_Running]) -> list[Tensor]:
    """Compute the own part of each prompt, once for equal prompts; returns the logits after each."""
    unique: dict[tuple[int, ...], _Running] = {}
    for sequence in fresh:
        unique.setdefault(sequence.prompt.tokens, sequence)
    own = [list(sequence.prompt.tokens[path.length :]) for sequence in unique.values()]
    device = model.device
    rows = torch.tensor([s.slot for s, part in zip(unique.values(), own, strict=True) for _ in part], device=device)
    columns = torch.tensor([column for part in own for column in range(len(part))], device=device)
    layout = layout_of([[Node(part, path.length)] for part in own], path, device)
    kept = Layout(path, False, layout.index, layout.back, layout.mask, Continue(slots, rows, columns))
    tokens = [token for part in own for token in part]
    positions = [path.length + column for part in own for column in range(len(part))]
    hidden = _forward(model, tokens, positions, kept)
    ends = torch.tensor([len(part) for part in own]).cumsum(0) - 1
    logits = dict(zip(unique, model.get_output_embeddings()(hidden[ends.to(device)]).float(), strict=True))
    for sequence in fresh:
        source = unique[sequence.prompt.tokens]
        if source is not sequence:
            for layer in slots.keys:
                slots.keys[layer][sequence.slot] = slots.keys[layer][source.slot]
                slots.values[layer][sequence.slot] = slots.values[layer][source.slot]
    return [logits[sequence.prompt.tokens] for sequence in fresh]


def _step(model: PreTrainedModel, path: Path, slots: Slots, running: Sequence[_Running]) -> Tensor:
    """Feed each sequence's last token; returns logits [sequences, vocabulary]."""
    device = model.device
    rows = torch.tensor([sequence.slot for sequence in running], device=device)
    columns = torch.tensor([sequence.held for sequence in running], device=device)
    longest = max(sequence.held for sequence in running) + 1
    unseen = torch.arange(longest, device=device)[None] > columns[:, None]
    mask = torch.zeros(unseen.shape, device=device).masked_fill_(unseen, -math.inf)
    layout = Layout(path, False, into=Continue(slots, rows, columns, longest, mask))
    positions = [path.length + sequence.held for sequence in running]
    hidden = _forward(model, [sequence.tokens[-1] for sequence in running], positions, layout)
    for sequence in running:
        sequence.held += 1
    logits: Tensor = model.get_output_embeddings()(hidden).float()
    return logits


def _advance(sequence: _Running, logits: Tensor, decoding: Decoding) -> Continuation | None:
    """Choose the next token; a finished continuation, or None to go on."""
    token = _choose(logits, sequence.draw, decoding)
    if token in decoding.end:
        return Continuation(tuple(sequence.tokens), "end", sequence.log_probability)
    sequence.tokens.append(token)
    sequence.log_probability += float(logits[token] - torch.logsumexp(logits, -1))
    if decoding.stopped(sequence.tokens):
        return Continuation(tuple(sequence.tokens), "stop", sequence.log_probability)
    if len(sequence.tokens) == decoding.max_new_tokens:
        return Continuation(tuple(sequence.tokens), "length", sequence.log_probability)
    return None


def _choose(logits: Tensor, draw: torch.Generator, decoding: Decoding) -> int:
    """The likeliest token, or a draw from the tempered, truncated distribution (nucleus: Holtzman et al. 2020)."""
    if decoding.temperature == 0:
        return int(logits.argmax())
    order = torch.argsort(logits, descending=True, stable=True).cpu()
    share = torch.softmax(logits.cpu()[order] / decoding.temperature, -1)
    if decoding.top_k:
        share = share[: decoding.top_k]
    before = share.cumsum(-1) - share
    share = share[before < decoding.top_p * share.sum()] if decoding.top_p < 1 else share
    return int(order[torch.multinomial(share, 1, generator=draw)])
