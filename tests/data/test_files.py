"""A file that cannot be used fails with its name and what is wrong with it; sizes do not matter."""

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_steps import Data, call, label, labels, text

from benchc.runtime.data.batch import DataFile
from benchc.runtime.data.openfile import verify_digest
from benchc.runtime.work import StepFailed, Work

TEXT = {"text": text()}
TEXT_SOURCES: list[tuple[str, dict[str, str]]] = [
    ("csv", {}),
    ("tsv", {}),
    ("jsonl", {}),
    ("lines", {"pattern": "(?P<text>.*)"}),
    ("text", {}),
]
ALL_SOURCES = [*TEXT_SOURCES, ("parquet", {}), ("arrow", {}), ("parallel", {})]


def failure(data: Data, *args: Any, **given: Any) -> StepFailed:
    with pytest.raises(StepFailed) as caught:
        data.load(*args, **given)
    return caught.value


def where(source: str, path: str) -> Any:
    return {"all": {"text": path}} if source == "parallel" else path


@pytest.mark.parametrize(("source", "given"), ALL_SOURCES)
def test_missing_file_directory_and_empty_file(data: Data, source: str, given: dict[str, str]) -> None:
    (data.root / "folder").mkdir()
    data.write("empty", b"")
    for path, code, message in (
        ("absent", "missing_file", "`absent` does not exist"),
        ("folder", "not_a_file", "`folder` is a directory"),
        ("empty", "empty_file", "`empty` is empty"),
    ):
        found = failure(data, source, where(source, path), TEXT, **given)
        assert (found.code, found.message) == (code, message)


def test_a_file_that_may_not_be_read(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    data.write("a.csv", "text\none\n")

    def refuse(path: Path, mode: str) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)
    found = failure(data, "csv", "a.csv", TEXT)
    assert (found.code, found.message) == ("unreadable_file", "`a.csv` may not be read")


@pytest.mark.parametrize(("source", "given"), TEXT_SOURCES)
def test_a_byte_order_mark_is_dropped(data: Data, source: str, given: dict[str, str]) -> None:
    content = '{"text": "one"}\n' if source == "jsonl" else "text\none\n" if source in ("csv", "tsv") else "one\n"
    data.write("a", b"\xef\xbb\xbf" + content.encode())
    assert data.load(source, "a", TEXT, **given).column("text") == ["one"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_in_utf_16_read_as_utf_8(data: Data, encoding: str) -> None:
    data.write("a.csv", "text\none\n".encode(encoding))
    found = failure(data, "csv", "a.csv", TEXT)
    assert (found.code, found.help) == ("wrong_encoding", f'write `encoding = "{encoding}"`')


def test_half_a_character_of_utf_16(data: Data) -> None:
    data.write("a.csv", "text\none\n".encode("utf-16") + b"x")
    assert failure(data, "csv", "a.csv", TEXT, encoding="utf-16").code == "wrong_encoding"


@pytest.mark.parametrize(("encoding", "near"), [("latin1x", "`latin-1`"), ("uft-8", "`utf-8`")])
def test_unknown_encodings(data: Data, encoding: str, near: str) -> None:
    data.write("a.csv", "text\none\n")
    found = failure(data, "csv", "a.csv", TEXT, encoding=encoding)
    assert (found.code, f"near: {near}" in found.message) == ("unknown_encoding", True)


def test_codecs_that_are_no_character_encodings(data: Data) -> None:
    data.write("a.csv", "text\none\n")
    assert failure(data, "csv", "a.csv", TEXT, encoding="base64").code == "unknown_encoding"


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("a.csv.gz", b"text\none\n", "damaged_file"),
        ("a.csv.gz", gzip.compress(b"text\none\n" * 1000)[:-20], "damaged_file"),
        ("a.csv.zst", b"text\none\n", "damaged_file"),
        ("a.csv.zst", pa.compress(b"text\none\n" * 1000, codec="zstd", asbytes=True)[:20], "damaged_file"),
        ("a.csv", gzip.compress(b"text\none\n"), "compressed_file"),
        ("a.csv.gz", gzip.compress(b""), "empty_file"),
    ],
)
def test_damaged_and_misnamed_compressed_files(data: Data, path: str, content: bytes, code: str) -> None:
    data.write(path, content)
    found = failure(data, "csv", path, TEXT)
    assert (found.code, f"`{path}`" in found.message) == (code, True)


@pytest.mark.parametrize("source", ["parquet", "arrow"])
def test_files_that_are_no_tables(data: Data, source: str) -> None:
    data.write("a", b"this is not a table at all")
    assert failure(data, source, "a", TEXT).code == "damaged_file"


