"""A row that cannot be read is named by file and line, with its value; or it is skipped and counted."""

import json
from typing import Any

import pytest
from data_steps import Data, label, labels, name, number, text

from benchc.runtime.work import StepFailed

TEXT = {"text": text()}
KIND = {"kind": label(labels("HUM", "LOC", "NUM"))}


def failure(data: Data, *args: Any, **given: Any) -> StepFailed:
    with pytest.raises(StepFailed) as caught:
        data.load(*args, **given)
    return caught.value


@pytest.mark.parametrize(
    ("content", "fields", "reason"),
    [
        ("text,kind\na,HUM\n", KIND | {"n": number("text")}, "a.csv:2: number `n` is `a`, which is no number"),
        ("text,kind\na,HUMM\n", KIND, "a.csv:2: label `kind` is `HUMM`, which is no label; near: `HUM`"),
        ("text,kind\na,zzzzzz\n", KIND, "a.csv:2: label `kind` is `zzzzzz`, which is no label; known: `HUM`, `LOC`, `NUM`"),
        ("text,kind\na,\n", KIND, "a.csv:2: label `kind` is empty"),
        ('text,kind\n"a\nb\nc",HUM\nd,HUM,more\n', KIND, "a.csv:5: has 3 values, not 2"),
        ("text,kind\na\n", KIND, "a.csv:2: has 1 value, not 2"),
        ('text,kind\na,HUM\n"b,LOC\nc,NUM\n', KIND, "a.csv:3: a quote is opened here and never closed"),
        ('text,kind\n"a"b,HUM\n', KIND, "a.csv:2: a character stands right behind a closing quote"),
        ("text,kind\na\rb,HUM\n", KIND, "a.csv:2: a carriage return stands inside the row; lines end in LF or CRLF"),
        ("text,kind\na\0b,HUM\n", TEXT, "a.csv:2: text `text` cannot be read: a NUL stands at character 2"),
        ("text,kind\nnan,HUM\n", {"n": number("text")}, "a.csv:2: number `n` is `nan`, not a finite number"),
        ("text,kind\n1e999,HUM\n", {"n": number("text")}, "a.csv:2: number `n` is `1e999`, not a finite number"),
        ("text,kind\n ,HUM\n", {"n": number("text")}, "a.csv:2: number `n` is empty"),
        ("text,kind\n1_000,HUM\n", {"n": number("text")}, "a.csv:2: number `n` is `1_000`, which is no number"),
        ("text,kind\n6,HUM\n", {"n": number("text", min=1, max=5)}, "a.csv:2: number `n` is 6, more than 5"),
        ("text,kind\n0.5,HUM\n", {"n": number("text", min=1, max=5)}, "a.csv:2: number `n` is 0.5, less than 1"),
        ('text,kind\n"",HUM\n', {"g": name("group", "text")}, "a.csv:2: group `g` is empty"),
    ],
)
def test_bad_csv_rows(data: Data, content: str, fields: dict[str, Any], reason: str) -> None:
    data.write("a.csv", content)
    found = failure(data, "csv", "a.csv", fields)
    assert (found.code, found.message) == ("bad_row", f"a row cannot be read:\n{reason}")


def test_undecodable_bytes_are_named_with_their_line(data: Data) -> None:
    data.write("a.csv", b"text\nfine\n" + "café\n".encode("latin-1"))
    assert failure(data, "csv", "a.csv", TEXT).message.endswith(
        "a.csv:3: text `text` cannot be read: byte 0xe9 at character 4 is not utf-8"
    )
    data.write("a.jsonl", b'{"text": "fine"}\n{"text": "\xff"}\n')
    assert failure(data, "jsonl", "a.jsonl", TEXT).message.endswith("a.jsonl:2: byte 0xff at character 11 is not utf-8")
    data.write("a.txt", b"fine\n\xff\n")
    for source, given in (("lines", {"pattern": "(?P<text>.*)"}), ("text", {})):
        assert failure(data, source, "a.txt", TEXT, **given).message.endswith(
            "a.txt:2: text `text` cannot be read: byte 0xff at character 1 is not utf-8"
        )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("[1]", "is not a JSON object"),
        ('{"text": null}', "text `text` is missing"),
        ('{"other": 1}', "text `text` is missing"),
        ('{"text": NaN}', "text `text` is not a finite number"),
        ('{"text": {"a": 1}}', "text `text` is an object, not a text"),
        ('{"text": "\\ud800"}', "text `text` cannot be read: a lone surrogate at character 1 is not utf-8"),
        ('{"text": "a\\u0000"}', "text `text` cannot be read: a NUL stands at character 2"),
        ('{"text": ' + "[" * 100_000 + "}", "is nested too deeply"),
        ('{"text": ' + "1" * 5000 + "}", "is not JSON that can be read"),
    ],
)
def test_bad_json_rows(data: Data, line: str, reason: str) -> None:
    data.write("a.jsonl", f'{{"text": "fine"}}\n\n{line}\n')
    assert f"a.jsonl:3: {reason}" in failure(data, "jsonl", "a.jsonl", TEXT).message


