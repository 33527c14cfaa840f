"""`check --data` names what the data show, at the words of the spec that it concerns."""

from pathlib import Path

import pytest

from benchc.compiler import pipeline
from benchc.compiler.explanations import explain
from benchc.compiler.problems import Problem
from benchc.disk import disk_files
from benchc.runtime.data.inspect import CODES, inspect

MODEL_CODES = ("truncated_inputs",)

HEAD = 'edition = "2026"\nbench "b" { }\nlabels polarity = [pos, neg]\n'


def inspected(folder: Path, text: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[tuple[Problem, str]]:
    """Problems of the data, each with the words that it underlines. There must be no errors without the data."""
    for path, content in files.items():
        (folder / path).write_text(content, encoding="utf-8")
    (folder / "spec.bench").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    disk = disk_files(folder / "cache")
    checked = pipeline.check("spec.bench", disk)
    assert checked.spec is not None
    assert checked.resolver is not None
    assert [problem for problem in checked.problems if problem.level == "error"] == []
    return [(problem, text[problem.span.start : problem.span.end]) for problem in inspect(checked.spec, checked.resolver.respec, disk)]


@pytest.mark.parametrize("code", [pytest.param(code, marks=pytest.mark.model) if code in MODEL_CODES else code for code in CODES])
def test_the_failing_example_has_the_problem_and_the_mended_has_not(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    explanation = explain(code)
    assert explanation is not None
    found = [problem for problem, _ in inspected(tmp_path, explanation.failing, explanation.files, monkeypatch)]
    assert (code, explanation.level) in [(problem.code, problem.level) for problem in found], found
    mended = [problem for problem, _ in inspected(tmp_path, explanation.mended, explanation.files, monkeypatch)]
    assert [problem for problem in mended if problem.code == code or problem.level == "error"] == []


def test_problems_underline_the_words_that_they_concern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "\n".join(
        [
            "dataset missing { source = csv('a.csv'), fields { text = text(txt) } }",
            "dataset labels_ { source = csv('a.csv'), fields { label = label([pos, neg, other], kind) } }",
            "dataset numbers { source = csv('a.csv'), fields { n = number(text) } }",
            "dataset encoded { source = csv('latin.csv'), fields { text = text(text) } }",
            "dataset wide { source = csv('wide.csv', encoding = 'utf-8'), fields { text = text(text) } }",
            "dataset divided { source = csv('a.csv'), fields { text = text(text) }, splits = column(kind) }",
            "dataset none { source = csv('a.csv'), fields { n = text(text) }, where = n == 'x' }",
        ]
    ).replace("'", '"')
    (tmp_path / "latin.csv").write_bytes("text\ncafé\n".encode("latin-1"))
    (tmp_path / "wide.csv").write_bytes("text\none\n".encode("utf-16"))
    found = {(problem.code, words) for problem, words in inspected(tmp_path, text, {"a.csv": "text,kind\na,posi\nb,neg\n"}, monkeypatch)}
    assert found == {
        ("unknown_column", "txt"),
        ("unknown_label_value", "[pos, neg, other]"),
        ("bad_row", "number(text)"),
        ("bad_row", "text(text)"),
        ("unreadable_data", '"utf-8"'),
        ("unknown_split_value", "column(kind)"),
        ("empty_split", 'n == "x"'),
    }


def test_rows_are_named_by_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + 'dataset d { source = csv(train = "a.csv"), fields { label = label(polarity) } }'
    [(problem, words)] = inspected(tmp_path, text, {"a.csv": "label\npos\nposs\nxxxx\n"}, monkeypatch)
    assert (
        problem.message
        == "2 rows of `d` hold a value that is no label of `label`: a.csv:3: label `label` is `poss`, which is no label; near: `pos`"
    )
    assert problem.labels[0].message == "a.csv:4: label `label` is `xxxx`, which is no label; known: `pos`, `neg`"
    assert words == "polarity"


def test_a_sound_data_set_only_tells_its_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + 'dataset d { source = csv(train = "a.csv"), fields { text = text(text), label = label(polarity) } }'
    [(problem, _)] = inspected(tmp_path, text, {"a.csv": "text,label\na,pos\nb,neg\nc,neg\n"}, monkeypatch)
    assert (problem.code, problem.message) == ("class_counts", "classes of `label` of `d`: train pos 1, neg 2")


def test_the_data_of_every_value_of_an_axis_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        HEAD
        + """param file: string
param rate: float = 0.1
dataset d {
  source = csv(train = "good.csv", test = "${file}.csv")
  fields { text = text(text), kind = label(polarity, kind) }
}
task t : classification { data = d, input = text, target = kind }
model m { source = sklearn(tfidf, logistic_regression(C = rate)) }
run main { tasks = t, models = m, axes { file = ["good", "bad", "none"], rate = [0.1, 0.2] } }
"""
    )
    files = {"good.csv": "text,kind\na,pos\nb,neg\n", "bad.csv": "text,kind\na,pos\nb,other\n"}
    found = [problem for problem, _ in inspected(tmp_path, text, files, monkeypatch)]
    errors = [(problem.code, problem.message.rpartition(", when ")[2]) for problem in found if problem.level == "error"]
    assert errors == [("missing_data_file", "`file` is `none`"), ("unknown_label_value", "`file` is `bad`")]
    overlaps = [problem.message for problem in found if problem.code == "overlapping_splits"]
    assert overlaps == ["2 of 2 rows of `test` of `d` stand in `train` too, when `file` is `good`"]


def test_what_is_found_whatever_the_values_of_axes_names_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        HEAD
        + """param kept: int
dataset d { source = csv(train = "a.csv", test = "a.csv"), fields { text = text(text), kind = label(polarity, kind) }, take = kept }
task t : classification { data = d, input = text, target = kind }
model m { source = baseline(majority) }
run main { tasks = t, models = m, axes { kept = [3, 4] } }
"""
    )
    found = [problem for problem, _ in inspected(tmp_path, text, {"a.csv": "text,kind\na,pos\nb,neg\n"}, monkeypatch)]
    overlaps = [problem.message for problem in found if problem.code == "overlapping_splits"]
    assert overlaps == ["2 of 2 rows of `test` of `d` stand in `train` too"]
