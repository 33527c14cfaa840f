"""Predictions of one model on one split, as they stand in a `predict` step's folder.

In: `predictions.parquet`. Out: `Predictions`, rows in the order of their ids, so that nothing depends on the order in the file.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchc.runtime.metrics.examples import ClassExamples, Examples, Floats, Indices, ValueExamples
from benchc.runtime.metrics.language_predictions import LANGUAGE_COLUMNS, read_choices, read_passages, read_texts
from benchc.runtime.work import StepFailed

COLUMNS = ("id", "group", "target", "prediction", "scores", *LANGUAGE_COLUMNS)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """`ids`: (n,) ascending, each once. `groups`: (n,) the text that names each example's group, None when the data have no groups."""

    ids: NDArray[np.object_]
    groups: NDArray[np.str_] | None
    examples: Examples


def read_predictions(folder: Path) -> Predictions:
    """Raises StepFailed for ids that come twice, labels that are not declared, numbers that are not finite."""
    file = pq.ParquetFile(folder / "predictions.parquet")
    table = file.read([name for name in COLUMNS if name in file.schema_arrow.names])
    table = table.take(pc.sort_indices(table, [("id", "ascending")]))
    ids = table["id"].to_numpy(zero_copy_only=False)
    _refuse_repeated(ids)
    groups = _group_texts(table["group"]) if "group" in table.column_names else None
    return Predictions(ids, groups, _examples(table, ids, file.schema_arrow.metadata or {}))


def _examples(table: pa.Table, ids: NDArray[np.object_], metadata: dict[bytes, bytes]) -> Examples:
    match metadata.get(b"benchc.task_kind"):
        case b"multiple_choice":
            return read_choices(table)
        case b"generation":
            return read_texts(table, metadata)
        case b"language_modeling":
            return read_passages(table)
    return _classes(table, ids, metadata) if b"benchc.labels" in metadata else _values(table, ids)


def _refuse_repeated(ids: NDArray[np.object_]) -> None:
    repeated = ids[1:][ids[1:] == ids[:-1]]
    if len(repeated):
        raise StepFailed("repeated_id", f"{len(repeated)} rows have an id that another row has, {named(repeated)}", "make the ids unique")


def named(ids: NDArray[np.object_]) -> str:
    """The first ids, for a message."""
    return ", ".join(f"`{one}`" for one in ids[:3]) + (" and others" if len(ids) > 3 else "")


def _group_texts(column: pa.ChunkedArray) -> NDArray[np.str_]:
    return np.asarray(column.cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)).astype(np.str_)


def _classes(table: pa.Table, ids: NDArray[np.object_], metadata: dict[bytes, bytes]) -> ClassExamples:
    labels = tuple(str(label) for label in json.loads(metadata[b"benchc.labels"]))
    target, prediction = (_label_numbers(table[name], name, labels, ids) for name in ("target", "prediction"))
    if "scores" not in table.column_names:
        return ClassExamples(labels, target, prediction)
    scores = _score_matrix(table["scores"], len(labels))
    _refuse_infinite(scores.sum(axis=1), "scores", ids)
    probabilities = metadata.get(b"benchc.scores") == b"probability"
    return ClassExamples(labels, target, prediction, scores, probabilities)


def _label_numbers(column: pa.ChunkedArray, name: str, labels: tuple[str, ...], ids: NDArray[np.object_]) -> Indices:
    numbers = pc.index_in(column.cast(pa.string()), value_set=pa.array(labels, pa.string()))
    found: Indices = pc.fill_null(numbers, -1).to_numpy().astype(np.int64)
    strange = np.flatnonzero(found < 0)
    if len(strange):
        value = column[int(strange[0])].as_py()
        raise StepFailed("unknown_label", f"the {name} `{value}` of row `{ids[strange[0]]}` is no label of the task")
    return found


def _score_matrix(column: pa.ChunkedArray, width: int) -> Floats:
    lists = column.combine_chunks()
    flat: Floats = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    if len(flat) != len(lists) * width:
        raise StepFailed("score_count", f"predictions hold {len(flat)} scores for {len(lists)} rows and {width} labels")
    return flat.reshape(len(lists), width)


def _values(table: pa.Table, ids: NDArray[np.object_]) -> ValueExamples:
    target, prediction = (table[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in ("target", "prediction"))
    _refuse_infinite(target, "target", ids)
    _refuse_infinite(prediction, "prediction", ids)
    return ValueExamples(target, prediction)


def _refuse_infinite(values: Floats, name: str, ids: NDArray[np.object_]) -> None:
    strange = ids[~np.isfinite(values)]
    if len(strange):
        raise StepFailed("not_finite", f"the {name} of {len(strange)} rows is not a finite number, {named(strange)}")
