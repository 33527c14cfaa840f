"""Prompts and what continues them as token ids.

In: a tokenizer, texts. Out: `Pair`s: the tokens of context and continuation, and from which on they are scored. Both are tokenized together
and split where the context's own tokens end, as lm-evaluation-harness does (`_encode_pair` of its version 0.4.13): white space at the
context's end goes to the continuation; an empty context is the beginning-of-text token, or the end-of-text token where there is none;
a text that begins with that token gets no other. Not here: prompts, lengths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from transformers import PreTrainedTokenizerBase

from benchc.runtime.models.tokenizers import TextTokenizer
from benchc.runtime.prompts.pair import Pair, with_space
from benchc.runtime.work import StepFailed

END_CHARACTERS = 160  # of a context, which are tokenized again with what continues it
LEAST_END_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class PromptTokenizer:
    """`begin`, `end`: special tokens that the tokenizer puts around a text. `prefix`: what stands before a text that has no context.
    `apart`: context and continuation are read by different parts of the model (sequence to sequence)."""

    full: PreTrainedTokenizerBase
    begin: tuple[int, ...]
    end: tuple[int, ...]
    prefix: int | None
    apart: bool

    def encode(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """Tokens of each text as a model reads it from its beginning on."""
        return [self._framed(text, ids) for text, ids in zip(texts, self.plain(texts), strict=True)]

    def plain(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """Tokens of each text alone; each distinct text is tokenized once."""
        distinct = list(dict.fromkeys(texts))
        encodings = self._raw.encode_batch_fast(distinct, add_special_tokens=False)
        found = {text: tuple(encoding.ids) for text, encoding in zip(distinct, encodings, strict=True)}
        return [found[text] for text in texts]

    def offsets(self, text: str) -> tuple[tuple[int, ...], list[tuple[int, int]]]:
        """Tokens of a text alone, and the characters that each stands for."""
        encoding = self._raw.encode(text, add_special_tokens=False)
        return tuple(encoding.ids), list(encoding.offsets)

    def text(self, tokens: Sequence[int]) -> str:
        """What the tokens stand for, special ones by name."""
        return str(self.full.decode(list(tokens)))

    def pairs(self, texts: Sequence[tuple[str, str]]) -> list[Pair]:
        """Each context with its continuation. Raises StepFailed for an empty continuation."""
        moved = [with_space(context, continuation) for context, continuation in texts]
        plain = self.plain([context for context, _ in moved])
        contexts = [self._framed(context, ids) for (context, _), ids in zip(moved, plain, strict=True)]
        return [self._pair(*parts) for parts in zip(moved, contexts, self._wholes(moved, plain), strict=True)]

    def chat(self, messages: Sequence[dict[str, str]]) -> str:
        """Turns as one text, ending where the assistant's begins. Raises StepFailed for a tokenizer without a chat template."""
        try:
            return cast(str, self.full.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))
        except (ValueError, TypeError) as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise StepFailed("no_chat_template", f"the tokenizer cannot write a chat: {first}", "drop `chat = true`") from error

    @property
    def bos_text(self) -> str:
        return "" if self.prefix is None else cast(str, self.full.decode([self.prefix]))

    @property
    def _raw(self) -> Any:
        return self.full.backend_tokenizer

    def _wholes(self, texts: Sequence[tuple[str, str]], contexts: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Tokens of each continuation behind its context. Of a long context only the end is tokenized again, where its tokens show that
        they part there whatever stands before: with many shots and choices the same text would else be read over and over."""
        ends = [_end(context) for context, _ in texts]
        alone = self.plain(ends)
        parted = [bool(end) and context[-len(ids) :] == ids for end, ids, context in zip(ends, alone, contexts, strict=True)]
        asked = [
            continuation if self._is_alone(context) else (end if is_parted else context) + continuation
            for (context, continuation), end, is_parted in zip(texts, ends, parted, strict=True)
        ]
        found = self.plain(asked)
        return [
            context[: -len(ids)] + whole if is_parted and not self.apart else whole
            for whole, ids, context, is_parted in zip(found, alone, contexts, parted, strict=True)
        ]

    def _is_alone(self, context: str) -> bool:
        return self.apart or context == ""

    def _framed(self, text: str, ids: tuple[int, ...]) -> tuple[int, ...]:
        begin = () if self.bos_text and text.startswith(self.bos_text) else self.begin
        return (*begin, *ids, *(self.end if self.apart else ()))

    def _pair(self, texts: tuple[str, str], context: tuple[int, ...], whole: tuple[int, ...]) -> Pair:
        if not whole or texts[1] == "":
            raise StepFailed("empty_continuation", "a choice or label is an empty text, which no model can score", "give it some text")
        if self.apart:
            return Pair((*context, *whole), len(context))
        if texts[0] == "":
            return self._without_context(whole)
        joined = self._framed(texts[0] + texts[1], whole)
        merged = joined[: len(context)] != context
        if len(joined) <= len(context):  # the continuation is part of the context's last token: score what differs
            same = next((at for at, (one, other) in enumerate(zip(context, joined, strict=False)) if one != other), len(joined) - 1)
            return Pair(joined, max(same, 1), True) if len(joined) > 1 else self._without_context(joined)
        return Pair((*context, *joined[len(context) :]), len(context), merged)

    def _without_context(self, ids: tuple[int, ...]) -> Pair:
        if self.prefix is None:
            raise StepFailed("no_context", "the tokenizer has neither a beginning nor an end token to score a text from", "give a prompt")
        return Pair(ids, 1) if ids[0] == self.prefix and len(ids) > 1 else Pair((self.prefix, *ids), 1)


def prompt_tokenizer(tokenizer: TextTokenizer, apart: bool) -> PromptTokenizer:
    full = tokenizer.full
    raw: Any = full.backend_tokenizer
    raw.no_padding()
    raw.no_truncation()
    bare, framed = (raw.encode("a", add_special_tokens=special).ids for special in (False, True))
    at = next(at for at in range(len(framed) - len(bare) + 1) if framed[at : at + len(bare)] == bare)
    prefix = full.bos_token_id if full.bos_token_id is not None else full.eos_token_id
    return PromptTokenizer(
        full, tuple(framed[:at]), tuple(framed[at + len(bare) :]), None if prefix is None else int(cast(int, prefix)), apart
    )


def _end(context: str) -> str:
    """The last words of a long context, from a space on; "" for a short one."""
    if len(context) < 2 * END_CHARACTERS:
        return ""
    start = len(context) - END_CHARACTERS
    found = next((at for at in range(start, len(context)) if context[at].isspace() and not context[at - 1].isspace()), None)
    return "" if found is None or len(context) - found < LEAST_END_CHARACTERS else context[found:]
