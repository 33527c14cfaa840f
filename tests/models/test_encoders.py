"""Encoders: padding, batches and kills change nothing; folders that cannot be used are named."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from chain import SCRATCH, Chain, about, block, call, scores, table
from torch import Tensor, nn
from transformers import AutoModel, BertConfig, BertModel

from benchc.runtime.device import Device
from benchc.runtime.models import batches
from benchc.runtime.models.backbones import load_backbone
from benchc.runtime.models.batches import prediction_batches
from benchc.runtime.models.encoder import pool
from benchc.runtime.models.forward import compute
from benchc.runtime.models.model_files import check_model_folder
from benchc.runtime.models.tokens import TokenBatch, TokenTable, pad, read_tokens
from benchc.runtime.work import Progress, StepFailed

CPU = Device("cpu", "float32")
LABELS = ["night", "day"]
SENTENCE = "the sun rises over a quiet green valley while birds sing and rivers run down to the wide blue sea"
WORDS = SENTENCE.split()
ROWS = [
    {
        "text": " ".join(WORDS[number % 7 : number % 7 + 1 + number % 11]),
        "other": " ".join(WORDS[number % 5 :]),
        "target": LABELS[number % 2],
    }
    for number in range(40)
]
TUNE = {"epochs": 2, "batch_size": 8, "optimizer": {"call": "adamw", "lr": 0.01}}


def chain(folder: Path, *inputs: str, kind: str = "classification", rows: Any = ROWS) -> Chain:
    fields = {"text": "text", "other": "text", "target": LABELS if kind == "classification" else "number"}
    return Chain(folder, kind, inputs or ("text",), fields).load(train=rows, dev=rows[:10], test=rows[5:30])


def numbers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "target": 1 + index % 5} for index, row in enumerate(rows)]


def tiny_folder(folder: Path, **config: Any) -> Path:
    torch.manual_seed(0)
    shape = {"vocab_size": 90, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(**{**shape, **config})).save_pretrained(str(folder))
    return folder


# what a model answers


@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("inputs", [("text",), ("text", "other")])
def test_an_encoder_from_nothing_is_trained_kept_and_predicts(tmp_path: Path, kind: str, inputs: tuple[str, ...]) -> None:
    cell = chain(tmp_path, *inputs, kind=kind, rows=ROWS if kind == "classification" else numbers(ROWS))
    encoded = cell.encode(SCRATCH)
    fitted = cell.train(SCRATCH, TUNE, encoded)
    predicted = table(cell.predict(fitted, encoded))
    assert len(predicted) == 25
    assert about(fitted, "train.json")["steps"] == 10
    assert json.loads((fitted / "curve.jsonl").read_text().splitlines()[-1])["split"] == "dev"
    names = {"id", "split", "target", "prediction", "loss"}
    assert set(predicted.column_names) == names | ({"scores", "correct"} if kind == "classification" else set())


def test_the_loss_is_the_negative_log_probability_of_the_target(tmp_path: Path) -> None:
    cell = chain(tmp_path)
    encoded = cell.encode(SCRATCH)
    predicted = table(cell.predict(cell.train(SCRATCH, TUNE, encoded), encoded))
    for target, of_row, loss in zip(*(predicted.column(name).to_pylist() for name in ("target", "scores", "loss")), strict=True):
        assert loss == pytest.approx(-np.log(of_row[LABELS.index(target)]), rel=1e-5)


@pytest.mark.parametrize("head", [{"call": "linear"}, {"call": "mlp", "width": 5}])
@pytest.mark.parametrize("pooling", ["cls", "mean", "max"])
def test_a_model_read_back_predicts_as_it_was_trained(tmp_path: Path, head: dict[str, Any], pooling: str) -> None:
    cell = chain(tmp_path)
    encoded = cell.encode(SCRATCH)
    fitted = cell.train(SCRATCH, {**TUNE, "epochs": 1}, encoded, head=head, pooling=pooling)
    np.testing.assert_array_equal(scores(cell.predict(fitted, encoded)), scores(cell.predict(fitted, encoded)))
    dev_loss = [json.loads(line) for line in (fitted / "curve.jsonl").read_text().splitlines()][-2]
    assert (dev_loss["split"], dev_loss["name"]) == ("dev", "loss")
    mean = np.mean(table(cell.predict(fitted, encoded, on="dev")).column("loss").to_numpy())
    assert dev_loss["value"] == pytest.approx(mean, rel=1e-5)


def test_a_similarity_is_a_cosine_and_can_be_trained(tmp_path: Path) -> None:
    cell = chain(tmp_path, "text", "other", kind="similarity", rows=numbers(ROWS))
    encoded = cell.encode(SCRATCH)
    fitted = cell.train(SCRATCH, TUNE, encoded)
    values = table(cell.predict(fitted, encoded)).column("prediction").to_numpy()
    assert (np.abs(values) <= 1).all()
    assert len(np.unique(values)) > 5


def test_an_encoder_without_training_does_only_similarity(tmp_path: Path) -> None:
    cell = chain(tmp_path)
    with pytest.raises(StepFailed) as failed:
        cell.predict(None, cell.encode(SCRATCH), block("model", source=SCRATCH))
    assert failed.value.code == "train_missing"


def test_the_vocabulary_is_the_same_each_time(tmp_path: Path) -> None:
    for tokenizer in ("wordpiece", "characters"):
        source = {"call": "scratch", "architecture": {**SCRATCH["architecture"], "tokenizer": tokenizer}}  # type: ignore[dict-item]
        made = {
            (chain(tmp_path / f"{tokenizer}-{number}").encode(source) / "tokenizer" / "tokenizer.json").read_bytes() for number in range(4)
        }
        assert len(made) == 1


def test_inputs_are_cut_and_counted(tmp_path: Path) -> None:
    encoded = chain(tmp_path).encode(SCRATCH, max_length=6)
    counts = about(encoded, "encode.json")
    assert counts["max_length"] == 6
    lengths = read_tokens(encoded, "train").lengths
    assert lengths.max() == 6
    assert counts["tokens"]["train"] == lengths.sum()
    assert counts["truncated"]["train"] == (read_tokens(chain(tmp_path / "whole").encode(SCRATCH), "train").lengths > 6).sum()


def test_a_killed_training_ends_with_the_same_scores(tmp_path: Path) -> None:
    cell = chain(tmp_path)
    encoded = cell.encode(SCRATCH)
    settings = {**TUNE, "select": {"call": "best", "metric": call("metric", "accuracy")}}
    whole = cell.train(SCRATCH, settings, encoded)
    (tmp_path / "kept").mkdir()
    cell.checkpoint_seconds = 0.0

    class KilledError(Exception):
        pass

    def kill(progress: Progress) -> None:
        if progress.done == 7:
            raise KilledError

    cell.progress = kill  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        cell.train(SCRATCH, settings, encoded, checkpoint=tmp_path / "kept")
    cell.progress = lambda progress: None  # type: ignore[method-assign]
    resumed = cell.train(SCRATCH, settings, encoded, checkpoint=tmp_path / "kept")
    assert any(event["event"] == "training_resumed" for event in cell.events)
    np.testing.assert_array_equal(scores(cell.predict(resumed, encoded)), scores(cell.predict(whole, encoded)))
    assert (whole / "encoder" / "model.safetensors").read_bytes() == (resumed / "encoder" / "model.safetensors").read_bytes()


# batches


def random_table(rows: int = 30) -> TokenTable:
    generator = np.random.default_rng(0)
    lengths = generator.integers(1, 20, rows)
    offsets = np.concatenate([[0], lengths.cumsum()])
    return TokenTable(generator.integers(1, 90, offsets[-1]).astype(np.int32), offsets, None)


def test_padding_and_batch_size_change_no_score_beyond_rounding(tmp_path: Path) -> None:
    backbone = load_backbone(tiny_folder(tmp_path))
    from benchc.runtime.models.encoder import Encoder

    encoder = Encoder(backbone.module, backbone.width, "mean", False).eval()
    whole = compute(encoder, random_table(), 0, CPU).values
    for budget in (1, 40, 10_000):
        np.testing.assert_allclose(compute(encoder, random_table(), 0, Device("cpu", "float32", budget)).values, whole, atol=1e-5)


class Length(nn.Module):
    """Answers each text's sum of ids; runs out of memory above so many texts."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.sizes = most, list[int]()

    def forward(self, batch: TokenBatch) -> Tensor:
        if len(batch.ids) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.sizes.append(len(batch.ids))
        return batch.ids.sum(dim=1, keepdim=True).float()


