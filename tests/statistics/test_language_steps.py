"""`score` on predictions of the kinds of task that language models do, as their files stand."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchc.compiler.catalog import CATALOG
from benchc.compiler.plan import Step
from benchc.runtime.metrics.language_predictions import VOTED
from benchc.runtime.steps import score
from benchc.runtime.work import StepFailed, Work

CHOICES = {
    "id": ["r2", "r1", "r3"],
    "group": ["x", "x", "y"],
    "target": ["0", "1", "1"],
    "prediction": ["0", "0", "1"],
    "scores": pa.array([[0.6, 0.4], [0.7, 0.3], [0.1, 0.9]], pa.list_(pa.float32())),
    "log_likelihoods": pa.array([[-2.0, -3.0], [-4.0, -5.0], [-9.0, -6.0]], pa.list_(pa.float64())),
    "tokens": pa.array([[1, 1], [2, 5], [3, 3]], pa.list_(pa.int32())),
    "bytes": pa.array([[4, 4], [8, 20], [12, 12]], pa.list_(pa.int32())),
    "characters": pa.array([[4, 4], [8, 20], [12, 12]], pa.list_(pa.int32())),
}
TEXTS = {"id": ["a", "b"], "target": ["1", "2"], "prediction": ["1", "3"], "extracted": pa.array([["1", "2"], ["3", None]])}
PASSAGES = {"id": ["a", "b"], "log_likelihood": [-8.0, -4.0], "tokens": [4, 2], "words": [3, 1], "bytes": [16, 8]}


def scored(folder: Path, kind: str, columns: dict[str, Any], name: str, voted: bool = False, **settings: Any) -> dict[str, Any]:
    """The result of a score step on these columns."""
    metadata = {b"benchc.task_kind": kind.encode(), VOTED: b"true" if voted else b"false"}
    answers, result = folder / "answers", folder / f"result-{len(list(folder.iterdir()))}"
    for made in (answers, result):
        made.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), answers / "predictions.parquet")
    defaults = {} if name == "diagnostics" else {key.name: key.default for key in CATALOG.entry("metric", name).keys}
    metric = {"call": name, **defaults, **settings}
    params = {"metric": metric, "task_kind": kind, "confidence": 0.95, "resamples": 50, "seed": 1}
    work = Work(result, folder, Path, "cpu", lambda progress: None, lambda event: None, lambda: 0.0, 60.0)
    score.run(Step("key", "score", 1, params, {}, {}), {"predictions": (answers,)}, work)
    value: dict[str, Any] = json.loads((result / "result.json").read_bytes())
    return value


def test_accuracy_of_choices_and_of_each_group(tmp_path: Path) -> None:
    made = scored(tmp_path, "multiple_choice", CHOICES, "accuracy")
    assert made["value"] == pytest.approx(2 / 3)
    assert [(one["group"], one["value"], one["n"]) for one in made["groups"]] == [("x", 0.5, 2), ("y", 1.0, 1)]
    assert made["groups"][0]["method"] == "Wilson score"


def test_a_longer_choice_wins_by_length(tmp_path: Path) -> None:
    """-4 of 2 tokens against -5 of 5."""
    assert scored(tmp_path, "multiple_choice", CHOICES, "accuracy", normalize="tokens")["value"] == 1.0


def test_a_target_that_is_no_choice_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="first is `r2`") as failure:
        scored(tmp_path, "multiple_choice", {**CHOICES, "target": ["2", "1", "1"]}, "accuracy")
    assert failure.value.code == "target_not_a_choice"


def test_diagnostics_of_choices(tmp_path: Path) -> None:
    made = scored(tmp_path, "multiple_choice", CHOICES, "diagnostics")
    assert made["places"] == {"targets": [1, 2], "answers": [2, 1]}
    assert sum(one["count"] for one in made["reliability"]) == 3


def test_samples_are_averaged_unless_they_voted(tmp_path: Path) -> None:
    assert scored(tmp_path, "generation", TEXTS, "exact_match")["value"] == 0.25
    assert scored(tmp_path, "generation", TEXTS, "exact_match", voted=True)["value"] == 0.5


def test_diagnostics_of_texts(tmp_path: Path) -> None:
    made = scored(tmp_path, "generation", TEXTS, "diagnostics")
    assert made["answers"] == {"count": 4, "not_extracted": 1}
    assert made["characters"]["references"] == [1.0] * 5


def test_passages(tmp_path: Path) -> None:
    assert scored(tmp_path, "language_modeling", PASSAGES, "perplexity")["value"] == pytest.approx(7.38905609893065)
    made = scored(tmp_path, "language_modeling", PASSAGES, "bits_per_byte")
    assert made["value"] == pytest.approx(0.7213475204444817)
    assert made["n"] == 2
    assert sum(scored(tmp_path, "language_modeling", PASSAGES, "diagnostics")["bits_per_byte"]["counts"]) == 2


def test_a_metric_of_another_kind_fails_the_cell(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="texts"):
        scored(tmp_path, "multiple_choice", CHOICES, "bleu")


RAN = {
    **TEXTS,
    "generations": pa.array([["1", "2"], ["3", "x"]]),
    "passed": pa.array([[True, False], [True, True]], pa.list_(pa.bool_())),
    "outcomes": pa.array([["passed", "timeout"], ["passed", "passed"]], pa.list_(pa.string())),
    "details": pa.array([["", ""], ["", ""]], pa.list_(pa.string())),
}


def test_programs_that_passed_are_counted_by_problem(tmp_path: Path) -> None:
    made = scored(tmp_path, "generation", RAN, "pass_at", k=1)
    assert made["value"] == 0.75
    problems = [{"passed": 1, "of": 2, "problems": 1}, {"passed": 2, "of": 2, "problems": 1}]
    assert made["passed"] == {"programs": 4, "passed": 3, "problems": problems}


@pytest.mark.parametrize(
    ("name", "column", "said"),
    [
        ("outcomes", None, "no column `outcomes`"),
        ("details", pa.array([[1, 2], [3, 4]]), "no column `details` with lists of string"),
        ("passed", pa.array([[True], [True, True]], pa.list_(pa.bool_())), "`passed` does not say one thing of each sample of `a`"),
        ("passed", pa.array([[True, None], [True, True]], pa.list_(pa.bool_())), "`passed` of the examined predictions has gaps"),
        ("details", pa.array([None, ["", ""]], pa.list_(pa.string())), "`details` of the examined predictions has gaps"),
        ("passed", pa.array([[True, True], [True, True]], pa.list_(pa.bool_())), "the outcomes of `a` do not agree with what passed"),
    ],
)
def test_examined_columns_that_do_not_fit_are_refused(tmp_path: Path, name: str, column: Any, said: str) -> None:
    columns = {key: value for key, value in RAN.items() if key != name} | ({} if column is None else {name: column})
    with pytest.raises(StepFailed, match=said) as failure:
        scored(tmp_path, "generation", columns, "pass_at", k=1)
    assert failure.value.code == "examined_columns"


def test_similarities_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    triples = pa.list_(pa.list_(pa.float64()))
    fit = {**TEXTS, "generations": pa.array([["1", "2"], ["3", "x"]])}
    good = pa.array([[[0.5, 0.5, 0.5], [1.0, 1.0, 1.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]], triples)
    assert scored(tmp_path, "generation", {**fit, "similarity": good}, "bertscore", part="f1")["value"] == 0.375
    for bad in (
        [[[0.5, 0.5], [1.0, 1.0, 1.0]], [[0.0] * 3] * 2],
        [[[0.5] * 3], [[0.0] * 3] * 2],
        [[[float("nan")] * 3] * 2, [[0.0] * 3] * 2],
    ):
        with pytest.raises(StepFailed, match="`similarity`"):
            scored(tmp_path, "generation", {**fit, "similarity": pa.array(bad, triples)}, "bertscore", part="f1")


WRITTEN = {
    **TEXTS,
    "generations": pa.array([["12", "345"], ["", "x"]]),
    "ended": pa.array([["end", "stop"], ["length", "stop"]]),
    "tokens": pa.array([[2, 3], [0, 1]], pa.list_(pa.int32())),
}


def test_how_texts_came_about_is_counted(tmp_path: Path) -> None:
    made = scored(tmp_path, "generation", WRITTEN, "diagnostics")
    assert made["ended"] == {"end": 1, "stop": 2, "length": 1}
    assert made["written"]["samples"] == {"total": 4, "least": 2, "most": 2}
    assert made["written"]["characters"] == [0.0, 0.75, 1.5, 2.25, 3.0]
    assert made["written"]["tokens"]["total"] == 6
    assert sum(made["written"]["tokens"]["counts"]) == 4
    assert sum(made["characters"]["answer_counts"]) == 3  # one sample has no answer
    assert sum(made["characters"]["reference_counts"]) == 2


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("ended", pa.array([["end", "stop"], ["length"]])),
        ("ended", pa.array([["end", "stop"], None])),
        ("tokens", pa.array([[2.0, 3.0], [0.0, 1.0]])),
    ],
)
def test_columns_of_writing_that_do_not_fit_are_refused(tmp_path: Path, name: str, column: pa.Array) -> None:
    with pytest.raises(StepFailed) as failure:
        scored(tmp_path, "generation", {**WRITTEN, name: column}, "diagnostics")
    assert failure.value.code == "predictions_broken"


def test_reasons_of_a_server_are_told_in_its_words(tmp_path: Path) -> None:
    own = pa.array([["end", "content_filter"], ["tired", "content_filter"]])
    made = scored(tmp_path, "generation", {**WRITTEN, "ended": own}, "diagnostics")
    assert made["ended"] == {"end": 1, "stop": 0, "length": 0}
    assert made["ended_otherwise"] == {"content_filter": 2, "tired": 1}


def test_calibration_is_told_whatever_is_asked(tmp_path: Path) -> None:
    """The same figures as the metrics themselves with as many bins."""
    made = {one["name"]: one for one in scored(tmp_path, "multiple_choice", CHOICES, "diagnostics")["calibration"]}
    assert made["brier"]["value"] == scored(tmp_path, "multiple_choice", CHOICES, "brier")["value"]
    assert made["ece"]["value"] == scored(tmp_path, "multiple_choice", CHOICES, "ece", bins=10)["value"]
    assert made["ece"]["bins"] == 10
    bare = {name: column for name, column in CHOICES.items() if name in ("id", "target", "prediction")}
    assert scored(tmp_path, "multiple_choice", bare, "diagnostics")["calibration"] == []


def test_documents_are_told_one_by_one(tmp_path: Path) -> None:
    """exp(8 / 4) and 8 / (16 ln 2), by hand."""
    empty = {"id": ["a", "b"], "log_likelihood": [-8.0, 0.0], "tokens": [4, 0], "words": [3, 0], "bytes": [16, 0]}
    made = scored(tmp_path, "language_modeling", empty, "diagnostics")
    first, second = made["documents"]
    assert (first["id"], first["tokens"], first["log_likelihood"]) == ("a", 4, -8.0)
    assert first["perplexity"] == pytest.approx(7.38905609893065)
    assert first["bits_per_byte"] == pytest.approx(0.7213475204444817)
    assert (second["perplexity"], second["bits_per_byte"]) == (None, None)
    assert made["left_out"] == 0


def test_few_groups_are_noted(tmp_path: Path) -> None:
    notes = scored(tmp_path, "multiple_choice", CHOICES, "accuracy")["notes"]
    assert "2 groups are few: an interval from drawing them tends to be too narrow" in notes
