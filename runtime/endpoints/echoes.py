"""Log-likelihoods out of an echoed prompt.

In: a choice of a completion that was asked with `echo` and `logprobs`, the prompt, and where its scored part begins. Out: `Echo`.

Where a token begins is told by the texts of those before it, or, where these are no whole characters, by `text_offset`; special tokens
that stand before the prompt are taken off. A token that spans the border belongs to neither side, as for models of this machine
(`docs/prompts.md`); where nothing would be left of the continuation, it is scored with that token.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

SPECIAL: Final = re.compile(r"<.*>|\[.*\]")  # `<s>`, `<|begin_of_text|>`, `[CLS]`


class NoLikelihoodsError(Exception):
    """The server does not offer them."""


class UnclearEchoError(Exception):
    """Tokens and prompt do not fit together."""


@dataclass(frozen=True, slots=True)
class Echo:
    """`log_likelihood` of the scored tokens together, in nats; `likeliest`: whether each was the model's first choice, None where the
    server does not tell; `merged`: a token spans the border."""

    log_likelihood: float
    tokens: int
    likeliest: bool | None
    merged: bool


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    log_probability: float | None
    best: float | None  # log-probability of the likeliest token in its place


def read_echo(choice: Mapping[str, Any], prompt: str, border: int) -> Echo:
    """Raises NoLikelihoodsError, UnclearEchoError; KeyError, TypeError for what is no completion."""
    tokens = _tokens(choice, prompt)
    scored = [token for token in tokens if border <= token.start < len(prompt)]
    spanning = [token for token in tokens if token.start < border]
    merged = border > 0 and (not scored or scored[0].start > border)
    if not scored:
        scored = spanning[-1:]
    if not scored:
        raise UnclearEchoError("no echoed token belongs to the text that is scored")
    known = [token.log_probability for token in scored]
    if None in known:
        raise NoLikelihoodsError("the first token of a text has none; give the task a prompt, and no `normalize = unconditional`")
    return Echo(sum(value for value in known if value is not None), len(scored), _likeliest(scored), merged)


def _likeliest(tokens: Sequence[_Token]) -> bool | None:
    if any(token.best is None for token in tokens):
        return None
    return all((token.log_probability or 0.0) >= (token.best or 0.0) for token in tokens)


def _tokens(choice: Mapping[str, Any], prompt: str) -> list[_Token]:
    said = choice.get("logprobs")
    if not isinstance(said, Mapping) or not said.get("token_logprobs"):
        raise NoLikelihoodsError("its answer holds no `logprobs`")
    if _bare(prompt) not in _bare(choice["text"]):
        raise NoLikelihoodsError("it does not repeat the prompt, as `echo` asks")
    texts, values = said["tokens"], said["token_logprobs"]
    starts = _by_texts(texts, prompt) or _by_offsets(texts, said.get("text_offset"), prompt)
    tops = said.get("top_logprobs") or [None] * len(texts)
    if not len(texts) == len(starts) == len(values) == len(tops):
        raise UnclearEchoError("tokens, offsets and log-probabilities are not as many")
    best = [max(top.values()) if isinstance(top, Mapping) and top else None for top in tops]
    return [
        _Token(start, None if value is None else float(value), one)
        for start, value, one in zip(starts, values, best, strict=True)
        if start >= 0
    ]


def _bare(text: str) -> str:
    return "".join(text.split())


def _by_texts(texts: Sequence[str], prompt: str) -> list[int] | None:
    """Where tokens begin, counted from the prompt's first character; None when their texts do not make up the prompt."""
    at = "".join(texts).find(prompt)
    return None if at < 0 else [end - len(text) - at for text, end in zip(texts, accumulate(map(len, texts)), strict=True)]


def _by_offsets(texts: Sequence[str], offsets: Sequence[int] | None, prompt: str) -> list[int]:
    if offsets is None:
        raise NoLikelihoodsError("its answer holds no `text_offset`")
    shift = _shift(texts, offsets, prompt)
    return [offset - shift for offset in offsets]


def _shift(texts: Sequence[str], offsets: Sequence[int], prompt: str) -> int:
    """Characters of a special token that stands before the prompt as text."""
    is_special = SPECIAL.fullmatch(texts[0]) is not None and not prompt.startswith(texts[0])
    return int(offsets[1] if is_special and len(offsets) > 1 else offsets[0])
