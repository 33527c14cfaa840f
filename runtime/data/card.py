"""A data card: what a report says of a data set.

In: the folders of its load and split step, and of the encode steps that read it. Out: JSON with rows, classes, lengths, and what was
cut, dropped, repeated and skipped. Lengths are counted in characters (code points), and in tokens where a model encoded the texts;
quantiles are of the observed values (no interpolation).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.models.encoded import APART, JOINED, TOKENS

QUANTILES = (("min", 0.0), ("q25", 0.25), ("median", 0.5), ("q75", 0.75), ("q95", 0.95), ("max", 1.0))
MOST_SKIPPED = 20
MOST_CLASSES = 100

Numbers = np.ndarray[tuple[int], np.dtype[Any]]


def data_card(load: Path, split: Path, encodes: Sequence[Path]) -> Json:
    view = open_data(load, split)
    loaded: Mapping[str, Any] = view.table.summary
    divided = json.loads((split / "split.json").read_text(encoding="utf-8"))
    return {
        "rows": divided["rows"],
        "source_rows": loaded["rows"],
        "dropped": divided["dropped"],
        "duplicates": divided["duplicates"],
        "overlap": divided["overlap"],
        "skipped_count": loaded["skipped_count"],
        "skipped": loaded["skipped"][:MOST_SKIPPED],
        "fields": [_field_card(view, name) for name in view.fields],
        "tokens": [_token_card(encode) for encode in encodes],
        "files": [{"name": name, "sha256": digest} for name, digest in zip(loaded["files"], loaded["digests"], strict=True)],
        "id": loaded["id"],
    }


def _field_card(view: DataView, name: str) -> Json:
    kind = view.table.fields[name]
    card: dict[str, Json] = {"name": name, "kind": kind, "column": view.table.summary["fields"][name]["column"]}
    columns = {split: view.column(split, name) for split in view.splits}
    match kind:
        case "text":
            card["characters"] = {split: _quantiles(pc.utf8_length(values).to_numpy()) for split, values in columns.items()}
            card["empty"] = {split: pc.sum(pc.equal(values, "")).as_py() for split, values in columns.items()}
        case "label":
            card["classes"] = _class_counts(view.labels[name], columns)
        case "number":
            card["values"] = {split: _quantiles(values.to_numpy()) | {"mean": pc.mean(values).as_py()} for split, values in columns.items()}
        case "choices":
            card["choices"] = {split: _quantiles(pc.list_value_length(values).to_numpy()) for split, values in columns.items()}
            card["characters"] = {
                split: _quantiles(pc.utf8_length(pc.list_flatten(values)).to_numpy()) for split, values in columns.items()
            }
        case "id" | "group":
            card["distinct"] = {split: pc.count_distinct(values).as_py() for split, values in columns.items()}
        case other:
            raise AssertionError(f"no card for fields of kind {other}")
    return card


def _class_counts(labels: Sequence[str], columns: Mapping[str, pa.ChunkedArray]) -> Json:
    """One entry for each label, in label order: how many rows of each split have it. Of very many labels the most frequent."""
    counts = {split: np.bincount(values.to_numpy(), minlength=len(labels)) for split, values in columns.items()}
    total = np.sum(list(counts.values()), axis=0)
    shown = sorted(np.argsort(-total, kind="stable")[:MOST_CLASSES].tolist())
    return {
        "labels": [labels[label] for label in shown],
        "counts": {split: [int(found[label]) for label in shown] for split, found in counts.items()},
        "left_out": len(labels) - len(shown),
    }


def _token_card(encode: Path) -> Json:
    summary = json.loads((encode / "encode.json").read_text(encoding="utf-8"))
    if (encode / "requests.arrow").exists():
        return {**summary, "lengths": {split: _quantiles(_request_lengths(encode)) for split in summary["tokens"]}}
    if summary.get("tokens_estimated"):
        return {**summary, "lengths": {}}
    lengths: dict[str, list[Numbers]] = {}
    with pa.memory_map(str(encode / TOKENS)) as mapped, pa.ipc.open_file(mapped) as file:
        for number in range(file.num_record_batches):
            batch = file.get_batch(number)
            texts = APART if APART[0] in batch.schema.names else (JOINED,)
            counts = np.max([pc.list_value_length(batch[name]).to_numpy() for name in texts], axis=0)  # of a pair, its longer text
            splits = np.array(batch["split"].to_pylist(), dtype=object)
            for split in np.unique(splits):
                lengths.setdefault(split, []).append(counts[splits == split])
    return {**summary, "lengths": {split: _quantiles(np.concatenate(parts)) for split, parts in lengths.items()}}


def _request_lengths(encode: Path) -> Numbers:
    """Tokens of each request of a prompted task, its context included."""
    with pa.memory_map(str(encode / "requests.arrow")) as mapped, pa.ipc.open_file(mapped) as file:
        batches = [file.get_batch(number).column("tokens") for number in range(file.num_record_batches)]
        return np.concatenate([pc.list_value_length(tokens).to_numpy() for tokens in batches])


def _quantiles(values: Numbers) -> dict[str, Json]:
    found = np.quantile(values, [share for _, share in QUANTILES], method="inverted_cdf")
    return {name: value.item() for (name, _), value in zip(QUANTILES, found, strict=True)}
