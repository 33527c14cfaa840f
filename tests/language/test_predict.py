"""The predict step of prompted tasks, from requests to the predictions file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from prompted import LABELS, Bench, log_likelihood, model_folder, request
from tiny import tiny
from transformers import T5Config, T5ForConditionalGeneration

from benchc.runtime.language.precision import Verdict
from benchc.runtime.models import prompted_trial
from benchc.runtime.steps import predict
from benchc.runtime.work import StepFailed

CHOICE = {"kind": "multiple_choice", "choices": "options", "target": "number"}
GENERATION = {"kind": "generation", "target": "text"}
CONTEXTUAL = {"call": "contextual", "inputs": ["N/A"]}  # what was put in is in the requests
GREEDY = {"call": "greedy", "max_new_tokens": 8, "stop": []}
SHOTS = [3, 4, 5, 6] * 6  # text that all rows share
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def bench(tmp_path: Path, folder: Path) -> Bench:
    return Bench(tmp_path, 6, folder)


def text(row: int) -> list[int]:
    return [*SHOTS, 10 + row, 20 + row]


def choices(role: str = "choice", count: int = 3) -> list[dict[str, Any]]:
    """Row n has `count` choices, but for row 1, which has two; the second one is two tokens long."""
    return [
        request(row, part, role, [*text(row), *([30 + part] if part != 1 else [31, 32])], len(text(row)))
        for row in range(6)
        for part in range(2 if row == 1 else count)
    ]


def test_choices_are_scored_by_log_likelihood(bench: Bench) -> None:
    requests = [*choices(), *(request(row, part, "unconditional", [1, 30 + part], 1) for row in range(6) for part in range(3))]
    table = bench.predict(CHOICE, requests).to_pydict()
    model = tiny("llama")
    for row in range(6):
        own = [one for one in requests if one["row"] == row and one["role"] == "choice"]
        expected = np.array([log_likelihood(model, one["tokens"], one["scored_from"]) for one in own])
        assert np.abs(table["log_likelihoods"][row] - expected).max() < TOLERANCE
        shares = np.exp(expected - expected.max())
        assert np.allclose(table["scores"][row], shares / shares.sum(), atol=1e-4)
        assert table["prediction"][row] == str(expected.argmax())
        assert table["tokens"][row] == [len(one["tokens"]) - one["scored_from"] for one in own]
        assert table["bytes"][row] == [one["bytes"] for one in own]
        assert table["unconditional"][row][0] == pytest.approx(log_likelihood(model, [1, 30], 1), abs=TOLERANCE)
    assert table["target"] == [str(row % 2) for row in range(6)]
    assert table["correct"] == [a == b for a, b in zip(table["target"], table["prediction"], strict=True)]
    assert [round(loss, 4) for loss in table["loss"]] == [round(-np.log(table["scores"][row][row % 2]), 4) for row in range(6)]


def test_the_right_choice_can_be_the_same_in_every_row(bench: Bench) -> None:
    table = bench.predict({**CHOICE, "target": {"call": "constant", "index": 1}}, choices())
    assert table.column("target").to_pylist() == ["1"] * 6


def test_positions_are_told_beside_the_least(bench: Bench) -> None:
    bench.predict(CHOICE, choices())
    assert bench.about["engine"] == "shared"
    shared, own = len(SHOTS), 2 * 6 + 6  # two tokens of each row, and the first of each two-token choice
    assert bench.about["token_positions"] == bench.about["least_token_positions"] == shared + own


def test_a_model_that_cannot_share_is_run_plainly_and_says_so(tmp_path: Path) -> None:
    model = model_folder(tmp_path / "model", tiny("mistral_short_window"))
    bench = Bench(tmp_path / "bench", 6, model)
    bench.predict(CHOICE, choices())
    assert bench.about["engine"] == "plain"
    assert any("slides over 8 tokens" in note for note in bench.about["notes"])


def test_positions_of_written_texts_are_told_beside_the_least_and_those_without_sharing(bench: Bench, tmp_path: Path) -> None:
    table = bench.predict(GENERATION, prompts(), decode=GREEDY).to_pydict()
    read = [len(text(row)) + table["tokens"][row][0] - (table["ended"][row][0] != "end") for row in range(6)]
    assert bench.about["unshared_token_positions"] == sum(read)
    assert bench.about["least_token_positions"] == sum(read) - 5 * len(SHOTS)
    assert bench.about["least_token_positions"] <= bench.about["token_positions"] <= bench.about["unshared_token_positions"]
    plain = Bench(tmp_path / "plain", 6, model_folder(tmp_path / "mamba", tiny("mamba")))
    plain.predict(GENERATION, prompts(), decode=GREEDY)
    assert plain.about["token_positions"] == plain.about["unshared_token_positions"]


def test_labels_are_scored_in_a_prompt(bench: Bench) -> None:
    table = bench.predict({"kind": "classification", "target": "label"}, choices("label")[:3] + _labels())
    assert set(table.column("prediction").to_pylist()) <= set(LABELS)
    assert json.loads(table.schema.metadata[b"benchc.labels"]) == list(LABELS)


def _labels() -> list[dict[str, Any]]:
    return [request(row, part, "label", [*text(row), 30 + part], len(text(row))) for row in range(1, 6) for part in range(3)]


@pytest.mark.parametrize("rows", [[-1], list(range(6))])
def test_calibration_takes_off_what_an_empty_prompt_gives(bench: Bench, rows: list[int]) -> None:
    labels = [request(row, part, "label", [*text(row), 30 + part], len(text(row))) for row in range(6) for part in range(3)]
    empty = [request(row, part, "calibration", [*SHOTS, 9, 30 + part], len(SHOTS) + 1) for row in rows for part in range(3)]
    task = {"kind": "classification", "target": "label", "calibrate": CONTEXTUAL}
    table = bench.predict(task, labels + empty)
    model = tiny("llama")
    none = np.array([log_likelihood(model, [*SHOTS, 9, 30 + part], len(SHOTS) + 1) for part in range(3)])
    own = np.array([log_likelihood(model, [*text(0), 30 + part], len(text(0))) for part in range(3)])
    shares = np.exp(own - none)
    assert np.allclose(table.column("scores")[0].as_py(), shares / shares.sum(), atol=1e-4)


@pytest.mark.parametrize("rows", [[-1], list(range(6))])
def test_calibration_averages_the_probabilities_of_several_empty_prompts(bench: Bench, rows: list[int]) -> None:
    """By hand: p(label | text) over the mean of p(label | nothing), as in Zhao et al. 2021."""
    labels = [request(row, part, "label", [*text(row), 30 + part], len(text(row))) for row in range(6) for part in range(3)]
    empty = [
        request(row, 3 * number + part, "calibration", [*SHOTS, nothing, 30 + part], len(SHOTS) + 1)
        for row in rows
        for number, nothing in enumerate((8, 9))
        for part in range(3)
    ]
    task = {"kind": "classification", "target": "label", "calibrate": CONTEXTUAL}
    table = bench.predict(task, labels + empty)
    model = tiny("llama")
    none = [[np.exp(log_likelihood(model, [*SHOTS, one, 30 + part], len(SHOTS) + 1)) for part in range(3)] for one in (8, 9)]
    own = np.array([np.exp(log_likelihood(model, [*text(0), 30 + part], len(text(0)))) for part in range(3)])
    shares = own / np.mean(none, axis=0)
    assert np.allclose(table.column("scores")[0].as_py(), shares / shares.sum(), atol=1e-4)


def test_windows_of_a_text_are_summed(bench: Bench) -> None:
    requests = [request(row, part, "window", [1, *text(row)[part:]], 1 + 4 * part) for row in range(6) for part in range(2)]
    table = bench.predict({"kind": "language_modeling"}, requests).to_pydict()
    model = tiny("llama")
    for row in range(6):
        own = [one for one in requests if one["row"] == row]
        expected = sum(log_likelihood(model, one["tokens"], one["scored_from"]) for one in own)
        assert table["log_likelihood"][row] == pytest.approx(expected, abs=TOLERANCE * 60)
        for name in ("bytes", "characters", "words"):
            assert table[name][row] == sum(one[name] for one in own)


def prompts() -> list[dict[str, Any]]:
    return [request(row, 0, "prompt", text(row), len(text(row))) for row in range(6)]


def by_transformers(row: int, **more: Any) -> list[int]:
    ids = torch.tensor([text(row)])
    made = tiny("llama").generate(ids, max_new_tokens=8, do_sample=False, eos_token_id=2, pad_token_id=0, **more)
    tokens = made[0, len(text(row)) :].tolist()
    return tokens[: tokens.index(2)] if 2 in tokens else tokens


def words(tokens: list[int]) -> str:
    return "".join("\n" if token == 7 else f"w{token} " for token in tokens)


def test_greedy_text_is_that_of_transformers(bench: Bench) -> None:
    table = bench.predict(GENERATION, prompts(), decode=GREEDY).to_pydict()
    for row in range(6):
        assert table["generations"][row] == [words(by_transformers(row))]
        assert table["tokens"][row] == [len(by_transformers(row))]
    assert table["target"] == [f"text {row}" for row in range(6)]


def test_beams_are_those_of_transformers(bench: Bench) -> None:
    decode = {"call": "beam", "beams": 3, "length_penalty": 1.0, "max_new_tokens": 8, "stop": []}
    table = bench.predict(GENERATION, prompts(), decode=decode).to_pydict()
    assert table["generations"] == [[words(by_transformers(row, num_beams=3))] for row in range(6)]


@pytest.mark.parametrize("decode", ["greedy", "beam"])
def test_a_text_is_cut_at_its_first_stop_sequence(bench: Bench, decode: str) -> None:
    whole = words(by_transformers(0))
    stop = whole.split()[2]
    beam = {"beams": 1, "length_penalty": 1.0} if decode == "beam" else {}
    call = {**GREEDY, **beam, "call": decode, "stop": [stop]}
    table = bench.predict(GENERATION, prompts(), decode=call).to_pydict()
    assert table["generations"][0] == [whole[: whole.index(stop)]]
    assert table["ended"][0] == ["stop"]


def test_samples_depend_on_seed_and_row_alone(bench: Bench) -> None:
    decode = {"call": "sample", "temperature": 1.0, "top_p": 1.0, "top_k": 0, "samples": 3, "max_new_tokens": 8, "stop": []}
    first = bench.predict(GENERATION, prompts(), decode=decode, seed=1).to_pydict()
    again = bench.predict(GENERATION, prompts()[::-1], decode=decode, seed=1).to_pydict()
    other = bench.predict(GENERATION, prompts(), decode=decode, seed=2).to_pydict()
    assert first["generations"] == again["generations"]
    assert first["generations"] != other["generations"]
    assert all(len(texts) == 3 for texts in first["generations"])
    assert len({text for texts in first["generations"] for text in texts}) > 6


def test_steps_together_share_one_trie_and_write_what_each_alone_would(bench: Bench) -> None:
    alone = bench.predict(CHOICE, choices())
    least = bench.about["least_token_positions"]
    steps = [bench.step(CHOICE, choices()), bench.step(CHOICE, choices()), bench.step(GENERATION, prompts(), decode=GREEDY)]
    ends = predict.run_together(*zip(*steps, strict=True))
    assert all(isinstance(end, float) for end in ends)
    for _, _, work in steps[:2]:
        assert pq.read_table(work.folder / "predictions.parquet").equals(alone)
        about = json.loads((work.folder / "predict.json").read_text())
        assert about["token_positions"] == least
        assert about["steps_together"] == 3


def test_a_step_that_fails_takes_no_other_along(bench: Bench) -> None:
    broken = [request(row, 0, "choice", [31, 32], 0) for row in range(6)]
    steps = [bench.step(CHOICE, broken), bench.step(CHOICE, choices()[:-3]), bench.step(CHOICE, choices())]
    first, second, third = predict.run_together(*zip(*steps, strict=True))
    assert isinstance(first, StepFailed)
    assert isinstance(second, StepFailed)
    assert isinstance(third, float)
    assert not (steps[0][2].folder / "predictions.parquet").exists()


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_the_precision_that_is_asked_for_is_used(bench: Bench, precision: str) -> None:
    bench.predict(CHOICE, choices(), precision=precision)
    assert bench.about["precision"] == precision


def many_choices() -> list[dict[str, Any]]:
    return [request(row, part, "choice", [*SHOTS, 8 + row // 2, 5, 30 + part], len(SHOTS) + 2) for row in range(80) for part in range(3)]


@pytest.mark.parametrize("fast", [True, False])
def test_automatic_precision_says_which_and_why(tmp_path: Path, folder: Path, fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompted_trial, "is_bfloat16_fast", lambda device: fast)
    bench = Bench(tmp_path, 80, folder)
    table = bench.predict(CHOICE, many_choices(), precision="auto")
    assert bench.about["precision"] in bench.about["precision_note"]
    if fast:
        assert "sampled answers" in bench.about["precision_note"]
    if bench.about["precision"] == "float32":
        exact = bench.predict(CHOICE, many_choices())
        assert np.abs(likelihoods(table) - likelihoods(exact)).max() < TOLERANCE


def likelihoods(table: Any) -> np.ndarray:
    return np.array(table.column("log_likelihoods").to_pylist())


def test_few_examples_are_not_worth_a_trial(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompted_trial, "is_bfloat16_fast", lambda device: True)
    bench.predict(CHOICE, choices(), precision="auto")
    assert bench.about["precision_note"] == "float32: fewer than 64 examples are not worth a trial of bfloat16"


def test_a_trial_in_bfloat16_that_agrees_is_gone_on_with(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompted_trial, "is_bfloat16_fast", lambda device: True)
    monkeypatch.setattr(prompted_trial, "judge", lambda *_: Verdict("bfloat16", "bfloat16 by decree"))
    bench = Bench(tmp_path, 80, folder)
    bench.predict(CHOICE, many_choices(), precision="auto")
    assert bench.about["precision"] == "bfloat16"


def test_an_encoder_decoder_model_writes_and_scores(tmp_path: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = T5Config(
            vocab_size=60, d_model=32, d_kv=8, d_ff=32, num_layers=2, num_heads=4, decoder_start_token_id=0, eos_token_id=2, pad_token_id=0
        )
        model = T5ForConditionalGeneration(config).eval()
    bench = Bench(tmp_path / "bench", 6, model_folder(tmp_path / "model", model))
    bench.as_form = "seq2seq"
    table = bench.predict(GENERATION, prompts(), decode=GREEDY).to_pydict()
    for row in range(6):
        made = model.generate(torch.tensor([text(row)]), max_new_tokens=8, do_sample=False)[0, 1:].tolist()
        assert table["generations"][row] == [words(made[: made.index(2)] if 2 in made else made)]
    scored = bench.predict(CHOICE, choices()).to_pydict()
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([text(0)]), decoder_input_ids=torch.tensor([[0]])).logits[0, 0].log_softmax(-1)
    assert scored["log_likelihoods"][0][0] == pytest.approx(float(logits[30]), abs=TOLERANCE)
    assert bench.about["engine"] == "plain"
