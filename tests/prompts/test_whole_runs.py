"""Whole specs with a random causal model: each kind of task is planned, prompted, predicted, scored and shown."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_tokenizers import small_tokenizer

from benchc import api
from benchc.cli.plan import command as plan_command
from benchc.cli.show import command as show_command

SPEC = """
edition = "2026"
bench "prompted" { }
dataset exam {
  source = jsonl(train = "train.jsonl", test = "test.jsonl")
  fields {
    question = text(question)
    options = choices("choices[*]")
    answer = number(answer)
    sort = label([even, odd], sort)
    reply = text(reply)
  }
  take = 4
}
prompt ask { template = "Q: {question}\\n{options}\\nA:", choice = " {letter}" }
prompt sorted { template = "Text: {question}\\nSort:", target = " {sort}" }
prompt write { template = "{question}?" }
task quiz : multiple_choice {
  data = exam, input = question, choices = options, target = answer, prompt = ask, shots = similar(2)
  metrics = [accuracy, accuracy(normalize = unconditional), brier]
}
task kind : classification {
  data = exam, input = question, target = sort, prompt = sorted, shots = balanced(2), calibrate = contextual, metrics = [accuracy, mcc]
}
task reply : generation {
  data = exam, input = question, target = reply, prompt = write, shots = random(1, per = example), extract = first_line
  decode = greedy(max_new_tokens = 6), metrics = exact_match
}
task read : language_modeling { data = exam, input = reply, window = 16, stride = 8, metrics = [perplexity, bits_per_byte] }
model tiny { source = hf("./model"), as = causal_lm }
run main { tasks = [quiz, kind, reply, read], models = tiny }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("whole")
    tokenizer = small_tokenizer("ĠA", "ĠB", "Ġeven", "Ġodd")
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer.full),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
    )
    LlamaForCausalLM(config).save_pretrained(str(folder / "model"), safe_serialization=True)
    tokenizer.full.save_pretrained(str(folder / "model"))
    for name, start in (("train", 0), ("test", 100)):
        rows = [_row(start + number) for number in range(8)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "spec.bench").write_text(SPEC)
    return folder


def _row(number: int) -> dict[str, Any]:
    choices = [f"more than {number}", f"less than {number}", "the same"][: 2 + number % 2]  # two or three
    sort = "odd" if number % 2 else "even"
    return {"question": f"what of {number}", "choices": choices, "answer": number % 2, "sort": sort, "reply": f"it is {number} of these"}


COMMANDS = {"plan": plan_command, "show": show_command}


def command(name: str, *words: str) -> Any:
    done = CliRunner().invoke(COMMANDS[name], list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="module")
def finished(folder: Path) -> Path:
    results = api.run(folder / "spec.bench", folder / "out", cache=str(folder / "cache"), device="cpu")
    assert [cell["status"] for cell in results.cells] == ["ok"] * 4, [cell["error"] for cell in results.cells]
    return folder / "out"


def test_each_kind_of_task_is_scored(finished: Path) -> None:
    results = api.open_results(finished)
    metrics = {str(cell["task"]): list(cell["metrics"]) for cell in results.cells}  # type: ignore[call-overload]
    assert metrics == {
        "quiz": ["accuracy", "accuracy(normalize = unconditional)", "brier"],
        "kind": ["accuracy", "mcc"],
        "reply": ["exact_match"],
        "read": ["perplexity", "bits_per_byte"],
    }
    quiz = results.predictions("main.quiz.tiny[seed=0]").to_pylist()
    assert {len(row["log_likelihoods"]) for row in quiz} == {2, 3}
    assert all(row["unconditional"] is not None for row in quiz)


def test_prompts_are_printed_before_anything_runs(folder: Path, tmp_path: Path) -> None:
    done = command("plan", str(folder / "spec.bench"), "--prompts", "1", "--cache", str(tmp_path), "--format", "json")
    found = json.loads(done.stdout)
    assert [one["cells"] for one in found] == [["main.quiz.tiny[seed=0]"], ["main.kind.tiny[seed=0]"], ["main.reply.tiny[seed=0]"]]
    assert found[0]["text"].count("Q: ") == 3
    assert found[1]["text"].count("\nSort:") == 3
    assert (len(found[1]["shots"]), found[1]["continuations"]) == (2, [" even", " odd"])
    assert not list(tmp_path.glob("entries/*/*"))


def test_an_example_is_shown_with_its_prompt_tokens_and_scores(folder: Path, finished: Path) -> None:
    cell = "main.quiz.tiny[seed=0]"
    row = api.open_results(finished).predictions(cell).to_pylist()[0]
    shown = command("show", str(finished), "--cell", cell, "--example", row["id"][:8], "--cache", str(folder / "cache"), "--format", "json")
    value = json.loads(shown.stdout)
    assert value["example"] == row["id"]
    first = value["requests"][0]
    assert "".join(first["texts"][: first["scored_from"]]) == value["prompt"]["text"]
    assert first["texts"][first["scored_from"] :] == [" A"]
    assert value["answer"]["log_likelihoods"] == row["log_likelihoods"]
    text = command("show", str(finished), "--cell", cell, "--example", row["id"], "--cache", str(folder / "cache")).stdout
    assert f"choice 0: {row['log_likelihoods'][0]:.4f}" in text


