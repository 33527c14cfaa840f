"""Continuations of prompts by a causal language model: greedy or sampled, shared prompt text computed once.

In: a `SharedModel` and `Prompt`s. Out: the tokens of each continuation, and why it ended. Prompts that share a long
beginning are continued as one group: the beginning is computed once and attended to by all. Within a group the batch is refilled as
sequences end, so that no slot waits for the longest. Not here: beams (transformers' own `generate` does them), prompts, extraction.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from benchc.runtime.language.attention import Continue, Layout, Path, Slots, tree_attention_of
from benchc.runtime.language.choose import Continuation, Decoding, Prompt, Sequenced, advance
from benchc.runtime.language.forward import SharedModel, hidden_states
from benchc.runtime.language.layout import layout_of
from benchc.runtime.language.memory import bytes_per_position
from benchc.runtime.language.sizes import sizes_of
from benchc.runtime.language.trie import Node, Tokens

SHARE_AT_LEAST = 32  # tokens: a shorter common beginning is not worth a group of its own
GROUP_AT_LEAST = 8  # sequences: a smaller group would decode in batches too small to be quick


@dataclass(slots=True)
class _Running:
    """A sequence that occupies a slot. `held`: columns filled beside the path."""

    index: int
    sequence: Sequenced
    slot: int
    held: int

    @property
    def tokens(self) -> tuple[int, ...]:
        return self.sequence.prompt.tokens


@dataclass(frozen=True, slots=True)
class Room:
    """`batch`: most sequences at a time, `key_value_bytes`: most memory for their keys and values (one sequence is always held). Speed
    depends on both, results do not, but for rounding in the last bits of the logits."""

    batch: int
    key_value_bytes: int = 1 << 40


def generate(
    shared: SharedModel, prompts: Sequence[Prompt], decoding: Decoding, room: Room, finished: Callable[[int, Continuation], None]
) -> None:
    """Calls `finished` with each prompt's number and continuation, as they end."""
    with torch.inference_mode(), tree_attention_of(shared.model):
        for beginning, members in groups([prompt.tokens for prompt in prompts]):
            queue = [(index, prompts[index]) for index in sorted(members, key=lambda index: (prompts[index].tokens, index))]
            path = _path_of(shared, beginning)
            for index, continuation in _decode(shared, path, _slots(shared, path, queue, decoding, room), queue, decoding):
                finished(index, continuation)


def _path_of(shared: SharedModel, tokens: Sequence[int]) -> Path:
    path = Path()
    budget = sizes_of(shared.device.type).positions
    for start in range(0, len(tokens), budget):
        piece = tokens[start : start + budget]
        hidden_states(shared, piece, range(start, start + len(piece)), Layout(path, keep=True))
        path.length += len(piece)
    return path


def _slots(shared: SharedModel, path: Path, queue: Sequence[tuple[int, Prompt]], decoding: Decoding, room: Room) -> Slots:
    columns = max(len(prompt.tokens) for _, prompt in queue) - path.length + decoding.max_new_tokens
    fitting = room.key_value_bytes // (columns * bytes_per_position(shared.model))
    return Slots(max(1, min(room.batch, len(queue), fitting)), columns)


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
    shared: SharedModel, path: Path, slots: Slots, queue: Sequence[tuple[int, Prompt]], decoding: Decoding
) -> Iterator[tuple[int, Continuation]]:
    if decoding.max_new_tokens == 0:
        yield from ((index, Continuation((), "length", 0.0)) for index, _ in queue)
        return
    waiting = list(reversed(queue))
    free = list(range(slots.count))
    running: list[_Running] = []
    while waiting or running:
        ready: list[tuple[_Running, Tensor]] = []
        if running:
            ready.extend(zip(running, _step(shared, path, slots, running), strict=True))
        if waiting and free:
            fresh = _admit(path.length, waiting, free, sizes_of(shared.device.type).prefill)
            ready.extend(zip(fresh, _prefill(shared, path, slots, fresh), strict=True))
        running = []
        for one, logits in ready:
            continuation = advance(one.sequence, logits, decoding)
            if continuation is None:
                running.append(one)
            else:
                free.append(one.slot)
                yield one.index, continuation


def _admit(beginning: int, waiting: list[tuple[int, Prompt]], free: list[int], most: int) -> list[_Running]:
    """The next sequences for the free slots: at least one, together of at most this many new positions."""
    admitted: list[_Running] = []
    positions = 0
    while waiting and free:
        index, prompt = waiting[-1]
        own = len(prompt.tokens) - beginning
        if admitted and positions + own > most:
            break
        positions += own
        waiting.pop()
        admitted.append(_Running(index, Sequenced(prompt), free.pop(), own))
    return admitted


def _prefill(shared: SharedModel, path: Path, slots: Slots, fresh: Sequence[_Running]) -> list[Tensor]:
    """Compute the own part of each prompt, once for equal prompts; returns the logits after each."""
    unique: dict[tuple[int, ...], _Running] = {}
    for sequence in fresh:
        unique.setdefault(sequence.tokens, sequence)
    own = [list(sequence.tokens[path.length :]) for sequence in unique.values()]
    device = shared.device
    rows = torch.tensor([s.slot for s, part in zip(unique.values(), own, strict=True) for _ in part], device=device)
    columns = torch.tensor([column for part in own for column in range(len(part))], device=device)
    layout = layout_of([Node(part, path.length) for part in own], path, device)
    kept = replace(layout, into=Continue(slots, rows, columns))
    tokens = [token for part in own for token in part]
    positions = [path.length + column for part in own for column in range(len(part))]
    hidden = hidden_states(shared, tokens, positions, kept)
    ends = torch.tensor([len(part) for part in own]).cumsum(0) - 1
    logits = dict(zip(unique, shared.head(hidden[ends.to(device)]), strict=True))
    for sequence in fresh:
        source = unique[sequence.tokens]
        if source is not sequence:
            for layer in slots.keys:
                slots.keys[layer][sequence.slot] = slots.keys[layer][source.slot]
                slots.values[layer][sequence.slot] = slots.values[layer][source.slot]
    return [logits[sequence.tokens] for sequence in fresh]


def _step(shared: SharedModel, path: Path, slots: Slots, running: Sequence[_Running]) -> Tensor:
    """Feed each sequence's last token; returns logits [sequences, vocabulary]."""
    device = shared.device
    rows = torch.tensor([sequence.slot for sequence in running], device=device)
    columns = torch.tensor([sequence.held for sequence in running], device=device)
    longest = max(sequence.held for sequence in running) + 1
    unseen = torch.arange(longest, device=device)[None] > columns[:, None]
    mask = torch.zeros(unseen.shape, device=device).masked_fill_(unseen, -math.inf)
    layout = Layout(path, False, into=Continue(slots, rows, columns, longest, mask))
    positions = [path.length + sequence.held for sequence in running]
    hidden = hidden_states(shared, [one.sequence.tokens[-1] for one in running], positions, layout)
    for sequence in running:
        sequence.held += 1
    return shared.head(hidden)
