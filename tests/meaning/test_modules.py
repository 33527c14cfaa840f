"""Imports, `extends`, and what names mean across files."""

from meaning.specs import EDITION, checked, codes, sound
from memory_files import MemoryFiles

from benchc.compiler import pipeline

LABELS = EDITION + "labels opinion = [bad, good]\n"
ROWS = (
    EDITION + 'import "labels.bench" as names\ndataset rows {\n  source = csv("rows.csv")\n  fields { opinion = label(names.opinion) }\n}\n'
)


def test_a_file_that_is_reached_in_two_ways_is_read_once_under_the_shorter_name() -> None:
    text = EDITION + 'import "lib/a.bench" as a\nimport "lib/labels.bench" as l\n'
    spec = sound(text, {"lib/a.bench": ROWS, "lib/labels.bench": LABELS})
    assert list(spec.blocks["labels"]) == ["l.opinion"]
    assert spec.block("dataset", "a.rows").settings["fields"] == {"opinion": {"call": "label", "labels": "l.opinion", "column": None}}


def test_blocks_of_an_import_of_an_import_can_be_named() -> None:
    text = EDITION + 'import "a.bench" as a\ndataset more { source = csv("x.csv"), fields { opinion = label(a.names.opinion) } }\n'
    assert codes(text, {"a.bench": ROWS, "labels.bench": LABELS}) == []


def test_paths_of_an_inherited_source_stay_relative_to_the_parents_file() -> None:
    text = EDITION + 'import "lib/a.bench" as a\ndataset few extends a.rows { take = 5 }\n'
    few = sound(text, {"lib/a.bench": ROWS, "lib/labels.bench": LABELS}).block("dataset", "few")
    assert few.folder == "lib"
    assert few.settings["take"] == 5
    assert few.settings["fields"] == {"opinion": {"call": "label", "labels": "a.names.opinion", "column": None}}


def test_a_nested_block_is_merged_and_an_object_replaces() -> None:
    parent = EDITION + 'dataset a {\n  source = csv("a.csv")\n  fields { x = text(x), y = number(y) }\n}\n'
    merged = sound(parent + "dataset b extends a { fields { y = text(y), z = id(z) } }\n").block("dataset", "b")
    replaced = sound(parent + "dataset b extends a { fields = { z = id(z) } }\n").block("dataset", "b")
    assert [(name, call["call"]) for name, call in merged.settings["fields"].items()] == [("x", "text"), ("y", "text"), ("z", "id")]
    assert list(replaced.settings["fields"]) == ["z"]


def test_long_chains_of_extends_are_followed() -> None:
    chain = "".join(f"train t{i} extends t{i + 1} {{ steps = {i + 1} }}\n" for i in range(3_000))
    spec = sound(EDITION + chain + "train t3000 { clip = 2 }\n")
    assert spec.block("train", "t0").settings["clip"] == 2
    assert spec.block("train", "t0").settings["steps"] == 1


def test_runs_and_gates_of_an_imported_file_are_not_taken_over() -> None:
    library = LABELS + 'bench "x" { }\nmodel floor { source = baseline(majority) }\nrun main { tasks = [], models = [floor] }\n'
    spec = sound(EDITION + 'import "lib.bench" as lib\n', {"lib.bench": library})
    assert spec.bench is None
    assert spec.blocks["run"] == {}
    assert list(spec.blocks["model"]) == ["lib.floor"]


def test_the_library_and_packages_are_found_through_files() -> None:
    files = MemoryFiles(
        {
            "spec.bench": EDITION + 'import "std:opinions" as a\nimport "pkg:acme.specs/more.bench" as b\n',
            "/site/benchc/specs/opinions.bench": LABELS,
            "/site/acme/specs/more.bench": EDITION + 'import "../../benchc/specs/opinions.bench" as up\n',
        },
        {"benchc.specs": "/site/benchc/specs", "acme.specs": "/site/acme/specs"},
    )
    found = pipeline.check("spec.bench", files)
    assert [(problem.code, problem.span.path) for problem in found.problems] == [("import_outside_project", "/site/acme/specs/more.bench")]
    assert found.sources["/site/benchc/specs/opinions.bench"].text == LABELS


def test_a_project_reaches_up_to_its_mark() -> None:
    text = EDITION + 'import "../shared/labels.bench" as shared\n'
    inside = MemoryFiles({"p/pyproject.toml": "", "p/specs/spec.bench": text, "p/shared/labels.bench": LABELS})
    outside = MemoryFiles({"p/specs/spec.bench": text, "p/shared/labels.bench": LABELS})
    assert [p.code for p in pipeline.check("p/specs/spec.bench", inside).problems] == []
    assert [p.code for p in pipeline.check("p/specs/spec.bench", outside).problems] == ["import_outside_project"]


def test_a_newer_edition_is_all_that_is_said() -> None:
    assert codes('edition = "2099"\nbench { this is = = not } the grammar') == ["edition_unknown"]


def test_a_file_that_is_not_utf_8_is_named() -> None:
    found = pipeline.check("spec.bench", MemoryFiles({"spec.bench": b'edition = "2026"\n# caf\xe9\n'}))
    assert [problem.message for problem in found.problems] == ["`spec.bench` is not UTF-8 text (byte 22 cannot be read)"]


def test_a_missing_file_is_named() -> None:
    found = pipeline.check("nowhere.bench", MemoryFiles({}))
    assert [(problem.code, problem.message) for problem in found.problems] == [("spec_unreadable", "there is no file `nowhere.bench`")]
    assert found.spec is None


def test_a_problem_in_an_import_stands_in_that_file() -> None:
    found = checked(EDITION + 'import "lib.bench" as lib\n', {"lib.bench": EDITION + "train x { epoch = 1 }\n"})
    assert [(problem.code, problem.span.path) for problem in found.problems] == [("unknown_key", "lib.bench")]
