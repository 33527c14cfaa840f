"""A data card counts what is there."""

import json
from typing import Any, cast

import pyarrow as pa
from data_steps import Data, fractions, label, labels, name, number, text

from benchc.runtime.data.card import data_card

FIELDS = {"text": text(), "kind": label(labels("a", "b")), "n": number(), "user": name("group")}


def test_a_card_counts_rows_classes_lengths_and_what_was_left_out(data: Data) -> None:
    lines = [f"{'x' * i},{'ab'[i % 2]},{i},u{i % 3}" for i in range(1, 11)]
    data.write("a.csv", "text,kind,n,user\n" + "\n".join(lines) + "\nlong,c,1,u1\n")
    loaded = data.load("csv", "a.csv", FIELDS, on_bad_row="skip")
    split = data.split(loaded, splits=fractions(train=0.8, test=0.2, stratify="kind"))
    card = cast(dict[str, Any], data_card(loaded.folder, split.folder, []))
    json.dumps(card, allow_nan=False)
    assert (card["skipped_count"], card["skipped"][0]["line"]) == (1, 12)
    assert card["files"][0]["name"] == "a.csv"
    assert len(card["files"][0]["sha256"]) == 64
    fields = {field["name"]: field for field in card["fields"]}
    assert fields["kind"]["classes"] == {"labels": ["a", "b"], "counts": {"train": [4, 4], "test": [1, 1]}, "left_out": 0}
    assert fields["text"]["characters"]["train"]["max"] + fields["text"]["characters"]["test"]["max"] >= 12
    assert fields["text"]["empty"] == {"train": 0, "test": 0}
    assert fields["n"]["values"]["train"]["mean"] == sum(split.members("train", "n")) / 8
    assert fields["user"]["distinct"]["train"] == 3


def test_a_card_tells_tokens_and_truncation_of_each_encoding(data: Data) -> None:
    loaded = data.load("inline", None, {"text": text()}, train=[{"text": "a"}, {"text": "b"}], test=[{"text": "c"}])
    split = data.split(loaded)
    folder = data.root / "encode"
    folder.mkdir()
    (folder / "encode.json").write_text(json.dumps({"max_length": 3, "truncated": {"train": 1}, "tokens": {"train": 4, "test": 2}}))
    table = pa.table({"row": [0, 1, 2], "split": ["train", "train", "test"], "input_ids": [[1], [1, 2, 3], [1, 2]]})
    with pa.ipc.new_file(folder / "tokens.arrow", table.schema) as writer:
        writer.write_table(table)
    card = cast(dict[str, Any], data_card(loaded.folder, split.folder, [folder]))
    assert card["tokens"][0]["lengths"]["train"] == {"min": 1, "q25": 1, "median": 1, "q75": 3, "q95": 3, "max": 3}
    assert card["tokens"][0]["truncated"] == {"train": 1}


def test_of_texts_read_apart_a_card_tells_the_lengths_of_the_longer_ones(data: Data) -> None:
    loaded = data.load("inline", None, {"a": text("a"), "b": text("b")}, test=[{"a": "c", "b": "d"}, {"a": "e", "b": "f"}])
    split = data.split(loaded)
    folder = data.root / "encode"
    folder.mkdir()
    (folder / "encode.json").write_text(json.dumps({"max_length": 3, "truncated": {"test": 0}, "tokens": {"test": 7}}))
    table = pa.table({"row": [0, 1], "split": ["test"] * 2, "input_ids_a": [[1], [1, 2, 3]], "input_ids_b": [[1, 2], [4]]})
    with pa.ipc.new_file(folder / "tokens.arrow", table.schema) as writer:
        writer.write_table(table)
    card = cast(dict[str, Any], data_card(loaded.folder, split.folder, [folder]))
    assert (card["tokens"][0]["lengths"]["test"]["min"], card["tokens"][0]["lengths"]["test"]["max"]) == (2, 3)
