"""`benchc fmt` and `benchc explain`, as commands."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchc.cli.main import command
from benchc.compiler.explanations import codes


def run(*arguments: str, text: str | None = None) -> tuple[int, Result]:
    """The exit code and what was printed."""
    result = CliRunner().invoke(command, arguments, input=text, standalone_mode=False)
    if result.exception is not None:
        code = getattr(result.exception, "exit_code", 1)
        return code, result
    return int(result.return_value or 0), result


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "x.bench"
    path.write_bytes(b"a=1\r\n")
    os.chmod(path, 0o640)
    return path


def test_fmt_writes_the_file_and_keeps_its_mode(spec: Path) -> None:
    code, result = run("fmt", str(spec))
    assert (code, spec.read_bytes(), spec.stat().st_mode & 0o777) == (0, b"a = 1\n", 0o640)
    assert result.stderr == f"formatted {spec}\n"
    assert run("fmt", "--check", str(spec))[0] == 0
    assert list(spec.parent.iterdir()) == [spec]


def test_check_and_diff_write_nothing(spec: Path) -> None:
    code, _ = run("fmt", "--check", str(spec))
    assert (code, spec.read_bytes()) == (1, b"a=1\r\n")
    code, result = run("fmt", "--diff", str(spec))
    assert (code, spec.read_bytes()) == (1, b"a=1\r\n")
    assert "+a = 1" in result.stdout


def test_a_file_with_errors_is_left_as_it_is(spec: Path) -> None:
    spec.write_text("a = \n")
    code, result = run("fmt", str(spec))
    assert (code, spec.read_text()) == (1, "a = \n")
    assert "missing_value" in result.stderr


def test_a_file_that_is_not_text_is_left_as_it_is(spec: Path) -> None:
    spec.write_bytes(b"a = \xff")
    code, result = run("fmt", str(spec))
    assert (code, spec.read_bytes()) == (1, b"a = \xff")
    assert "not UTF-8" in result.stderr


def test_folders_are_searched(spec: Path) -> None:
    inner = spec.parent / "inner"
    inner.mkdir()
    (inner / "y.bench").write_text("b  = 2")
    assert run("fmt", str(spec.parent))[0] == 0
    assert (inner / "y.bench").read_text() == "b = 2\n"


def test_standard_input_goes_to_standard_output() -> None:
    code, result = run("fmt", "-", text="a=1")
    assert (code, result.stdout) == (0, "a = 1\n")
    code, result = run("fmt", "-", text="a=")
    assert (code, result.stdout) == (1, "")


def test_a_missing_file_is_wrong_use(tmp_path: Path) -> None:
    assert run("fmt", str(tmp_path / "none.bench"))[0] == 2
    assert run("fmt", str(tmp_path))[0] == 2


def test_fmt_says_as_json_what_became_of_each_file(spec: Path) -> None:
    _, result = run("fmt", "--format", "json", str(spec))
    assert json.loads(result.stdout)["files"] == [{"path": str(spec), "status": "changed"}]


def test_explain_prints_both_examples() -> None:
    code, result = run("explain", "missing_value")
    assert code == 0
    assert "seed =\n" in result.stdout
    assert "seed = 13" in result.stdout


def test_explain_offers_near_codes() -> None:
    code, result = run("explain", "missing_valeu")
    assert code == 2
    assert "`missing_value`" in str(result.exception)


def test_explain_lists_all_codes() -> None:
    _, result = run("explain")
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(codes())
    _, result = run("explain", "--format", "json")
    assert [entry["code"] for entry in json.loads(result.stdout)["explanations"]] == list(codes())
