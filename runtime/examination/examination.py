"""What an examination is given, and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.view import DataView
from benchc.runtime.work import Work


@dataclass(frozen=True, slots=True)
class Examination:
    """`metric`: the call, without what concerns the score alone. `predictions`: as they were extracted; `rows`: the fields of the same
    examples, in the same order. `inputs`: the task's input fields. `locations`: of the models that the metric names."""

    metric: Mapping[str, Json]
    predictions: pa.Table
    rows: pa.Table
    inputs: Sequence[str]
    locations: Sequence[str]
    work: Work


@dataclass(frozen=True, slots=True)
class Examined:
    """`columns`: one list for each example, an item a sample. `about`: what `examine.json` holds."""

    columns: Mapping[str, pa.Array]
    about: Mapping[str, Json]


def rows_of(view: DataView, split: str, ids: pa.ChunkedArray) -> pa.Table:
    """The rows with these ids, in this order."""
    rows = view.rows(split)
    places = {name: place for place, name in enumerate(rows["_id"].to_pylist())}
    return rows.take(pa.array([places[name] for name in ids.to_pylist()], pa.int64()))
