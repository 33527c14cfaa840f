"""Every source reads what its format allows, and says where each row stood."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_steps import Data, label, labels, name, number, text

from benchc.compiler.catalog import CATALOG
from benchc.runtime.data import fields as field_kinds
from benchc.runtime.data import sources
from benchc.runtime.work import StepFailed

TEXT = {"text": text()}
POLARITY = label(labels("pos", "neg"))


def compressed(kind: str, content: bytes) -> bytes:
    if kind == ".gz":
        return gzip.compress(content)
    return bytes(pa.compress(content, codec="zstd", asbytes=True)) if kind == ".zst" else content


def test_catalog_and_readers_are_equal() -> None:
    assert set(CATALOG.families["source"]) == {*sources.MODULES, *sources.WRAPPERS}
    assert set(CATALOG.families["field"]) == set(field_kinds.KINDS)


def test_csv_has_the_line_where_each_row_starts(data: Data) -> None:
    data.write("a.csv", 'text,label\nplain,pos\n"two\nlines",neg\n\n"quoted ""word""",pos\r\nlast,neg')
    loaded = data.load("csv", "a.csv", {"text": text(), "label": POLARITY})
    assert loaded.column("text") == ["plain", "two\nlines", 'quoted "word"', "last"]
    assert loaded.column("label") == ["pos", "neg", "pos", "neg"]
    assert loaded.column("_line") == [2, 3, 6, 7]
    assert loaded.summary["rows"] == {"all": 4}


def test_csv_without_header_takes_the_columns_that_are_named(data: Data) -> None:
    data.write("a.csv", "1;hello\n2;bye\n")
    loaded = data.load("csv", "a.csv", TEXT | {"n": number("id")}, header="none", columns=["id", "text"], separator=";")
    assert (loaded.column("text"), loaded.column("n"), loaded.column("_line")) == (["hello", "bye"], [1.0, 2.0], [1, 2])


def test_csv_without_quoting_takes_quotes_as_they_are(data: Data) -> None:
    data.write("a.tsv", 'text\tlabel\n"open\tpos\nsay "hi"\tneg\n')
    wanted = ['"open', 'say "hi"']
    assert data.load("tsv", "a.tsv", TEXT).column("text") == wanted
    assert data.load("csv", "a.tsv", TEXT, separator="\t", quoting="none").column("text") == wanted


def test_csv_knows_other_quotes_escapes_and_decimal_commas(data: Data) -> None:
    data.write("a.csv", "text;n\n'a;b';1,5\nc\\;d;-2\n")
    loaded = data.load("csv", "a.csv", TEXT | {"n": number()}, separator=";", quote="'", escape="\\", decimal=",")
    assert (loaded.column("text"), loaded.column("n")) == (["a;b", "c;d"], [1.5, -2.0])


def test_a_decimal_point_is_no_number_where_the_decimal_mark_is_a_comma(data: Data) -> None:
    data.write("a.csv", "n\n1.000\n")
    with pytest.raises(StepFailed, match=r"a\.csv:2: number `n` is `1\.000`, which is no number"):
        data.load("csv", "a.csv", {"n": number()}, decimal=",")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "utf-16-le", "cp1252", "utf-32"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings_and_line_ends(data: Data, encoding: str, ending: str) -> None:
    data.write("a.csv", ending.join(["text", "déjà vu", "naïve", ""]).encode(encoding))
    loaded = data.load("csv", "a.csv", TEXT, encoding=encoding)
    assert loaded.column("text") == ["déjà vu", "naïve"]
    assert loaded.column("_line") == [2, 3]


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_every_text_format_reads_plain_and_compressed_files(data: Data, ending: str) -> None:
    table = pa.table({"text": ["one", "two"]})
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    file = pa.BufferOutputStream()
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    contents: dict[str, tuple[bytes, dict[str, str]]] = {
        "csv": (b"text\none\ntwo\n", {}),
        "tsv": (b"text\none\ntwo\n", {}),
        "jsonl": (b'{"text": "one"}\n\n{"text": "two"}\n', {}),
        "lines": (b"one\ntwo\n", {"pattern": "(?P<text>.*)"}),
        "text": (b"one\n\ntwo\n", {}),
        "parallel": (b"one\ntwo\n", {}),
        "arrow": (stream.getvalue().to_pybytes(), {}),
    }
    for source, (content, given) in contents.items():
        path = data.write(f"{source}{ending}", compressed(ending, content))
        where = {"all": {"text": path}} if source == "parallel" else path
        assert data.load(source, where, TEXT, **given).column("text") == ["one", "two"], source
    path = data.write(f"file{ending}", compressed(ending, file.getvalue().to_pybytes()))
    assert data.load("arrow", path, TEXT).column("text") == ["one", "two"]