def test_batches_are_halved_until_they_fit_and_counted() -> None:
    table, module = random_table(), Length(most=3)
    outputs = compute(module, table, 0, CPU)
    assert outputs.values[:, 0].tolist() == [table.ids[table.offsets[row] : table.offsets[row + 1]].sum() for row in range(len(table))]
    assert outputs.halvings > 0
    assert max(module.sizes) <= 3


def test_one_text_that_does_not_fit_is_named() -> None:
    with pytest.raises(StepFailed, match="tokens does not fit the memory of cpu"):
        compute(Length(most=0), random_table(), 0, CPU)


def test_equal_texts_are_computed_once() -> None:
    module = Length(most=100)
    twice = TokenTable(np.asarray([4, 5, 4, 5, 6], np.int32), np.asarray([0, 2, 4, 5]), None)
    assert compute(module, twice, 0, CPU).values.tolist() == [[9], [9], [6]]
    assert sum(module.sizes) == 2


def test_prediction_batches_hold_each_row_once_within_the_budget() -> None:
    lengths = np.random.default_rng(1).integers(1, 300, 500)
    made = list(prediction_batches(lengths, 512))
    assert sorted(np.concatenate(made)) == list(range(500))
    assert all(len(batch) * lengths[batch].max() <= 512 for batch in made)


def test_a_batch_of_equal_lengths_has_no_mask() -> None:
    table = TokenTable(np.arange(6, dtype=np.int32), np.asarray([0, 2, 4, 5, 6]), None)
    assert pad(table, np.asarray([0, 1]), 0).mask is None
    mixed = pad(table, np.asarray([1, 2]), 9)
    assert mixed.ids.tolist() == [[2, 3], [4, 9]]
    assert mixed.mask is not None
    assert mixed.mask.tolist() == [[True, True], [True, False]]