def test_an_example_that_is_not_there_is_told(folder: Path, finished: Path) -> None:
    done = CliRunner().invoke(show_command, [str(finished), "--cell", "main.quiz.tiny[seed=0]", "--example", "nothing"])
    assert done.exit_code == 2
    assert "has no example `nothing`" in done.output


def test_without_its_store_an_example_is_shown_without_prompt(finished: Path, tmp_path: Path) -> None:
    row = api.open_results(finished).predictions("main.read.tiny[seed=0]").to_pylist()[0]
    shown = command("show", str(finished), "--cell", "main.read.tiny[seed=0]", "--example", row["id"], "--cache", str(tmp_path))
    assert "the store does not hold the prompts any more" in shown.stdout


def test_a_model_may_take_fewer_shots_when_prompts_are_too_long(folder: Path, finished: Path) -> None:
    text = (folder / "spec.bench").read_text().replace("as = causal_lm }", "as = causal_lm, max_length = 60 }")
    (folder / "short.bench").write_text(text.replace("tasks = [quiz, kind, reply, read]", "tasks = quiz"))
    done = command("plan", str(folder / "short.bench"), "--prompts", "2", "--cache", str(folder / "cache"), "--format", "json")
    found = json.loads(done.stdout)
    assert len(found) == 2
    assert all(one["tokens"] <= 60 and one["shots_dropped"] == 2 for one in found)


def test_every_cell_is_shown(finished: Path) -> None:
    assert "main.reply.tiny[seed=0]" in command("show", str(finished)).stdout
    heads = {"quiz": "wrong, the first", "kind": "wrong, the first", "reply": "written, the first 4", "read": "least likely, the first 4"}
    for task, head in heads.items():
        assert head in command("show", str(finished), "--cell", f"main.{task}.tiny[seed=0]").stdout


def test_the_results_hold_prompts_to_the_letter_and_what_was_left_out(folder: Path, finished: Path) -> None:
    results = api.open_results(finished)
    asked: dict[str, Any] = {one["task"]: one for one in results.value["prompts"]}  # type: ignore[union-attr, index, misc, call-overload]
    assert set(asked) == {"quiz", "kind", "reply", "read"}
    quiz = asked["quiz"]
    assert (quiz["rows"], quiz["shots_dropped"], quiz["truncated"], len(quiz["examples"])) == (4, 0, 0, 3)
    first = quiz["examples"][0]
    cell = "main.quiz.tiny[seed=0]"
    shown = command("show", str(finished), "--cell", cell, "--example", first["id"], "--cache", str(folder / "cache"), "--format", "json")
    value = json.loads(shown.stdout)
    assert (first["text"], first["shots"]) == (value["prompt"]["text"], value["prompt"]["shots"])
    assert first["tokens"] == max(one["scored_from"] for one in value["requests"] if one["role"] == "choice")
    assert first["continuations"] == [" A", " B", " C"][: len(first["continuations"])]
    assert quiz["prompt_tokens"] >= sum(one["tokens"] for one in quiz["examples"])
    assert (asked["read"]["window"], asked["read"]["stride"], asked["read"]["examples"]) == (16, 8, [])
    assert asked["read"]["documents_in_parts"] == 4  # each of these texts has more than 16 tokens


def test_the_results_hold_texts_with_the_place_of_their_answers(finished: Path) -> None:
    results = api.open_results(finished)
    examples: list[Any] = [one for one in results.value["examples"] if one["task"] == "reply"]  # type: ignore[union-attr, index, misc, call-overload]
    assert len(examples) == 4
    openings = {one["inputs"]["reply"] for one in results.value["examples"] if one["task"] == "read"}  # type: ignore[union-attr, index, misc, call-overload]
    assert len(openings) == 4
    assert all(re.fullmatch(r"it is 10\d of these", opening) for opening in openings)
    rows = {row["id"]: row for row in results.predictions("main.reply.tiny[seed=0]").to_pylist()}
    for example in examples:
        (answer,) = example["answers"]
        (sample,) = answer["samples"]
        row = rows[example["id"]]
        assert (sample["text"], sample["ended"], sample["answer"]) == (row["generations"][0], row["ended"][0], row["extracted"][0])
        if sample["answer"]:
            assert sample["text"][sample["start"] : sample["end"]] == sample["answer"]
        assert answer["score"]["value"] == float(row["prediction"] == row["target"])


def test_the_report_shows_each_kind_of_task(finished: Path) -> None:
    html = (finished / "report.html").read_text("utf-8")
    for section in ("choices", "texts", "documents", "prompts", "examples", "classes"):
        assert f'<section id="{section}"' in html
    assert "<mark>" in html
