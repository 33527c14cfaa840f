"""What prompts are measured and cut by.

`PromptReader` is what `fit` needs of a tokenizer; `tokenize.PromptTokenizer` is one. `TextOnly` stands where the model's tokenizer is on
its server: texts have no length, so that they always fit, and a chat is its messages as JSON.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from benchc.runtime.prompts.pair import Pair
from benchc.runtime.work import StepFailed


class PromptReader(Protocol):
    """As `PromptTokenizer` says of each."""

    @property
    def begin(self) -> tuple[int, ...]: ...

    @property
    def prefix(self) -> int | None: ...

    @property
    def apart(self) -> bool: ...

    def encode(self, texts: Sequence[str]) -> list[tuple[int, ...]]: ...

    def offsets(self, text: str) -> tuple[tuple[int, ...], list[tuple[int, int]]]: ...

    def text(self, tokens: Sequence[int]) -> str: ...

    def pairs(self, texts: Sequence[tuple[str, str]]) -> list[Pair]: ...

    def chat(self, messages: Sequence[dict[str, str]]) -> str: ...


@dataclass(frozen=True, slots=True)
class TextOnly:
    """No tokens at all."""

    begin: tuple[int, ...] = ()
    prefix: int | None = None
    apart: bool = False

    def encode(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        return [() for _ in texts]

    def offsets(self, text: str) -> tuple[tuple[int, ...], list[tuple[int, int]]]:
        return (), []

    def text(self, tokens: Sequence[int]) -> str:
        return ""

    def pairs(self, texts: Sequence[tuple[str, str]]) -> list[Pair]:
        """Raises StepFailed for an empty continuation."""
        if any(continuation == "" for _, continuation in texts):
            raise StepFailed("empty_continuation", "a choice or label is an empty text, which no model can score", "give it some text")
        return [Pair((), 0) for _ in texts]

    def chat(self, messages: Sequence[dict[str, str]]) -> str:
        """The messages as they are sent, one a line."""
        return "[\n" + ",\n".join(json.dumps(message, ensure_ascii=False) for message in messages) + "\n]"
