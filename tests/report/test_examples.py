"""Which examples are chosen to be read. Expected choices are worked out by hand from five rows."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchc.runtime.report.example_cell import LONGEST_TEXT, ExampleCell
from benchc.runtime.report.examples import CHOOSE, _highest, select_examples

TEXTS = {"a": "first", "b": "second", "c": "third", "d": "fourth <b>", "e": "x" * (LONGEST_TEXT + 7)}
LABELS = ("neg", "pos")


class Rows:
    """Stands for the data view: one table with an id and a text."""

    def rows(self, split: str) -> pa.Table:
        assert split == "test"
        return pa.table({"_id": list(TEXTS), "text": list(TEXTS.values())})


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchc.runtime.data.view.open_data", lambda load, split: Rows())


def predictions(path: Path, target: Sequence[Any], answer: Sequence[Any], sure: Sequence[float] | None = None, ids: str = "abcde") -> Path:
    columns: dict[str, Any] = {"id": list(ids), "target": list(target), "prediction": list(answer)}
    metadata: dict[bytes, bytes] = {}
    if sure is not None:
        columns["scores"] = [[1 - one, one] if said == "pos" else [one, 1 - one] for one, said in zip(sure, answer, strict=True)]
        metadata = {b"benchc.scores": b"probability", b"benchc.labels": json.dumps(LABELS).encode()}
    table = pa.table(columns)
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


def cell(model: str, path: Path, kind: str = "classification", seed: int = 1, **more: Any) -> ExampleCell:
    made: dict[str, Any] = {
        "cell": f"main.t.{model}[seed={seed}]",
        "run": "main",
        "task": "t",
        "task_kind": kind,
        "model": model,
        "train": None,
        "params": {},
        "seed": seed,
        "split_name": "test",
        "predictions": path,
        "load": Path("load"),
        "split": Path("split"),
        "inputs": ("text",),
    }
    return ExampleCell(**{**made, **more})


def chosen(examples: Sequence[Any], sort: str) -> list[str]:
    return [example["id"] for example in examples if example["sort"] == sort]


TARGET = ("pos", "pos", "neg", "neg", "pos")


def test_errors_of_every_model_come_most_confident_first(tmp_path: Path) -> None:
    one = cell("one", predictions(tmp_path / "1", TARGET, ("neg", "neg", "neg", "neg", "pos"), (0.6, 0.9, 0.8, 0.8, 0.7)))
    two = cell("two", predictions(tmp_path / "2", TARGET, ("neg", "neg", "pos", "neg", "pos"), (0.6, 0.8, 0.9, 0.8, 0.7)))
    found = select_examples([one, two], 10)
    assert chosen(found, "every_model_wrong") == ["b", "a"]
    assert chosen(found, "models_disagree") == ["c"]


def test_a_model_that_answers_always_the_same_has_no_vote(tmp_path: Path) -> None:
    floor = cell("floor", predictions(tmp_path / "0", TARGET, ("pos",) * 5, (0.6,) * 5))
    one = cell("one", predictions(tmp_path / "1", TARGET, ("neg", "pos", "neg", "neg", "pos"), (0.9,) * 5))
    two = cell("two", predictions(tmp_path / "2", TARGET, ("neg", "pos", "neg", "neg", "pos"), (0.9,) * 5))
    found = select_examples([floor, one, two], 10)
    assert chosen(found, "every_model_wrong") == ["a"]
    assert [answer["model"] for answer in found[0]["answers"]] == ["floor", "one", "two"]  # type: ignore[call-overload, index]


def test_seeds_of_a_model_vote(tmp_path: Path) -> None:
    answers = [("neg", "pos", "neg", "neg", "pos"), ("neg", "pos", "neg", "neg", "pos"), ("pos", "pos", "neg", "neg", "pos")]
    cells = [cell("one", predictions(tmp_path / str(seed), TARGET, said, (0.8,) * 5), seed=seed) for seed, said in enumerate(answers)]
    (found,) = select_examples(cells, 10)
    assert isinstance(found, Mapping)
    assert found["answers"] == [{"model": "one", "answer": "neg", "votes": 2, "of": 3, "correct": False, "confidence": pytest.approx(0.8)}]


def test_ties_go_by_id_and_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    wrong = ("neg", "neg", "pos", "neg", "pos")
    one = cell("one", predictions(tmp_path / "1", TARGET, wrong, (0.8,) * 5))
    back = predictions(tmp_path / "2", TARGET[::-1], wrong[::-1], (0.8,) * 5, ids="edcba")
    assert chosen(select_examples([one], 2), "every_model_wrong") == ["a", "b"]
    assert select_examples([one], 5) == select_examples([cell("one", back)], 5)


def test_without_probabilities_confidence_is_nothing(tmp_path: Path) -> None:
    (found,) = select_examples([cell("one", predictions(tmp_path / "1", TARGET, ("neg", "pos", "neg", "neg", "pos")))], 5)
    assert isinstance(found, Mapping)
    assert found["answers"][0]["confidence"] is None  # type: ignore[call-overload, index]


def test_folds_share_one_model_and_models_are_compared_where_both_answered(tmp_path: Path) -> None:
    first = predictions(tmp_path / "1", TARGET[:3], ("neg", "pos", "neg"), (0.8,) * 3, ids="abc")
    second = predictions(tmp_path / "2", TARGET[3:], ("pos", "pos"), (0.8,) * 2, ids="de")
    whole = predictions(tmp_path / "3", TARGET[:4], ("neg", "pos", "pos", "pos"), (0.8,) * 4, ids="abcd")
    found = select_examples([cell("one", first), cell("one", second), cell("two", whole)], 5)
    assert chosen(found, "every_model_wrong") == ["a", "d"]
    assert chosen(found, "models_disagree") == ["c"]


def test_numbers_are_ranked_by_distance(tmp_path: Path) -> None:
    target = (1.0, 2.0, 3.0, 4.0, 5.0)
    one = cell("one", predictions(tmp_path / "1", target, (1.0, 2.0, 5.0, 4.0, 4.5)), "regression")
    two = cell("two", predictions(tmp_path / "2", target, (1.5, 5.0, 5.0, 4.0, 4.0)), "regression")
    mean = cell("mean", predictions(tmp_path / "3", target, (3.0,) * 5), "regression")
    found = select_examples([one, two, mean], 2)
    assert chosen(found, "every_model_wrong") == ["c", "e"]
    assert chosen(found, "models_disagree") == ["b", "a"]


def test_texts_are_cut_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    wrong = predictions(tmp_path / "1", TARGET, ("pos", "pos", "neg", "neg", "neg"), (0.8,) * 5)
    (found,) = select_examples([cell("one", wrong)], 5)
    assert isinstance(found, Mapping)
    assert found["inputs"] == {"text": "x" * LONGEST_TEXT}
    assert found["cut"] == {"text": 7}


def test_nothing_is_chosen_when_none_is_asked_for(tmp_path: Path) -> None:
    assert select_examples([cell("one", tmp_path / "is not opened")], 0) == []


def test_questions_with_different_numbers_of_choices_show_errors(tmp_path: Path) -> None:
    table = pa.table({"id": ["a", "b"], "target": ["0", "2"], "prediction": ["1", "0"], "scores": [[0.4, 0.6], [0.5, 0.3, 0.2]]})
    pq.write_table(table.replace_schema_metadata({"benchc.scores": "probability"}), tmp_path / "p.parquet")
    assert _highest(pq.read_table(tmp_path / "p.parquet").column("scores")).tolist() == [0.6, 0.5]
    assert "multiple_choice" in CHOOSE


def written(path: Path, texts: Sequence[str], extract: bool = True, **columns: Any) -> Path:
    """Predictions of a generation task as `extract` leaves them: the last number of each text is the answer."""
    made: dict[str, Any] = {"id": list("abcde")[: len(texts)], "target": ["1"] * len(texts)}
    answers = [found[-1] if (found := re.findall(r"[0-9]+", text)) else None for text in texts]
    made |= {"prediction": pa.array(answers if extract else texts, pa.string()), "generations": [[text] for text in texts]}
    made |= {"ended": [["stop"]] * len(texts), **columns}
    pq.write_table(pa.table(made), path)
    return path


NUMBER = {"call": "number", "which": "last", "strip": [], "decimal": "point"}


def test_texts_without_an_answer_come_first_and_then_a_sample_by_ids(tmp_path: Path) -> None:
    texts = ["it is 1", "no idea", "7 or 8", "none", "1"]
    one = cell("one", written(tmp_path / "1", texts), "generation", extract=NUMBER)
    found = select_examples([one], 2)
    assert sorted(chosen(found, "not_extracted")) == ["b", "d"]
    by_hash = sorted("ace", key=lambda name: hashlib.blake2b(name.encode(), digest_size=8).digest())
    assert set(chosen(found, "sample")) == set(by_hash[:2])


def test_the_place_of_the_answer_is_kept_with_the_text(tmp_path: Path) -> None:
    one = cell("one", written(tmp_path / "1", ["it is 17 now"]), "generation", extract=NUMBER)
    (found,) = select_examples([one], 5)
    (sample,) = found["answers"][0]["samples"]  # type: ignore[call-overload, index]
    assert (sample["answer"], sample["text"][sample["start"] : sample["end"]]) == ("17", "17")
    assert sample["ended"] == "stop"


def test_texts_that_are_answers_themselves_are_never_without_one(tmp_path: Path) -> None:
    one = cell("one", written(tmp_path / "1", ["", "x"], extract=False), "generation")
    found = select_examples([one], 5)
    assert chosen(found, "not_extracted") == []
    assert all(sample["start"] is None for example in found for sample in example["answers"][0]["samples"])  # type: ignore[call-overload, index]


def test_what_tests_said_goes_with_each_sample(tmp_path: Path) -> None:
    tests = {"passed": [[True], [False]], "outcomes": [["passed"], ["failed"]], "details": [[""], ["TypeError: x"]]}
    (tmp_path / "examined").mkdir()
    written(tmp_path / "examined" / "predictions.parquet", ["1", "2"], extract=False, **tests)
    one = cell("one", written(tmp_path / "1", ["1", "2"], extract=False), "generation", examined=tmp_path / "examined")
    answers = {example["id"]: example["answers"][0] for example in select_examples([one], 5)}  # type: ignore[call-overload, index]
    assert answers["b"]["samples"][0]["outcome"] == "failed"
    assert answers["b"]["samples"][0]["detail"] == "TypeError: x"
    assert [answers[name]["samples_passed"] for name in "ab"] == [1, 0]


def test_very_long_texts_are_cut_and_an_answer_behind_the_cut_is_not_marked(tmp_path: Path) -> None:
    one = cell("one", written(tmp_path / "1", ["x" * LONGEST_TEXT + " 12"]), "generation", extract=NUMBER)
    (found,) = select_examples([one], 5)
    (sample,) = found["answers"][0]["samples"]  # type: ignore[call-overload, index]
    assert (sample["left_out"], sample["answer"], sample["start"]) == (3, "12", None)
