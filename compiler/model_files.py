"""The files of a model folder that can take part in a result: those that are loaded, and so those that a key must hold.

In: names inside a folder. Out: which of them count. The runtime fetches the same ones from a hub. Not here: whether a model is whole.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

WEIGHTS = ".safetensors"
CONFIGURATION = ("config.json", "generation_config.json", f"*{WEIGHTS}", f"*{WEIGHTS}.index.json", "adapter_config.json")
TOKENIZERS = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "normalizer.json",
    "*vocab*.json",  # vocabularies, as the tokenizers that transformers knows name them
    "*vocab*.txt",
    "merges.txt",
    "dict.txt",
    "bpe.codes",
    "*.model",
    "*.spm",
    "chat_template.jinja",
    "additional_chat_templates/*.jinja",
)
SENTENCE_ENCODERS = ("modules.json", "sentence_bert_config.json", "1_Pooling/config.json")
MODEL_FILES = (*CONFIGURATION, *TOKENIZERS, *SENTENCE_ENCODERS)


def model_files(names: Iterable[str]) -> list[str]:
    """Those of the names, which are relative to the model's folder, that count, in their order."""
    return [name for name in names if any(_is_like(name, pattern) for pattern in MODEL_FILES)]


def _is_like(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)
