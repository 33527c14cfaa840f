"""Windows over a text that is longer than what a model sees.

In: a text, its tokens with the characters that they stand for. Out: `Window`s: each token is scored once, in the first window that reaches
it, with the tokens of the window before it as context. Before the first token stands a token of its own, so that all are scored.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Window:
    """`tokens`; from `scored_from` on they are scored. Sizes are of the text that the scored tokens stand for; a word belongs to the
    window in which it begins."""

    tokens: tuple[int, ...]
    scored_from: int
    bytes: int
    characters: int
    words: int


def windows(
    text: str, tokens: Sequence[int], offsets: Sequence[tuple[int, int]], prefix: int, window: int, stride: int
) -> Iterator[Window]:
    """None for an empty text. `stride` is at most `window`; each window but the first keeps `window - stride` tokens of context, one at
    least."""
    sequence = (prefix, *tokens)
    kept = max(1, window - stride)
    borders = _borders(len(sequence), window, kept)
    places = _character_borders(text, offsets)
    starts = np.array([found.start() for found in _WORD.finditer(text)], np.int64)
    for before, end in pairwise(borders):
        begin = max(0, before - kept)
        first, last = places[before - 1], places[end - 1]
        words = int(np.searchsorted(starts, last) - np.searchsorted(starts, first))
        yield Window(sequence[begin:end], before - begin, len(text[first:last].encode()), last - first, words)


def _borders(length: int, window: int, kept: int) -> list[int]:
    """Places in the sequence where windows end; 1 stands first, since the token before the text is not scored."""
    borders = [1]
    while borders[-1] < length:
        begin = max(0, borders[-1] - kept)
        borders.append(min(begin + window, length))
    return borders


def _character_borders(text: str, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """How many characters are behind n tokens; they never go back, and all are behind the last."""
    places = [0]
    for _, end in offsets:
        places.append(max(places[-1], end))
    places[-1] = len(text)
    return places
