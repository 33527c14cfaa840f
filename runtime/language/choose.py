"""One sequence that is being continued: the next token, and when it ends.

In: logits after a sequence's last token, a `Decoding`. Out: a finished `Continuation`, or None. Draws come from the sequence's own
seed, so that batch size, order and neighbours change nothing. Not here: computing logits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor


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
class Sequenced:
    """A sequence in the making."""

    prompt: Prompt
    tokens: list[int] = field(default_factory=list)
    log_probability: float = 0.0
    draw: torch.Generator = field(default_factory=torch.Generator)

    def __post_init__(self) -> None:
        self.draw.manual_seed(self.prompt.seed)


def advance(sequence: Sequenced, logits: Tensor, decoding: Decoding) -> Continuation | None:
    """Choose the next token; a finished continuation, or None to go on."""
    token = choose(logits, sequence.draw, decoding)
    if token in decoding.end:
        return Continuation(tuple(sequence.tokens), "end", sequence.log_probability)
    sequence.tokens.append(token)
    sequence.log_probability += float(logits[token] - torch.logsumexp(logits, -1))
    if decoding.stopped(sequence.tokens):
        return Continuation(tuple(sequence.tokens), "stop", sequence.log_probability)
    if len(sequence.tokens) == decoding.max_new_tokens:
        return Continuation(tuple(sequence.tokens), "length", sequence.log_probability)
    return None


def choose(logits: Tensor, draw: torch.Generator, decoding: Decoding) -> int:
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
