"""How many token positions a model computes, and how many there would be with everything, or nothing, shared.

In: a transformers model, token sequences. Out: counts. Not here: speed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor, nn
from transformers import PreTrainedModel

from benchc.runtime.language.choose import Continuation, Prompt
from benchc.runtime.language.trie import Query, build


@dataclass(frozen=True, slots=True)
class Positions:
    """`computed` by the model; `least`: by an engine that computes what texts share once; `alone`: each text by itself."""

    computed: int
    least: int
    alone: int


@dataclass(slots=True)
class Counter:
    """Positions that went through the model so far, padding included."""

    positions: int = 0


@contextmanager
def counted(model: PreTrainedModel) -> Iterator[Counter]:
    """Within, every token that the model embeds is counted, in whatever way it is called."""
    counter = Counter()
    weight = cast(Any, model).get_input_embeddings().weight

    def count(module: nn.Module, given: tuple[Any, ...]) -> None:
        tokens: Tensor = given[0]
        counter.positions += tokens.numel()

    embeddings = [one for one in model.modules() if isinstance(one, nn.Embedding) and one.weight is weight]
    hooks = [one.register_forward_pre_hook(count) for one in embeddings]
    try:
        yield counter
    finally:
        for hook in hooks:
            hook.remove()


def of_texts(computed: int, prompts: Sequence[Prompt], made: Sequence[Continuation]) -> Positions:
    """Of written texts. The last token of a text is not read again, unless the end came behind it."""
    texts = [(*prompt.tokens, *(one.tokens if one.ended == "end" else one.tokens[:-1])) for prompt, one in zip(prompts, made, strict=True)]
    least = build([Query((*text, 0), len(text), 0) for text in texts]).size
    return Positions(computed, least, sum(map(len, texts)))


def of_queries(computed: int, least: int, queries: Sequence[Query]) -> Positions:
    """Of scored texts, whose last tokens are only asked for."""
    return Positions(computed, least, sum(len(query.tokens) - 1 for query in queries))
