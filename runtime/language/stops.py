"""Stop sequences: found in decoded text, and cut off.

In: stop texts and a function that decodes tokens. Out: whether a continuation holds one, and its text up to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

MARGIN = 8  # tokens looked at beside those that could make up the longest stop text: some decode to nothing, some to half a character


@dataclass(frozen=True, slots=True)
class Stops:
    """`texts`: any of them ends a continuation, and is not part of it."""

    texts: tuple[str, ...]
    decode: Callable[[Sequence[int]], str]

    def found(self, tokens: Sequence[int]) -> bool:
        """Whether the end of the text holds a stop sequence. Called after each token, so that only the last ones matter."""
        if not self.texts:
            return False
        tail = self.decode(tokens[-(max(len(text.encode()) for text in self.texts) + MARGIN) :])
        return any(text in tail for text in self.texts)

    def trimmed(self, tokens: Sequence[int]) -> tuple[str, bool]:
        """The text up to the first stop sequence, and whether there was one."""
        text = self.decode(tokens)
        ends = [text.find(stop) for stop in self.texts if stop in text]
        return (text[: min(ends)], True) if ends else (text, False)
