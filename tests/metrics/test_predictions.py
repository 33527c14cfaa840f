"""Reading predictions.parquet."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchc.runtime.metrics.examples import ClassExamples, ValueExamples
from benchc.runtime.metrics.predictions import read_predictions
from benchc.runtime.work import StepFailed


def write(folder: Path, columns: dict[str, Any], labels: tuple[str, ...] | None = None, scores: str = "probability") -> Path:
    table = pa.table(columns)
    metadata = {} if labels is None else {"benchc.labels": json.dumps(labels), "benchc.scores": scores}
    pq.write_table(table.replace_schema_metadata(metadata), folder / "predictions.parquet")
    return folder


def test_rows_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    columns = {"id": ["r2", "r1"], "target": ["no", "yes"], "prediction": ["no", "no"], "scores": [[0.9, 0.1], [0.6, 0.4]]}
    read = read_predictions(write(tmp_path, columns, ("no", "yes")))
    assert list(read.ids) == ["r1", "r2"]
    assert isinstance(read.examples, ClassExamples)
    assert read.examples.target.tolist() == [1, 0]
    assert read.examples.probabilities
    assert read.examples.scores is not None
    assert read.examples.scores.tolist() == [[0.6, 0.4], [0.9, 0.1]]


def test_scores_that_are_no_probabilities_are_known_as_such(tmp_path: Path) -> None:
    columns = {"id": ["r1"], "target": ["no"], "prediction": ["no"], "scores": [[3.0, -3.0]]}
    read = read_predictions(write(tmp_path, columns, ("no", "yes"), "decision"))
    assert isinstance(read.examples, ClassExamples)
    assert not read.examples.probabilities


def test_numbers_and_groups(tmp_path: Path) -> None:
    columns = {"id": ["b", "a"], "group": ["x", None], "target": [1.0, 2.0], "prediction": [1.5, 2.5]}
    read = read_predictions(write(tmp_path, columns))
    assert isinstance(read.examples, ValueExamples)
    assert read.groups is not None
    assert read.groups.tolist() == ["", "x"]
    assert read.examples.target.tolist() == [2.0, 1.0]


def test_no_rows(tmp_path: Path) -> None:
    empty = pa.array([], pa.string())
    read = read_predictions(write(tmp_path, {"id": empty, "target": empty, "prediction": empty}, ("a", "b")))
    assert read.examples.count == 0


@pytest.mark.parametrize(
    ("columns", "labels", "code", "message"),
    [
        ({"id": ["r", "r"], "target": ["a", "a"], "prediction": ["a", "a"]}, ("a", "b"), "repeated_id", "`r`"),
        ({"id": ["r"], "target": ["a"], "prediction": ["z"]}, ("a", "b"), "unknown_label", "prediction `z` of row `r`"),
        ({"id": ["r"], "target": [1.0], "prediction": [float("nan")]}, None, "not_finite", "`r`"),
        ({"id": ["r"], "target": ["a"], "prediction": ["a"], "scores": [[1.0]]}, ("a", "b"), "score_count", "1 scores"),
    ],
)
def test_what_cannot_be_scored_is_named(
    tmp_path: Path, columns: dict[str, Any], labels: tuple[str, ...] | None, code: str, message: str
) -> None:
    with pytest.raises(StepFailed, match=message) as failure:
        read_predictions(write(tmp_path, columns, labels))
    assert failure.value.code == code
