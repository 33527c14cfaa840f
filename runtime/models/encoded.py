"""What an encode step leaves: `tokens.arrow` with its columns, and beside it `encode.json` and the folder `tokenizer`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ABOUT, TOKENIZER = "encode.json", "tokenizer"
TOKENS = "tokens.arrow"
JOINED = "input_ids"  # a text, or a pair joined as the model reads it
APART = ("input_ids_a", "input_ids_b")  # the texts of a pair, each by itself
TYPES = "token_type_ids"


@dataclass(frozen=True, slots=True)
class Encoded:
    """`max_length` in tokens. `truncated`: inputs that were cut, `tokens`: tokens after the cut, both by split. `vocabulary`: entries."""

    max_length: int
    truncated: Mapping[str, int]
    tokens: Mapping[str, int]
    vocabulary: int
    pad_id: int


def write_encoded(folder: Path, encoded: Encoded) -> None:
    (folder / ABOUT).write_text(json.dumps(asdict(encoded), indent=1))


def read_encoded(folder: Path) -> Encoded:
    return Encoded(**json.loads((folder / ABOUT).read_text()))
