"""The encode step of prompted tasks, from rows to requests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from small_data import FIELDS, LETTERS, NO_PROMPT, TASK, exam, loaded, skipped, work_in
from small_tokenizers import small_tokenizer

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.prompts.request_file import read_prompts
from benchc.runtime.steps import encode
from benchc.runtime.work import StepFailed

PROMPT = {**NO_PROMPT, "template": "Q: {question}\n{options}\nAnswer:", "choice": " {letter}"}
FIRST = {"call": "first", "count": 2}
GROUPS: Mapping[str, Json] = {"text": {"call": "text", "column": "text", "join": None, "strip": False}}
SORT: Mapping[str, Json] = {
    "kind": "classification",
    "inputs": ["text"],
    "target": "label",
    "group": None,
    "labels": None,
    "calibrate": {"call": "contextual", "inputs": ["N/A", ""]},
}
SORTED_FIELDS = {**GROUPS, "label": {"call": "label", "labels": LETTERS, "column": "label"}}


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tokenizer and a configuration, and no weights worth the name."""
    folder = tmp_path_factory.mktemp("model")
    small_tokenizer("ĠA", "ĠB", "ĠC").full.save_pretrained(str(folder))
    config = {"model_type": "llama", "max_position_embeddings": 4096, "hidden_size": 8, "num_attention_heads": 1, "num_hidden_layers": 1}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_bytes(b"")
    return folder


def encoded(
    folder: Path, model: Path, rows: Mapping[str, Sequence[Mapping[str, Json]]], fields: Mapping[str, Json] = FIELDS, **changes: Any
) -> tuple[list[dict[str, Any]], list[Any], dict[str, Any]]:
    """Requests, prompts and the summary of an encode step. `changes` to what is asked; `max_length` and `take` besides."""
    take, longest = changes.pop("take", None), changes.pop("max_length", None)
    load, split = loaded(folder / "data", rows, fields, take=take)
    _, whole = (load, split) if take is None else loaded(folder / "whole", rows, fields)
    asked = {
        "task": TASK,
        "split": "test",
        "prompt": PROMPT,
        "shots": None,
        "shots_from": "train",
        "seed": None,
        "truncate": "start",
        "unconditional": False,
        "new_tokens": 0,
        "window": None,
        "stride": None,
        **changes,
    }
    params = {"prompted": asked, "tokenizer": {"call": "hf", "files": {}}, "max_length": longest}
    step = Step("", "encode", 1, params, {}, {"location": str(model)})
    out = folder / "out"
    encode.run(step, {"rows": (load,), "split": (split,), "shots": (whole,)}, work_in(out))
    with pa.ipc.open_file(str(out / "requests.arrow")) as file:
        requests = file.read_all().to_pylist()
    return requests, list(read_prompts(out)), json.loads((out / "encode.json").read_text())


def test_each_choice_is_a_request_and_the_text_is_exact(tmp_path: Path, model: Path) -> None:
    requests, prompts, about = encoded(tmp_path, model, {"train": exam(3), "test": exam(2, 10)}, shots=FIRST)
    shot = "Q: question {0}\nA. one {0}\nB. two {0}\nC. three {0}\nAnswer:"
    expected = shot.format(0) + " A\n\n" + shot.format(1) + " B\n\n" + shot.format(10)
    assert prompts[0].text == expected
    assert [(one["part"], one["role"], one["bytes"]) for one in requests[:3]] == [(0, "choice", 1), (1, "choice", 1), (2, "choice", 1)]
    tokenizer = small_tokenizer("ĠA", "ĠB", "ĠC")
    assert tokenizer.full.decode(requests[1]["tokens"]) == expected + " B"
    assert requests[1]["scored_from"] == len(requests[1]["tokens"]) - 1
    assert (about["requests"], about["rows"], about["shots_dropped"], about["truncated"]) == (6, 2, 0, {"test": 0})


