"""What an encode step leaves beside the tokens: `encode.json` and the folder `tokenizer`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ABOUT, TOKENIZER = "encode.json", "tokenizer"


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