@pytest.mark.parametrize(
    ("source", "content", "listed"),
    [
        ("csv", b"texts,label\na,b\n", "`texts`, `label`"),
        ("jsonl", b'{"texts": "a", "label": 1}\n', "`texts`, `label`"),
    ],
)
def test_a_missing_column_with_near_names(data: Data, source: str, content: bytes, listed: str) -> None:
    data.write("a", content)
    found = failure(data, source, "a", TEXT)
    assert (found.code, found.message, found.help) == (
        "missing_column",
        "`a` has no column `text`; near: `texts`",
        f"its columns are {listed}",
    )


def test_a_missing_column_of_the_other_sources(data: Data) -> None:
    pq.write_table(pa.table({"texts": ["a"]}), data.root / "a.parquet")
    data.write("a.txt", "one\n")
    assert "`a.parquet` has no column `text`; near: `texts`" in failure(data, "parquet", "a.parquet", TEXT).message
    assert "the pattern has no column `text`; near: `texts`" in failure(data, "lines", "a.txt", TEXT, pattern="(?P<texts>.*)").message
    assert "no column `txt`; near: `text`" in failure(data, "text", "a.txt", {"text": text("txt")}).message
    assert "no column `text`; near: `texts`" in failure(data, "parallel", {"all": {"texts": "a.txt"}}, TEXT).message
    assert "no column `text`; near: `texts`" in failure(data, "inline", None, TEXT, all=[{"texts": "a"}]).message
    assert "no column `petal`" in failure(data, "sklearn", None, {"x": text("petal")}, name="iris").message


def test_headers(data: Data) -> None:
    data.write("a.csv", "text,text\na,b\n")
    assert failure(data, "csv", "a.csv", TEXT).code == "duplicate_column"
    data.write("b.csv", "\n\n")
    assert failure(data, "csv", "b.csv", TEXT).code == "empty_file"
    data.write("c.csv", "text\n")
    assert failure(data, "csv", "c.csv", TEXT).message == "there are no rows in `all`"
    data.write("d.csv", '"text\n')
    assert failure(data, "csv", "d.csv", TEXT).code == "wrong_header"
    data.write("e.csv", "text\na\n")
    assert failure(data, "csv", "e.csv", TEXT, columns=["text"]).code == "columns_twice"
    assert failure(data, "csv", "e.csv", TEXT, header="none").code == "no_columns"


@pytest.mark.parametrize("source", ["csv", "tsv", "jsonl", "lines", "text", "parallel"])
def test_texts_of_a_million_characters(data: Data, source: str) -> None:
    long = "né " * 333_334
    content = f'{{"text": "{long}"}}\n' if source == "jsonl" else f"text\n{long}\n" if source in ("csv", "tsv") else f"{long}\n"
    data.write("a", content)
    given = {"pattern": "(?P<text>.*)"} if source == "lines" else {}
    assert data.load(source, where(source, "a"), TEXT, **given).column("text") == [long]


def test_a_file_that_changed_after_the_plan(data: Data) -> None:
    data.write("a.csv", "text\none\n")
    planned = hashlib.sha256((data.root / "a.csv").read_bytes()).hexdigest()
    data.write("a.csv", "text\ntwo\n")
    with pytest.raises(StepFailed, match=r"`a\.csv` changed after the plan was made"):
        verify_digest(DataFile(0, "a.csv", data.root / "a.csv"), planned)


def test_a_dataset_without_fields(data: Data) -> None:
    data.write("a.csv", "text\none\n")
    assert failure(data, "csv", "a.csv", {}).code == "no_fields"


def test_a_pattern_that_is_none(data: Data) -> None:
    data.write("a.txt", "one\n")
    assert failure(data, "lines", "a.txt", TEXT, pattern="(").code == "wrong_pattern"


def test_a_package_call_says_what_its_files_lack(data: Data) -> None:
    data.write("a.csv", "text,y\none,b\n")
    found = failure(data, "package", "a.csv", {"y": label(labels("a"))}, name="x", format=call("format", "csv"))
    assert "a.csv:2: label `y` is `b`" in found.message


def test_a_package_that_is_not_installed(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(self: Data, folder: Path) -> Work:
        return Work(folder, folder, absent, "cpu", lambda _: None, lambda _: None, lambda: 0.0, 60.0)

    def absent(location: str) -> Path:
        raise FileNotFoundError(2, "the package `x` is not installed", location)

    monkeypatch.setattr(Data, "_work", work)
    found = failure(data, "csv", "package:x/a.csv", TEXT)
    assert found.message == "`package:x/a.csv` is not there: the package `x` is not installed"
