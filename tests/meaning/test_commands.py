"""The commands check, schema, docs and init."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from meaning.specs import EDITION, SPEC

from benchc.cli.check import command as check
from benchc.cli.docs import command as docs
from benchc.cli.init import command as init
from benchc.cli.schema import command as schema


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.bench"
    path.write_text(SPEC, encoding="utf-8")
    return path


def run(command: object, *arguments: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    result: Result = CliRunner().invoke(command, list(arguments), standalone_mode=False)  # type: ignore[arg-type]
    if result.exception is not None:
        raise result.exception
    return int(result.return_value or 0), result.output


def test_a_sound_spec_is_told_with_what_it_holds(spec: Path) -> None:
    assert run(check, str(spec)) == (0, f"{spec.as_posix()}: no problems (1 dataset, 1 task, 2 models, 4 cells)\n")


def test_errors_leave_with_one_and_say_where(spec: Path) -> None:
    spec.write_text(EDITION + "train x { epoch = 1 }\n", encoding="utf-8")
    code, output = run(check, str(spec))
    assert code == 1
    assert "error[unknown_key]: `train` has no key `epoch`" in output
    assert output.endswith(f"{spec.as_posix()}: 1 error\n")


def test_warnings_count_when_strict(spec: Path) -> None:
    spec.write_text(SPEC.replace("models = [floor, linear]", "models = linear"), encoding="utf-8")
    assert run(check, str(spec))[0] == 0
    assert run(check, "--strict", str(spec))[0] == 1


def test_values_of_params_are_checked(spec: Path) -> None:
    assert run(check, "--set", "strength=2", str(spec))[0] == 0
    code, output = run(check, "--set", "strength=much", str(spec))
    assert code == 1
    assert "--set strength:1:1" in output


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_other_forms_are_machine_readable(spec: Path, form: str) -> None:
    spec.write_text(EDITION + "train x { epoch = 1 }\n", encoding="utf-8")
    code, output = run(check, "--format", form, str(spec))
    assert code == 1
    assert output.startswith("::error") if form == "github" else json.loads(output)


def test_a_missing_file_a_folder_and_bytes_are_named(tmp_path: Path) -> None:
    (tmp_path / "bytes.bench").write_bytes(b"\xff\xfe\x00")
    code, output = run(check, str(tmp_path / "none.bench"), str(tmp_path), str(tmp_path / "bytes.bench"))
    assert code == 1
    assert output.count("error[spec_unreadable]") == 3


def test_init_writes_a_spec_that_checks_with_its_data_and_never_overwrites(tmp_path: Path) -> None:
    place = tmp_path / "new"
    assert run(init, str(place))[0] == 0
    code, output = run(check, "--data", "--strict", str(place / "reviews.bench"))
    assert code == 0, output
    (place / "reviews.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match="is there already"):
        run(init, str(place))
    assert (place / "reviews.csv").read_text(encoding="utf-8") == "mine"


def test_docs_print_one_part_or_all(tmp_path: Path) -> None:
    assert "| `average` |" in run(docs, "f1")[1]
    assert run(docs, "estimator.sgd")[1].startswith("# `sgd` (estimator)")
    assert {part["name"] for part in json.loads(run(docs, "--format", "json")[1])} >= {"dataset", "f1", "adamw", "csv"}
    with pytest.raises(Exception, match="did you mean `accuracy`"):
        run(docs, "acuracy")


@pytest.mark.parametrize("of", [[], ["--plan"], ["--results"]])
def test_schemas_are_schemas(of: list[str]) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(run(schema, *of)[1]))
