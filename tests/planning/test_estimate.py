"""Estimates: what goes in comes out in proportion, and what was measured is believed."""

from typing import Any

import pytest
from hand_made import memory_files, plan_of, small_blocks, steps_of
from memory_files import MemoryFiles

from benchc.compiler.estimate import ASSUMED_FLOPS_PER_SECOND, Measured, divide, estimate
from benchc.compiler.source import FileDigest


class CountedFiles(MemoryFiles):
    """Files of which the lines are counted, as they are on disk."""

    def digest(self, path: str) -> FileDigest:
        plain = MemoryFiles.digest(self, path)
        content = self.texts[path]
        return FileDigest(plain.sha256, plain.size_bytes, content.count("\n") if isinstance(content, str) else 0)


def counted_plan(**run: Any) -> Any:
    rows = "".join(f"some words of a review number {row},pos\n" for row in range(1000))
    files = memory_files(
        {"data/train.csv": rows, "data/test.csv": rows[: len(rows) // 2], "site/tiny/model/model.safetensors": b"0" * 4000}
    )
    blocks: Any = small_blocks()
    blocks["run"]["main"] |= run
    return plan_of(blocks, files=CountedFiles(files.texts, files.packages))


def test_rows_are_the_lines_of_the_files() -> None:
    plan = counted_plan()
    found = estimate(plan)
    assert found[steps_of(plan, "load")[0].key].examples == pytest.approx(1500, abs=2)


def test_training_costs_six_operations_a_parameter_and_token() -> None:
    plan = counted_plan(models=["mini"], seeds=[1])
    train = steps_of(plan, "train")[0]
    found = estimate(plan)[train.key]
    assert train.hints["parameters"] == 1000
    fixed = 2
    checked = 0  # the data have no dev split to select on
    assert found.seconds - fixed == pytest.approx((6 * 1000 * found.tokens + checked) / ASSUMED_FLOPS_PER_SECOND)
    assert found.disk_bytes == 4000


def test_measured_tokens_rows_and_speed_are_believed() -> None:
    plan = counted_plan(models=["mini"], seeds=[1])
    split, encode, train = (steps_of(plan, kind)[0] for kind in ("split", "encode", "train"))
    measured = Measured({split.key: {"train": 10, "test": 5}}, {encode.key: {"train": 70, "test": 30}}, 1e3)
    found = estimate(plan, measured)
    assert found[split.key].examples == 15
    assert found[encode.key].tokens == 100
    assert found[train.key].tokens == 70
    assert found[train.key].seconds == pytest.approx(2 + 6 * 1000 * 70 / 1e3)


def test_a_plan_holds_the_estimates_that_follow_from_it_alone() -> None:
    plan = counted_plan()
    hint: Any = steps_of(plan, "train")[0].hints["estimate"]
    assert hint.keys() == {"seconds", "memory_bytes", "disk_bytes", "examples", "tokens"}


@pytest.mark.parametrize(
    ("splits", "fold", "expected"),
    [
        (None, None, {"train": 100, "test": 50}),
        ({"call": "fractions", "from": "train", "train": 0.9, "dev": 0.1, "test": None}, None, {"train": 90, "dev": 10, "test": 50}),
        (None, {"count": 5}, {"train": 80, "test": 20, "dev": 0}),
    ],
)
def test_parts_are_divided_as_the_split_step_says(splits: Any, fold: Any, expected: dict[str, float]) -> None:
    assert divide({"train": 100, "test": 50}, {"splits": splits, "fold": fold}) == pytest.approx(expected)


def test_an_undivided_source_is_divided_whole() -> None:
    splits: Any = {"call": "fractions", "from": None, "train": 0.8, "dev": None, "test": 0.2}
    assert divide({"all": 100}, {"splits": splits, "fold": None}) == pytest.approx({"train": 80, "test": 20})


def tokens_with(model_files: dict[str, str], **model: Any) -> float:
    """Tokens of 1000 long rows, as an encoder with these files in its folder is estimated to read them."""
    rows = "".join(f"{'a word and ' * 1000},pos\n" for _ in range(1000))
    files = memory_files(
        {"data/train.csv": rows, "data/test.csv": "", **{f"site/tiny/model/{name}": text for name, text in model_files.items()}}
    )
    blocks: Any = small_blocks()
    blocks["run"]["main"] |= {"models": ["mini"], "seeds": [1]}
    blocks["model"]["mini"] |= model
    plan = plan_of(blocks, files=CountedFiles(files.texts, files.packages))
    return estimate(plan)[steps_of(plan, "encode")[0].key].tokens


def test_an_input_is_as_long_as_the_least_limit_that_a_model_names() -> None:
    positions = {"config.json": '{"max_position_embeddings": 1024}'}
    tokenizer = {"tokenizer_config.json": '{"model_max_length": 1000000000000000019884624838656}'}
    sentences = {"sentence_bert_config.json": '{"max_seq_length": 256}'}
    assert tokens_with({}) == 512 * 1000
    assert tokens_with(positions | tokenizer) == 1024 * 1000
    assert tokens_with(positions | tokenizer | sentences) == 256 * 1000
    assert tokens_with(positions | sentences, max_length=64) == 64 * 1000
    assert tokens_with(positions | sentences, max_length=4096) == 256 * 1000
    roberta = {"config.json": '{"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}'}
    assert tokens_with(roberta) == 512 * 1000
