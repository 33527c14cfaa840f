"""Texts to token ids, once for all cells that read the same fields with the same tokenizer.

In: rows, split. Out: `tokens.arrow`, one record batch after the other as it is made, so that a million rows need no more memory than
one batch; `encode.json`; `tokenizer/`. Of a pair, the texts are kept joined as the model reads them (`input_ids`), or each by itself
(`input_ids_a`, `input_ids_b`) where param `apart` is true, as a similarity needs them.
Prompts, whose params are `prompted`, are made by `benchc.runtime.prompts`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pyarrow as pa
from tokenizers import Encoding

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.models.backbones import positions, read_config
from benchc.runtime.models.encoded import APART, JOINED, TOKENIZER, TOKENS, TYPES, Encoded, write_encoded
from benchc.runtime.models.model_files import locations, model_folder
from benchc.runtime.models.texts import Texts
from benchc.runtime.models.tokenizers import TextTokenizer, load_tokenizer, longest_input, train_tokenizer
from benchc.runtime.work import Inputs, Progress, StepFailed, Work

BATCH_ROWS = 4096
VOCABULARY_SPLIT = "train"  # the split that the vocabulary of a new model is made from


@dataclass(slots=True)
class Counts:
    """What was cut and how many tokens are left, by split; filled while encoding."""

    truncated: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are written: the two of a pair read apart, or a joined one. `splits`: the dictionary of the column `split`."""

    splits: tuple[str, ...]
    apart: bool
    types: bool

    def schema(self) -> pa.Schema:
        fields = [pa.field("row", pa.int64()), pa.field("split", pa.dictionary(pa.int8(), pa.string()))]
        fields.extend(pa.field(name, pa.list_(pa.int32())) for name in (APART if self.apart else (JOINED,)))
        if self.types and not self.apart:
            fields.append(pa.field(TYPES, pa.list_(pa.int8())))
        return pa.schema(fields)

    def column(self, split: str, rows: int) -> pa.DictionaryArray:
        codes = np.full(rows, self.splits.index(split), np.int8)
        return pa.DictionaryArray.from_arrays(codes, pa.array(self.splits))


@dataclass(frozen=True, slots=True)
class Corpus:
    """The texts that a vocabulary is made from; they can be read several times."""

    view: DataView
    fields: Sequence[str]

    def __iter__(self) -> Iterator[str]:
        rows = self.view.rows(VOCABULARY_SPLIT)
        for name in self.fields:
            yield from Texts(rows.column(name))


def run(step: Step, inputs: Inputs, work: Work) -> None:
    if "prompted" in step.params:
        from benchc.runtime.prompts.encode import run as run_prompted

        run_prompted(step, inputs, work)
        return
    view = open_data(inputs["rows"][0], inputs["split"][0])
    fields = cast("Sequence[str]", step.params["inputs"])
    source = cast("Mapping[str, Json]", step.params["tokenizer"])
    tokenizer, limit = _tokenizer(source, step, view, fields, work)
    asked = cast("int | None", step.params["max_length"])
    max_length = limit if asked is None else min(asked, limit)
    tokenizer.cut_at(max_length)
    layout = Layout(view.splits, bool(step.params.get("apart")), tokenizer.has_types)
    counts = _write(view, fields, tokenizer, layout, work)
    tokenizer.full.save_pretrained(str(work.folder / TOKENIZER))
    write_encoded(work.folder, Encoded(max_length, counts.truncated, counts.tokens, len(tokenizer.full), tokenizer.pad_id))


def _tokenizer(source: Mapping[str, Json], step: Step, view: DataView, fields: Sequence[str], work: Work) -> tuple[TextTokenizer, int]:
    """The tokenizer, and the longest input that its model takes."""
    if source["call"] == "scratch":
        architecture = cast("Mapping[str, Json]", source["architecture"])
        if not len(view.row_numbers(VOCABULARY_SPLIT)):
            raise StepFailed(
                "empty_split", f"there are no rows in {VOCABULARY_SPLIT} to make a vocabulary from", "check the dataset's `splits`"
            )
        return train_tokenizer(architecture, Corpus(view, fields)), cast(int, architecture["positions"])
    folder = model_folder(source, next(iter(locations(step.hints)), None), work)
    tokenizer = load_tokenizer(folder)
    return tokenizer, longest_input(folder, tokenizer, positions(read_config(folder)))


def _write(view: DataView, fields: Sequence[str], tokenizer: TextTokenizer, layout: Layout, work: Work) -> Counts:
    counts = Counts()
    schema = layout.schema()
    total = sum(len(view.row_numbers(split)) for split in view.splits)
    done = 0
    with pa.OSFile(str(work.folder / TOKENS), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for split in view.splits:
            counts.truncated[split] = counts.tokens[split] = 0
            for numbers, texts in _row_batches(view, split, fields):
                writer.write_batch(_encode(numbers, texts, split, tokenizer, layout, counts))
                done += len(numbers)
                work.progress(Progress(done, total, "rows"))
    return counts


def _row_batches(view: DataView, split: str, fields: Sequence[str]) -> Iterator[tuple[np.ndarray, list[list[str]]]]:
    """Row numbers and the texts of each field, some rows at a time; a missing text is an empty one."""
    numbers = view.row_numbers(split)
    at = 0
    for batch in view.rows(split).select(list(fields)).to_batches(max_chunksize=BATCH_ROWS):
        texts = [[text or "" for text in batch.column(name).to_pylist()] for name in fields]
        yield numbers[at : at + len(batch)], texts
        at += len(batch)


def _encode(
    numbers: np.ndarray, texts: list[list[str]], split: str, tokenizer: TextTokenizer, layout: Layout, counts: Counts
) -> pa.RecordBatch:
    encoded = [tokenizer.encode(of_field) for of_field in texts] if layout.apart else [tokenizer.encode(*texts)]
    columns = [pa.array(numbers, pa.int64()), layout.column(split, len(numbers))]
    columns.extend(_lists([encoding.ids for encoding in encodings], pa.int32()) for encodings in encoded)
    if layout.types and not layout.apart:
        columns.append(_lists([encoding.type_ids for encoding in encoded[0]], pa.int8()))
    _count(split, encoded, counts)
    return pa.record_batch(columns, schema=layout.schema())


def _count(split: str, encodings: Sequence[Sequence[Encoding]], counts: Counts) -> None:
    """Counts rows of which something was cut, and tokens."""
    cut = [any(encoding.overflowing for encoding in of_row) for of_row in zip(*encodings, strict=True)]
    counts.truncated[split] += sum(cut)
    counts.tokens[split] += sum(len(encoding) for of_field in encodings for encoding in of_field)


def _lists(values: list[list[int]], item: pa.DataType) -> pa.Array:
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int32)
    flat = np.fromiter((number for row in values for number in row), item.to_pandas_dtype(), count=int(offsets[-1]))
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(flat))