def test_requests_are_the_same_whatever_take_is(tmp_path: Path, model: Path) -> None:
    rows = {"train": exam(9), "test": exam(6, 20)}
    whole, prompts, _ = encoded(tmp_path / "a", model, rows, shots={"call": "random", "count": 3, "per": "example"}, seed=5)
    some, taken, _ = encoded(tmp_path / "b", model, rows, shots={"call": "random", "count": 3, "per": "example"}, seed=5, take=2)
    assert len(taken) == 2
    assert all(one in prompts for one in taken)
    assert all(one in whole for one in some)


def test_whole_shots_go_first_then_the_text_is_cut(tmp_path: Path, model: Path) -> None:
    rows = {"train": exam(4), "test": [{**exam(1, 10)[0], "question": "x" * 50 + "END"}]}
    for room, dropped, cut in ((400, 0, 0), (200, 1, 0), (110, 2, 0), (80, 2, 1)):
        requests, prompts, about = encoded(tmp_path / str(room), model, rows, shots=FIRST, max_length=room)
        assert max(len(one["tokens"]) for one in requests) <= room
        assert (prompts[0].shots_dropped, about["truncated"]["test"], prompts[0].truncated_tokens > 0) == (dropped, cut, cut > 0), room
        assert "END" in prompts[0].text
        assert prompts[0].text.endswith("Answer:")


@pytest.mark.parametrize(("truncate", "start", "end"), [("start", False, True), ("end", True, False), ("middle", True, True)])
def test_the_text_is_cut_where_the_task_says(tmp_path: Path, model: Path, truncate: str, start: bool, end: bool) -> None:
    rows = {"test": [{**exam(1, 10)[0], "question": "BEG" + "x" * 60 + "END"}]}
    _, prompts, _ = encoded(tmp_path, model, rows, max_length=90, truncate=truncate)
    assert ("BEG" in prompts[0].text, "END" in prompts[0].text) == (start, end)


def test_the_room_for_what_is_written_is_kept_free(tmp_path: Path, model: Path) -> None:
    task = {**TASK, "kind": "generation", "choices": None}
    prompt = {**NO_PROMPT, "template": "{question}:"}
    rows = {"test": [{**exam(1)[0], "question": "x" * 100}]}
    requests, prompts, _ = encoded(tmp_path, model, rows, task=task, prompt=prompt, max_length=100, new_tokens=40)
    assert [(one["role"], len(one["tokens"]) == one["scored_from"] <= 60) for one in requests] == [("prompt", True)]
    assert prompts[0].truncated_tokens == 41


def test_the_prompt_that_is_kept_is_what_is_left_when_even_the_template_is_cut(tmp_path: Path, model: Path) -> None:
    task = {**TASK, "kind": "generation", "choices": None}
    prompt = {**NO_PROMPT, "template": "so long a template {question}: END"}
    ((request,), (kept,), about) = encoded(
        tmp_path, model, {"test": [{**exam(1)[0], "question": "x"}]}, task=task, prompt=prompt, max_length=12
    )
    assert kept.text == small_tokenizer().full.decode(request["tokens"])
    assert kept.text.endswith("END")
    assert kept.tokens == request["scored_from"] == len(request["tokens"]) == about["prompt_tokens"] == 12
    assert about["truncated_tokens"] == kept.truncated_tokens > 0


def test_without_a_prompt_or_an_input_a_choice_stands_alone(tmp_path: Path, model: Path) -> None:
    requests, prompts, _ = encoded(tmp_path, model, {"test": exam(1)}, task={**TASK, "inputs": []}, prompt=None)
    tokenizer = small_tokenizer("ĠA", "ĠB", "ĠC")
    assert prompts[0].text == ""
    assert [tokenizer.full.decode(one["tokens"]) for one in requests] == ["<s>one 0", "<s>two 0", "<s>three 0"]
    assert {one["scored_from"] for one in requests} == {1}


def test_choices_without_question_are_asked_for_only_on_demand(tmp_path: Path, model: Path) -> None:
    plain, _, _ = encoded(tmp_path / "a", model, {"test": exam(1)})
    both, _, _ = encoded(tmp_path / "b", model, {"test": exam(1)}, unconditional=True)
    assert [one["role"] for one in plain] == ["choice"] * 3
    assert [one["role"] for one in both] == ["choice"] * 3 + ["unconditional"] * 3
    assert small_tokenizer("ĠA", "ĠB", "ĠC").full.decode(both[3]["tokens"]) == "<s>A"