def test_compressed_files_may_have_several_members(data: Data) -> None:
    data.write("a.csv.gz", gzip.compress(b"text\none\n") + gzip.compress(b"two\n"))
    data.write("a.csv.zst", compressed(".zst", b"text\none\n") + compressed(".zst", b"two\n"))
    for path in ("a.csv.gz", "a.csv.zst"):
        assert data.load("csv", path, TEXT).column("text") == ["one", "two"]


def test_several_files_of_a_split_follow_each_other(data: Data) -> None:
    for part, word in (("a", "one"), ("b", "two"), ("c", "three")):
        data.write(f"{part}.csv", f"text\n{word}\n")
    loaded = data.load("csv", {"train": ["a.csv", "b.csv"], "test": ["c.csv"]}, TEXT)
    assert loaded.column("text") == ["one", "two", "three"]
    assert loaded.column("_split") == ["train", "train", "test"]
    assert (loaded.column("_file"), loaded.summary["files"]) == ([0, 1, 2], ["a.csv", "b.csv", "c.csv"])


def test_jsonl_follows_paths_into_rows(data: Data) -> None:
    data.write("a.jsonl", '{"q": {"choices": [{"text": "a"}, {"text": "b"}], "stem": "s"}, "a.b": 3, "flag": true}\n')
    fields = {
        "choices": text("q.choices[*].text", join=" | "),
        "second": text("q.choices[1].text"),
        "stem": text("q.stem"),
        "dotted": number("a.b"),
        "flag": label(labels(True, False)),
    }
    loaded = data.load("jsonl", "a.jsonl", fields)
    assert {key: loaded.column(key) for key in fields} == {
        "choices": ["a | b"],
        "second": ["b"],
        "stem": ["s"],
        "dotted": [3.0],
        "flag": [True],
    }


def test_several_values_in_a_text_need_a_join(data: Data) -> None:
    data.write("a.jsonl", '{"text": ["a", "b"]}\n')
    with pytest.raises(StepFailed, match="text `text` holds 2 values, not one"):
        data.load("jsonl", "a.jsonl", TEXT)


def test_parquet_reads_nested_and_numeric_columns(data: Data) -> None:
    table = pa.table({"text": ["a", "b"], "n": pa.array([1, 2], pa.int16()), "inner": [{"x": [1.5]}, {"x": [2.5]}], "unused": [None, None]})
    pq.write_table(table, data.root / "a.parquet")
    loaded = data.load("parquet", "a.parquet", TEXT | {"n": number(), "x": number("inner.x[0]"), "name": name("id", "n")})
    assert (loaded.column("n"), loaded.column("x"), loaded.column("_id")) == ([1.0, 2.0], [1.5, 2.5], ["1", "2"])
    assert loaded.column("_line") == [1, 2]


def test_lines_are_taken_apart_by_the_pattern(data: Data) -> None:
    data.write("a.txt", "pos: good: very\nneg: bad\n")
    loaded = data.load("lines", "a.txt", TEXT | {"label": POLARITY}, pattern="(?P<label>\\w+): (?P<text>.*)")
    assert (loaded.column("text"), loaded.column("label")) == (["good: very", "bad"], ["pos", "neg"])


@pytest.mark.parametrize(
    ("unit", "rows", "lines"),
    [("line", ["a", "b", "c"], [1, 2, 5]), ("paragraph", ["a\nb", "c"], [1, 5]), ("document", ["a\nb\n\n \nc"], [1])],
)
def test_running_text_by_unit(data: Data, unit: str, rows: list[str], lines: list[int]) -> None:
    data.write("a.txt", "a\r\nb\n\n \nc\n")
    loaded = data.load("text", "a.txt", TEXT, unit=unit)
    assert (loaded.column("text"), loaded.column("_line")) == (rows, lines)


