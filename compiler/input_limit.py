"""The longest input of a pretrained model, in tokens, where a spec gives no `max_length`.

In: what a model's configuration, its tokenizer and its sentence encoder say. Out: the limit. Plans and runs both ask here: a plan with
what stands in the files, a run with what transformers made of them.
"""

from collections.abc import Mapping

from benchc.compiler.jsonvalue import Json

CONFIGURATION, TOKENIZER, SENTENCES = LIMITING_FILES = ("config.json", "tokenizer_config.json", "sentence_bert_config.json")
USUAL_LIMIT = 512  # where nothing tells
UNLIMITED = 10**9  # transformers writes "no limit" as a number above this
OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert", "mpnet", "roberta-prelayernorm", "xlm-roberta-xl", "longformer")


def input_limit(positions: Json, of_tokenizer: Json, of_sentences: Json) -> int:
    """The least of the limits of the positions, the tokenizer, and the inputs that a sentence encoder was trained on; else 512."""
    limits = [int(limit) for limit in (positions, of_tokenizer, of_sentences) if isinstance(limit, int | float) and 0 < limit < UNLIMITED]
    return min(limits, default=USUAL_LIMIT)


def usable_positions(model_type: Json, positions: Json, pad_id: Json) -> int | None:
    """Of a model's position vectors, those that inputs can use; None when it has none. Some models number from behind the padding."""
    if not isinstance(positions, int) or positions <= 0:
        return None
    first = (pad_id if isinstance(pad_id, int) else 0) + 1 if model_type in OFFSET_POSITIONS else 0
    return positions - first


def limit_in_files(files: Mapping[str, Mapping[str, Json]]) -> int:
    """The limit that the JSON files of a model's folder tell, by name; those of `LIMITING_FILES` count."""
    config, tokenizer, sentences = (files.get(name, {}) for name in LIMITING_FILES)
    positions = usable_positions(config.get("model_type"), config.get("max_position_embeddings"), config.get("pad_token_id"))
    return input_limit(positions, tokenizer.get("model_max_length", tokenizer.get("max_len")), sentences.get("max_seq_length"))