def test_pooling_leaves_padding_out() -> None:
    hidden = torch.tensor([[[1.0, 5.0], [3.0, -2.0], [100.0, 100.0]]])
    mask = torch.tensor([[True, True, False]])
    assert pool(hidden, mask, "cls").tolist() == [[1, 5]]
    assert pool(hidden, mask, "mean").tolist() == [[2, 1.5]]
    assert pool(hidden, mask, "max").tolist() == [[3, 5]]
    assert torch.equal(pool(hidden[:, :2], None, "mean"), pool(hidden, mask, "mean"))
    assert torch.equal(pool(hidden[:, :2], None, "max"), pool(hidden, mask, "max"))


# folders that cannot be used


def failure(folder: Path) -> StepFailed:
    def use() -> None:
        check_model_folder(folder)
        load_backbone(folder)

    with pytest.raises(StepFailed) as failed:
        use()
    return failed.value


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert failure(tmp_path / "nowhere").code == "model_missing"


def test_a_folder_without_weights(tmp_path: Path) -> None:
    (tiny_folder(tmp_path) / "model.safetensors").unlink()
    assert failure(tmp_path).code == "weights_missing"


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tiny_folder(tmp_path) / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    assert failure(tmp_path).code == "weights_not_safe"


def test_weights_that_are_cut_short(tmp_path: Path) -> None:
    path = tiny_folder(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-50])
    assert failure(tmp_path).code == "weights_broken"


def test_weights_of_a_smaller_model(tmp_path: Path) -> None:
    small, large = tiny_folder(tmp_path / "small"), tiny_folder(tmp_path / "large", num_hidden_layers=2)
    shutil.copy(small / "model.safetensors", large / "model.safetensors")
    assert failure(large).code == "weights_incomplete"


@pytest.mark.parametrize(
    ("config", "said"),
    [("{", "cannot be read"), ("{}", "no `model_type`"), ('{"model_type": "zeppelin"}', "zeppelin"), ("[]", "no `model_type`")],
)
def test_a_broken_or_unknown_configuration(tmp_path: Path, config: str, said: str) -> None:
    (tiny_folder(tmp_path) / "config.json").write_text(config)
    failed = failure(tmp_path)
    assert failed.code == "model_config"
    assert said in failed.message


def test_remote_code_is_refused(tmp_path: Path) -> None:
    cell = chain(tmp_path)
    with pytest.raises(StepFailed) as failed:
        cell.encode({"call": "hf", "id": "./x", "trust_remote_code": True})
    assert failed.value.code == "remote_code"


def test_loading_keeps_the_weights_and_torchs_generator(tmp_path: Path) -> None:
    tiny_folder(tmp_path)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    backbone = load_backbone(tmp_path)
    assert torch.equal(torch.rand(1), expected)
    plain = AutoModel.from_pretrained(str(tmp_path)).state_dict()
    assert backbone.pooling == "cls"
    assert all(torch.equal(tensor, plain[name]) for name, tensor in backbone.module.state_dict().items())


def test_select_needs_its_split(tmp_path: Path) -> None:
    cell = Chain(tmp_path, "classification", ("text",), {"text": "text", "target": LABELS}).load(train=ROWS, test=ROWS)
    encoded = cell.encode(SCRATCH)
    with pytest.raises(StepFailed, match="rows in dev") as failed:
        cell.train(SCRATCH, {**TUNE, "select": {"call": "best", "metric": call("metric", "accuracy")}}, encoded)
    assert failed.value.code == "split_missing"


@pytest.mark.parametrize(
    ("kind", "columns"), [("regression", {"input_ids", "token_type_ids"}), ("similarity", {"input_ids_a", "input_ids_b"})]
)
def test_a_pair_is_kept_as_the_task_reads_it_and_no_other_way(kind: str, columns: set[str], tmp_path: Path) -> None:
    rows = [{"a": "one two", "b": "three", "target": 1.0}] * 2
    cell = Chain(tmp_path, kind, ["a", "b"], {"a": "text", "b": "text", "target": "number"}).load(train=rows, test=rows)
    with pa.memory_map(str(cell.encode(SCRATCH) / "tokens.arrow")) as source:
        assert set(pa.ipc.open_file(source).schema.names) == {"row", "split"} | columns


def test_tokens_are_read_a_split_at_a_time(tmp_path: Path) -> None:
    encoded = chain(tmp_path).encode(SCRATCH)
    with pa.memory_map(str(encoded / "tokens.arrow")) as source:
        whole = pa.ipc.open_file(source).read_all().to_pylist()
    for split in ("train", "dev", "test"):
        rows = [row["input_ids"] for row in whole if row["split"] == split]
        table = read_tokens(encoded, split)
        assert [table.ids[table.offsets[at] : table.offsets[at + 1]].tolist() for at in range(len(table))] == rows


def test_budgets_stand_for_every_device() -> None:
    from benchc.runtime.device import KINDS

    assert set(batches.BUDGETS) == set(KINDS)
