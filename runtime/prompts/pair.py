"""A prompt and what continues it: where one ends and the other begins."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """`tokens` of both, scored from `scored_from` on. `merged`: a token of the joined text spans the border, so that the context's own
    tokens are not the joined text's first."""

    tokens: tuple[int, ...]
    scored_from: int
    merged: bool = False


def with_space(context: str, continuation: str) -> tuple[str, str]:
    """White space at the end of the context moved into the continuation, where tokenizers want it."""
    bare = context.rstrip()
    return bare, context[len(bare) :] + continuation
