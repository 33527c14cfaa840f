"""Tokenizers: those that come with a model, and those whose vocabulary is made from the training texts.

In: a model folder, or an architecture's settings with texts. Out: `TextTokenizer`, which turns many texts into token ids in parallel.
Not here: padding and batches.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from benchc.compiler.input_limit import SENTENCES, input_limit
from benchc.compiler.jsonvalue import Json
from benchc.runtime.work import StepFailed

PAD, UNKNOWN, CLS, SEP, MASK = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True, slots=True)
class TextTokenizer:
    """`full` is the tokenizer as transformers knows it, which is saved with a model; `has_types`: it tells the texts of a pair apart
    by token types."""

    full: PreTrainedTokenizerBase
    has_types: bool

    @property
    def pad_id(self) -> int:
        return int(self.full.pad_token_id or 0)

    def cut_at(self, tokens: int) -> None:
        """From now on, inputs are cut to this many tokens, the longer text of a pair first."""
        raw = self._raw
        raw.no_padding()
        raw.enable_truncation(max_length=tokens, strategy="longest_first")

    def encode(self, texts: Sequence[str], seconds: Sequence[str] | None = None) -> list[Encoding]:
        """Tokens of texts, or of pairs joined as the model was trained to read them. An encoding that was cut has `overflowing`."""
        inputs = list(texts) if seconds is None else list(zip(texts, seconds, strict=True))
        return cast("list[Encoding]", self._raw.encode_batch_fast(inputs))

    @property
    def _raw(self) -> Any:
        return self.full.backend_tokenizer


def load_tokenizer(folder: Path) -> TextTokenizer:
    """The tokenizer of a model folder. Raises StepFailed when there is none, or none that works in parallel."""
    try:
        full = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError, TypeError) as error:
        raise StepFailed(
            "tokenizer_broken", f"`{folder}` holds no tokenizer that can be read: {_first_line(error)}", "fetch the model again"
        ) from error
    if not isinstance(full, PreTrainedTokenizerFast):
        raise StepFailed("tokenizer_slow", f"the tokenizer of `{folder}` has no fast form", "convert it to `tokenizer.json`")
    return TextTokenizer(full, "token_type_ids" in full.model_input_names)


def longest_input(folder: Path, tokenizer: TextTokenizer, positions: int | None) -> int:
    """The model's own limit in tokens. `positions`: those of its configuration that inputs can use."""
    return input_limit(positions, int(tokenizer.full.model_max_length), _sentence_limit(folder))


def train_tokenizer(architecture: Mapping[str, Json], texts: Iterable[str]) -> TextTokenizer:
    """A tokenizer whose vocabulary is made from these texts: word pieces, or characters. The same texts, read twice, give the same
    vocabulary."""
    size, lowercase = cast(int, architecture["vocab"]), bool(architecture["lowercase"])
    raw = _word_pieces(texts, size, lowercase) if architecture["tokenizer"] == "wordpiece" else _characters(texts, size, lowercase)
    raw.add_special_tokens(list(SPECIAL))
    special = [(name, raw.token_to_id(name)) for name in (CLS, SEP)]
    raw.post_processor = processors.TemplateProcessing(f"{CLS} $A {SEP}", f"{CLS} $A {SEP} $B:1 {SEP}:1", special)
    full: PreTrainedTokenizerBase = cast(Any, PreTrainedTokenizerFast)(
        tokenizer_object=raw,
        pad_token=PAD,
        unk_token=UNKNOWN,
        cls_token=CLS,
        sep_token=SEP,
        mask_token=MASK,
        model_max_length=cast(int, architecture["positions"]),
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    return TextTokenizer(full, True)


def _word_pieces(texts: Iterable[str], size: int, lowercase: bool) -> Tokenizer:
    """The trainer numbers single characters in the order in which a hash map gives the words, and breaks ties by these numbers, so
    that two runs differ. Naming all characters beforehand, as if they were special tokens, takes that chance away."""
    raw = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    raw.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    alphabet = _frequent_characters(map(raw.normalizer.normalize_str, texts), most=size // 4)
    named = [*SPECIAL, *alphabet, *("##" + character for character in alphabet)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=named, initial_alphabet=alphabet, limit_alphabet=len(alphabet), show_progress=False
    )
    raw.train_from_iterator(texts, trainer)
    made = Tokenizer(models.WordPiece(raw.get_vocab(with_added_tokens=False), unk_token=UNKNOWN))
    made.normalizer, made.pre_tokenizer = raw.normalizer, raw.pre_tokenizer
    return made


def _characters(texts: Iterable[str], size: int, lowercase: bool) -> Tokenizer:
    raw = Tokenizer(models.WordLevel(unk_token=UNKNOWN))
    raw.normalizer = normalizers.Sequence([normalizers.NFC(), *([normalizers.Lowercase()] if lowercase else [])])
    raw.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    raw.train_from_iterator(texts, trainers.WordLevelTrainer(vocab_size=size, special_tokens=list(SPECIAL), show_progress=False))
    return raw


def _frequent_characters(texts: Iterable[str], most: int) -> list[str]:
    """The most frequent characters that are not blank, the first by code point of equals, sorted."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    ranked = sorted((character for character in counts if not character.isspace()), key=lambda character: (-counts[character], character))
    return sorted(ranked[:most])


def _sentence_limit(folder: Path) -> int | None:
    """The limit of a sentence encoder, which may be below that of its positions: it was trained on inputs up to that."""
    path = folder / SENTENCES
    return cast("int | None", json.loads(path.read_text()).get("max_seq_length")) if path.is_file() else None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
