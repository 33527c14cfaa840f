"""The files of an encode step of a prompted task.

In: fitted prompts, windows. Out: `requests.arrow`, or `texts.arrow` for a model whose tokenizer is not here; `prompts.arrow`,
`encode.json`. `models/requests.py` reads the first, `models/text_requests.py` the second.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

REQUESTS, TEXTS, PROMPTS, ABOUT = "requests.arrow", "texts.arrow", "prompts.arrow", "encode.json"
CHARACTERS_PER_TOKEN = 4  # where nothing here can tell
ROLES = ("choice", "unconditional", "label", "calibration", "prompt", "window")

REQUEST_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("part", pa.int32()),
        ("role", pa.dictionary(pa.int8(), pa.string())),
        ("tokens", pa.list_(pa.int32())),
        ("scored_from", pa.int32()),
        ("bytes", pa.int32()),
        ("characters", pa.int32()),
        ("words", pa.int32()),
    ]
)
TEXT_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("part", pa.int32()),
        ("role", pa.dictionary(pa.int8(), pa.string())),
        ("context", pa.string()),
        ("continuation", pa.string()),
        ("bytes", pa.int32()),
        ("characters", pa.int32()),
        ("words", pa.int32()),
    ]
)
PROMPT_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("text", pa.string()),
        ("shots", pa.list_(pa.string())),
        ("shots_dropped", pa.int32()),
        ("truncated_tokens", pa.int32()),
        ("tokens", pa.int32()),
        ("continuations", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """`tokens` and `scored_from` where a tokenizer is here, else `context` and `continuation` as texts. Sizes are of the scored text."""

    row: int
    part: int
    role: str
    tokens: tuple[int, ...]
    scored_from: int
    bytes: int
    characters: int
    words: int
    context: str = ""
    continuation: str = ""


@dataclass(frozen=True, slots=True)
class PromptText:
    """`shots`: ids of the rows, in the prompt's order. `tokens`: of the prompt, without what continues it. `continuations`: what is scored
    behind the prompt; () for one that the model continues."""

    row: int
    text: str
    shots: tuple[str, ...]
    shots_dropped: int
    truncated_tokens: int
    tokens: int
    continuations: tuple[str, ...]


@dataclass(slots=True)
class RequestFiles:
    """Both files in the making; a batch at a time. `as_texts`: requests are texts, whose tokens are estimated."""

    folder: Path
    as_texts: bool
    requests: pa.ipc.RecordBatchFileWriter = field(init=False)
    prompts: pa.ipc.RecordBatchFileWriter = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        name, schema = (TEXTS, TEXT_SCHEMA) if self.as_texts else (REQUESTS, REQUEST_SCHEMA)
        self.requests = pa.ipc.new_file(str(self.folder / name), schema)
        self.prompts = pa.ipc.new_file(str(self.folder / PROMPTS), PROMPT_SCHEMA)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.requests.close()
        self.prompts.close()

    def write(self, requests: list[RequestRow], prompts: list[PromptText]) -> None:
        if requests:
            self.requests.write_batch(_request_batch(requests, TEXT_SCHEMA if self.as_texts else REQUEST_SCHEMA))
        if prompts:
            self.prompts.write_batch(_batch(prompts, PROMPT_SCHEMA))
        self.counts["requests"] += len(requests)
        self.counts["tokens"] += sum(len(one.tokens) for one in requests)
        self.counts["characters"] += sum(len(one.context) + len(one.continuation) for one in requests)
        self.counts["scored_tokens"] += sum(len(one.tokens) - one.scored_from for one in requests)
        self.counts["documents_in_parts"] += sum(
            parts > 1 for parts in Counter(one.row for one in requests if one.role == "window").values()
        )
        self.counts["rows"] += len(prompts)
        self.counts["shots_dropped"] += sum(one.shots_dropped for one in prompts)
        self.counts["shortened"] += sum(one.shots_dropped > 0 for one in prompts)
        self.counts["truncated"] += sum(one.truncated_tokens > 0 for one in prompts)
        self.counts["truncated_tokens"] += sum(one.truncated_tokens for one in prompts)
        self.counts["prompt_tokens"] += sum(one.tokens for one in prompts)


def write_about(folder: Path, split: str, limit: int, counts: Counter[str], merged: int, windows: Mapping[str, int]) -> None:
    """`merged`: requests of which a token spans the border of context and continuation. `truncated` and `shortened` (by whole shots) count
    rows, `shots_dropped` shots. `tokens`: of all requests; `scored_tokens`: of them those that are scored; `prompt_tokens`: of the prompts,
    each once, whatever number of continuations it has. `windows`: their length and stride, for texts that are scored as they are."""
    about = {
        "max_length": limit,
        "tokens": {split: counts["tokens"]},
        "requests": counts["requests"],
        "rows": counts["rows"],
        "scored_tokens": counts["scored_tokens"],
        "prompt_tokens": counts["prompt_tokens"],
        "shots_dropped": counts["shots_dropped"],
        "shortened": counts["shortened"],
        "truncated": {split: counts["truncated"]},
        "truncated_tokens": counts["truncated_tokens"],
        "merged": merged,
        **({**windows, "documents_in_parts": counts["documents_in_parts"]} if windows else {}),
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def write_about_texts(folder: Path, split: str, counts: Counter[str]) -> None:
    """Nothing is shortened where no tokenizer is, and tokens are about a fourth of the characters."""
    about = {
        "max_length": None,
        "tokens_estimated": True,
        "tokens": {split: -(-counts["characters"] // CHARACTERS_PER_TOKEN)},
        "characters": counts["characters"],
        "requests": counts["requests"],
        "rows": counts["rows"],
        "shots_dropped": 0,
        "truncated": {split: 0},
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _request_batch(requests: list[RequestRow], schema: pa.Schema) -> pa.RecordBatch:
    codes = pa.array([ROLES.index(one.role) for one in requests], pa.int8())
    arrays = [
        pa.DictionaryArray.from_arrays(codes, pa.array(ROLES))
        if one.name == "role"
        else pa.array([getattr(request, one.name) for request in requests], one.type)
        for one in schema
    ]
    return pa.record_batch(arrays, schema=schema)


def _batch(records: list[PromptText], schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([pa.array([getattr(one, part.name) for one in records], part.type) for part in schema], schema=schema)


def read_prompts(folder: Path) -> Iterator[PromptText]:
    """The prompts that an encode step wrote, in the rows' order."""
    with pa.memory_map(str(folder / PROMPTS)) as mapped, pa.ipc.open_file(mapped) as file:
        for index in range(file.num_record_batches):
            for record in file.get_batch(index).to_pylist():
                yield PromptText(**{**record, "shots": tuple(record["shots"]), "continuations": tuple(record["continuations"])})
