"""Tokenizers small enough to reason about: byte-level pairs whose merges a test chooses, with or without a beginning token."""

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from benchc.runtime.models.tokenizers import TextTokenizer
from benchc.runtime.prompts.tokenize import PromptTokenizer, prompt_tokenizer

CHAT = (
    "{% for message in messages %}<s>{{ message.role }}: {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant: {% endif %}"
)


def small_tokenizer(*words: str, adds_begin: bool = False, has_begin: bool = True, splits: bool = True) -> PromptTokenizer:
    """Every byte is a token, and so is each of these words (a space is written `Ġ`). `splits`: words are parted before they are merged."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {symbol: number for number, symbol in enumerate(alphabet)}
    merges: list[tuple[str, str]] = []
    for word in words:
        for end in range(2, len(word) + 1):
            if word[:end] not in vocabulary:
                vocabulary[word[:end]] = len(vocabulary)
                merges.append((word[: end - 1], word[end - 1]))
    raw = Tokenizer(models.BPE(vocabulary, merges))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=splits)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens(["<s>", "</s>"])
    if adds_begin:
        raw.post_processor = processors.TemplateProcessing("<s> $A", None, [("<s>", raw.token_to_id("<s>"))])
    full = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="</s>", pad_token="</s>", **({"bos_token": "<s>"} if has_begin else {}), model_max_length=10**6
    )
    full.chat_template = CHAT
    return prompt_tokenizer(TextTokenizer(full, False), apart=False)


def shown(tokenizer: PromptTokenizer, tokens: tuple[int, ...]) -> list[str]:
    """Tokens as texts; those of special tokens by name."""
    return [tokenizer.full.decode([token]) for token in tokens]