def test_blank_lines_count_in_parallel_files(data: Data) -> None:
    data.write("text", "a\n\nc")
    data.write("label", "pos\nneg\npos\n")
    loaded = data.load("parallel", {"train": {"text": "text", "label": "label"}}, TEXT | {"label": POLARITY})
    assert (loaded.column("text"), loaded.column("label"), loaded.column("_line")) == (["a", "", "c"], ["pos", "neg", "pos"], [1, 2, 3])


@pytest.mark.parametrize(("first", "second"), [(2, 3), (3, 2), (65_536, 65_537), (65_537, 65_536)])
def test_parallel_files_of_different_length_are_an_error(data: Data, first: int, second: int) -> None:
    data.write("a", "x\n" * first)
    data.write("b", "x\n" * second)
    with pytest.raises(StepFailed, match=f"`a` has {first}, `b` has {second}"):
        data.load("parallel", {"all": {"a": "a", "b": "b"}}, {"a": text(), "b": text()})


def test_inline_rows(data: Data) -> None:
    rows = [{"text": "good", "label": "pos"}, {"text": "bad", "label": "neg"}]
    loaded = data.load("inline", None, TEXT | {"label": POLARITY}, train=rows, test=rows[:1])
    assert (loaded.column("_split"), loaded.column("_file")) == (["train", "train", "test"], [-1, -1, -1])
    assert loaded.summary["files"] == []


def test_files_of_a_package_are_read_by_the_format_inside(data: Data) -> None:
    data.write("a.csv", "text\none\n")
    from data_steps import call

    assert data.load("package", "a.csv", TEXT, name="x", format=call("format", "csv")).column("text") == ["one"]


@pytest.mark.parametrize(
    ("dataset", "rows"), [("breast_cancer", 569), ("diabetes", 442), ("digits", 1797), ("iris", 150), ("linnerud", 20), ("wine", 178)]
)
def test_the_sets_that_ship_with_scikit_learn(data: Data, dataset: str, rows: int) -> None:
    loaded = data.load("sklearn", None, TEXT, name=dataset)
    assert loaded.summary["rows"] == {"all": rows}


def test_scikit_learn_columns(data: Data) -> None:
    fields = TEXT | {"species": label({"from_data": []}, "label"), "width": number("sepal width (cm)"), "target": number()}
    loaded = data.load("sklearn", None, fields, name="iris")
    assert loaded.summary["labels"]["species"] == ["setosa", "versicolor", "virginica"]
    assert loaded.column("text")[0] == "sepal length (cm): 5.1; sepal width (cm): 3.5; petal length (cm): 1.4; petal width (cm): 0.2"
    assert (loaded.column("width")[0], loaded.column("target")[-1]) == (3.5, 2.0)


@pytest.mark.slow
def test_a_local_folder_like_a_hub_repository(data: Data, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    for split in ("train", "validation", "test"):
        data.write(f"repo/data/{split}.jsonl", f'{{"text": "from {split}", "n": 1}}\n')
    card = "---\nconfigs:\n- config_name: default\n  data_files:\n"
    card += "".join(f"  - split: {split}\n    path: data/{split}.jsonl\n" for split in ("train", "validation", "test"))
    data.write("repo/README.md", card + "---\n")
    loaded = data.load("hub", "repo", TEXT | {"n": number()}, id="./repo")
    assert loaded.column("text") == ["from train", "from validation", "from test"]
    assert loaded.column("_split") == ["train", "dev", "test"]
    assert data.load("hub", "repo", TEXT, id="./repo", all="validation").column("text") == ["from validation"]
    with pytest.raises(StepFailed, match="has no split `trian`; near: `train`"):
        data.load("hub", "repo", TEXT, id="./repo", all="trian")


def test_a_hub_that_cannot_be_reached(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")

    def unreachable(*args: object, **given: object) -> None:
        raise ConnectionError("no route to host\ndetails")

    monkeypatch.setattr(datasets, "load_dataset", unreachable)
    with pytest.raises(StepFailed, match=r"`org/name` at `abc` cannot be loaded: no route to host$"):
        data.load("hub", None, TEXT, id="org/name", revision="abc")