def test_labels_are_scored_and_calibrated_once_for_all_rows(tmp_path: Path, model: Path) -> None:
    rows = {"train": [{"text": "old", "label": "B"}], "test": [{"text": "new", "label": "A"}, {"text": "newer", "label": "C"}]}
    prompt = {**NO_PROMPT, "template": "Text: {text}\nLabel:", "target": " {label}"}
    requests, prompts, _ = encoded(tmp_path, model, rows, SORTED_FIELDS, task=SORT, prompt=prompt, shots={"call": "first", "count": 1})
    assert prompts[0].text == "Text: old\nLabel: B\n\nText: new\nLabel:"
    assert [(one["row"] < 0, one["role"]) for one in requests] == [(True, "calibration")] * 6 + [(False, "label")] * 6
    tokenizer = small_tokenizer("ĠA", "ĠB", "ĠC")
    assert tokenizer.full.decode(requests[1]["tokens"]) == "Text: old\nLabel: B\n\nText: N/A\nLabel: B"
    assert tokenizer.full.decode(requests[5]["tokens"]) == "Text: old\nLabel: B\n\nText: \nLabel: C"
    assert [one["part"] for one in requests[:6]] == list(range(6))


def test_a_chat_has_shots_as_turns(tmp_path: Path, model: Path) -> None:
    prompt = {**PROMPT, "template": "{question}?", "chat": True, "system": "Be brief."}
    _, prompts, _ = encoded(tmp_path, model, {"train": exam(1), "test": exam(1, 10)}, prompt=prompt, shots={"call": "first", "count": 1})
    assert prompts[0].text == ("<s>system: Be brief.\n<s>user: question 0?\n<s>assistant: A\n<s>user: question 10?\n<s>assistant: ")


def test_a_text_is_read_in_windows(tmp_path: Path, model: Path) -> None:
    task = {"kind": "language_modeling", "inputs": ["text"], "target": None, "group": None, "labels": None}
    rows = {"test": [{"text": "abcdefghij"}, {"text": ""}]}
    requests, _, _ = encoded(tmp_path, model, rows, GROUPS, task=task, prompt=None, window=6, stride=4)
    assert [(len(one["tokens"]), one["scored_from"]) for one in requests] == [(6, 1), (6, 2), (3, 2), (1, 1)]
    assert sum(one["bytes"] for one in requests) == 10


def test_a_row_with_an_empty_choice_is_named_and_skipped_only_when_asked(tmp_path: Path) -> None:
    rows = [exam(1)[0], {**exam(1, 1)[0], "B": ""}, {**exam(1, 2)[0], "answer": "D"}]
    with pytest.raises(StepFailed, match="has a choice that is empty, the second"):
        loaded(tmp_path / "a", {"test": rows})
    load, _ = loaded(tmp_path / "b", {"test": rows}, on_bad_row="skip")
    assert [(row["line"], str(row["reason"])[:16]) for row in skipped(load)] == [(2, "choices `options"), (3, "label `answer` i")]


def test_an_answer_that_is_none_of_the_choices_is_named(tmp_path: Path, model: Path) -> None:
    fields = {**FIELDS, "answer": {"call": "number", "column": "answer", "min": None, "max": None}}
    rows = {"train": [{**exam(1)[0], "answer": 7}], "test": [{**exam(1)[0], "answer": 1}]}
    with pytest.raises(StepFailed, match=r"the answer `7\.0` is none of the row's choices"):
        encoded(tmp_path, model, rows, fields, shots={"call": "first", "count": 1}, prompt={**PROMPT, "template": "{question}"})


def test_a_choice_that_a_row_does_not_have_is_told(tmp_path: Path, model: Path) -> None:
    with pytest.raises(StepFailed, match="has 3 choices, and the prompt asks for"):
        encoded(tmp_path, model, {"test": exam(1)}, prompt={**PROMPT, "template": "{options[3]}"})
