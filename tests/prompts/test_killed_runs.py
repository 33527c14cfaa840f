"""A run of a language model, killed in the middle of its scoring or of its writing: the next one computes only what is missing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_tokenizers import small_tokenizer

from benchc import api
from benchc.runtime.partial import FILE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")

SPEC = """
edition = "2026"
bench "killed" { }
dataset exam {
  source = jsonl(test = "test.jsonl")
  fields { question = text(question), options = choices("choices[*]"), answer = number(answer), reply = text(reply) }
}
prompt ask { template = "Q: {question}\\n{options}\\nA:", choice = " {letter}" }
prompt write { template = "{question}?" }
task quiz : multiple_choice { data = exam, input = question, choices = options, target = answer, prompt = ask, metrics = accuracy }
task reply : generation {
  data = exam, input = question, target = reply, prompt = write, decode = greedy(max_new_tokens = 5), metrics = exact_match
}
model tiny { source = hf("./model"), as = causal_lm, precision = float32 }
run main { tasks = [quiz, reply], models = tiny }
"""

CHILD = """\
import sys
import benchc
from benchc.runtime import run_plan
run_plan.CHECKPOINT_SECONDS = 0.0
benchc.run(sys.argv[1], sys.argv[2], cache=sys.argv[3], device="cpu")
"""
ROWS, CHOICES = 240, 3
QUIZ, REPLY = "main.quiz.tiny[seed=0]", "main.reply.tiny[seed=0]"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("killed")
    tokenizer = small_tokenizer("ĠA", "ĠB", "ĠC")
    torch.manual_seed(1)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2, "max_position_embeddings": 512}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer.full), **shape, initializer_range=0.3)).save_pretrained(str(folder / "model"))
    tokenizer.full.save_pretrained(str(folder / "model"))
    rows = [
        {"question": f"{n} and what of it", "choices": [f"less than {n}", f"more than {n}", "all"], "answer": n % CHOICES, "reply": "none"}
        for n in range(ROWS)
    ]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "killed.bench").write_text(SPEC)
    return folder / "killed.bench"


@pytest.fixture(scope="module")
def alone(spec: Path) -> Any:
    """The run that nobody disturbs."""
    return api.run(spec, spec.parent / "alone", cache=str(spec.parent / "undisturbed"), device="cpu")


def kept(cache: Path) -> dict[str, Any]:
    """All partial results in a store, read without changing the files."""
    found: dict[str, Any] = {}
    for path in cache.glob(f"checkpoints/*/{FILE}"):
        for line in path.read_text().splitlines(keepends=True):
            if line.endswith("\n") and '"key"' in line:
                value = json.loads(line[9:])
                found[value["key"]] = value["result"]
    return found


def killed_when(ready: Callable[[dict[str, Any]], bool], spec: Path, cache: Path, out: Path) -> dict[str, Any]:
    """Starts a run and kills it when its partial results are ready. Returns them."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(spec), str(out), str(cache)])
    while not ready(kept(cache)):
        assert child.poll() is None, "the run ended before it was killed"
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    return kept(cache)


def scored(found: dict[str, Any]) -> list[Any]:
    return [result for result in found.values() if isinstance(result, list)]


def written(found: dict[str, Any]) -> list[Any]:
    return [result for result in found.values() if isinstance(result, dict)]


def test_a_run_killed_while_scoring_scores_only_what_is_missing(spec: Path, alone: Any, tmp_path: Path) -> None:
    left = scored(killed_when(lambda found: len(scored(found)) > 20, spec, tmp_path / "cache", tmp_path / "out"))
    assert 20 < len(left) < ROWS * CHOICES
    resumed = api.run(spec, tmp_path / "out", cache=str(tmp_path / "cache"), device="cpu")
    told: Any = resumed.cell(QUIZ)["prediction"]
    assert told["resumed_requests"] == len(left)
    assert told["token_positions"] < alone.cell(QUIZ)["prediction"]["token_positions"]
    assert any("interrupted" in note for note in told["notes"])
    found = [value for row in resumed.predictions(QUIZ).to_pylist() for value in row["log_likelihoods"]]
    assert {values[0] for values, _ in left} <= set(found)  # to the last bit
    expected = [value for row in alone.predictions(QUIZ).to_pylist() for value in row["log_likelihoods"]]
    assert found == pytest.approx(expected, abs=1e-4)
    assert [row["prediction"] for row in resumed.predictions(QUIZ).to_pylist()] == [
        row["prediction"] for row in alone.predictions(QUIZ).to_pylist()
    ]
    assert_events_and_nothing_left(tmp_path)


def test_a_run_killed_while_writing_writes_only_what_is_missing(spec: Path, alone: Any, tmp_path: Path) -> None:
    left = killed_when(lambda found: len(written(found)) > 20, spec, tmp_path / "cache", tmp_path / "out")
    assert len(scored(left)) == ROWS * CHOICES  # scores wait for the texts, but not in memory alone
    texts = len(written(left))
    assert 20 < texts < ROWS
    resumed = api.run(spec, tmp_path / "out", cache=str(tmp_path / "cache"), device="cpu")
    told: Any = resumed.cell(REPLY)["prediction"]
    assert told["resumed_requests"] == texts
    quiz: Any = resumed.cell(QUIZ)["prediction"]
    assert quiz["resumed_requests"] == ROWS * CHOICES
    assert quiz["token_positions"] == 0
    found, expected = (one.predictions(REPLY).to_pylist() for one in (resumed, alone))
    assert [row["generations"] for row in found] == [row["generations"] for row in expected]
    assert_events_and_nothing_left(tmp_path)


def assert_events_and_nothing_left(folder: Path) -> None:
    events = [json.loads(line) for line in (folder / "out" / "events.jsonl").read_text().splitlines()]
    assert any(event["event"] == "requests_resumed" for event in events)
    assert not list((folder / "cache" / "checkpoints").glob("*"))


def test_positions_are_told_of_scores_and_of_texts(alone: Any) -> None:
    for cell in (QUIZ, REPLY):
        told = alone.cell(cell)["prediction"]
        assert told["resumed_requests"] == 0
        assert told["least_token_positions"] <= told["token_positions"] <= told["unshared_token_positions"]