@pytest.mark.parametrize(
    ("value", "reason"),
    [(True, "is true, not a number"), ("x", "is `x`, which is no number"), ([1], "is `[1]`, which is no number"), (None, "is missing")],
)
def test_json_values_that_are_no_numbers(data: Data, value: object, reason: str) -> None:
    data.write("a.jsonl", '{"n": 1}\n' + json.dumps({"n": value}) + "\n")
    assert failure(data, "jsonl", "a.jsonl", {"n": number()}).message.endswith(f"a.jsonl:2: number `n` {reason}")


def test_whole_numbers_too_large_for_a_float_are_not_finite(data: Data) -> None:
    data.write("a.jsonl", '{"n": 1' + "0" * 400 + "}\n")
    assert "not a finite number" in failure(data, "jsonl", "a.jsonl", {"n": number()}).message


def test_a_line_that_does_not_fit_the_pattern(data: Data) -> None:
    data.write("a.txt", "HUM:ind Who ?\nwhat is this\nLOC:city Wh\rere ?\n")
    found = failure(data, "lines", "a.txt", TEXT, pattern="(?P<kind>[A-Z]+):\\S+ (?P<text>.*)")
    assert "a.txt:2: does not fit the pattern: `what is this`" in found.message
    assert "a.txt:3: a carriage return stands inside the line" in found.message


def test_a_carriage_return_alone_ends_no_line(data: Data) -> None:
    data.write("old", "a\rb\rc\n")
    data.write("new", "a\n")
    for source, where in (("text", "old"), ("parallel", {"all": {"x": "new", "text": "old"}})):
        assert "old:1: a carriage return stands inside the line" in failure(data, source, where, TEXT).message


def test_twenty_bad_rows_are_reported_at_once_in_reading_order(data: Data) -> None:
    rows = ["HUM", "x"] * 30
    data.write("a.csv", "kind\n" + "\n".join(rows) + "\nHUM,LOC\n")
    lines = failure(data, "csv", "a.csv", KIND).message.splitlines()
    assert lines[0] == "20 rows or more cannot be read, among them:"
    assert [int(line.split(":")[1]) for line in lines[1:]] == [*range(3, 41, 2), 62]


def test_a_broken_row_is_named_once_with_its_first_fault(data: Data) -> None:
    data.write("a.csv", "n,kind\nx,y\n")
    assert failure(data, "csv", "a.csv", KIND | {"n": number()}).message == (
        "a row cannot be read:\na.csv:2: label `kind` is `y`, which is no label; known: `HUM`, `LOC`, `NUM`"
    )


def test_skipped_rows_are_counted_and_the_first_thousand_named(data: Data) -> None:
    data.write("a.csv", "kind,n\n" + "HUM,1\nHUMM,1\nHUM,x\nHUM\n" * 400)
    loaded = data.load("csv", "a.csv", KIND | {"n": number()}, on_bad_row="skip")
    assert loaded.summary["rows"] == {"all": 400}
    assert (loaded.summary["skipped_count"], len(loaded.summary["skipped"])) == (1200, 1000)
    assert loaded.column("_line")[:3] == [2, 6, 10]
    assert {"file": "a.csv", "line": 3, "reason": "label `kind` is `HUMM`, which is no label; near: `HUM`"} in loaded.summary["skipped"]


def test_skipping_all_rows_is_an_error(data: Data) -> None:
    data.write("a.csv", "kind\nx\ny\n")
    found = failure(data, "csv", "a.csv", KIND, on_bad_row="skip")
    assert (found.code, found.message.startswith("there are no rows in `all`; 2 were skipped, the first: a.csv:2:")) == ("no_rows", True)


def test_raw_values_of_labels(data: Data) -> None:
    data.write("a.csv", "y\n0\n1\ntwo\n2\n")
    loaded = data.load("csv", "a.csv", {"y": label(labels(a="0", b=["1", 2, "two"]))})
    assert loaded.column("y") == ["a", "b", "b", "b"]
    assert loaded.summary["labels"] == {"y": ["a", "b"]}


def test_labels_from_data_are_sorted_behind_the_first(data: Data) -> None:
    data.write("a.csv", "y\nc\nother\na\nc\nb\n")
    loaded = data.load("csv", "a.csv", {"y": label({"from_data": ["other"]})})
    assert loaded.column("y") == ["c", "other", "a", "c", "b"]
    assert loaded.summary["labels"] == {"y": ["other", "a", "b", "c"]}


def test_duplicate_ids_are_an_error_that_names_them(data: Data) -> None:
    data.write("a.csv", "id\n1\n2\n1\n")
    data.write("b.csv", "id\n2\n3\n")
    found = failure(data, "csv", ["a.csv", "b.csv"], {"id": name("id")})
    assert (found.code, found.message) == (
        "duplicate_id",
        "2 ids stand there twice, in `id`:\na.csv:4: `1` stands above already\nb.csv:2: `2` stands above already",
    )


def test_the_same_id_may_stand_in_two_splits(data: Data) -> None:
    data.write("a.csv", "id\n1\n2\n")
    assert data.load("csv", {"train": "a.csv", "test": "a.csv"}, {"id": name("id")}).column("_id") == ["1", "2", "1", "2"]
