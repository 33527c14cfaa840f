"""The command as a whole: quick, never a traceback, honest exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from benchc.cli import main as cli
from benchc.cli.settings import parse_duration, parse_settings, parse_size

HEAVY = ("torch", "transformers", "numpy", "pandas", "sklearn", "pyarrow", "scipy", "rich", "jsonschema", "lark")


def benchc(*arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from benchc.cli.main import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env={**os.environ, **more})


def guarded(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str], error: BaseException) -> int:
    def fail(args: Sequence[str]) -> int:
        raise error

    monkeypatch.setattr(cli, "invoke", fail)
    return cli.guarded(lambda: cli.invoke(arguments))


def test_help_and_version_import_nothing_heavy() -> None:
    text = f"""
import sys
from benchc.cli.main import invoke
invoke(["--help"]), invoke(["--version"])
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_import_benchc_imports_nothing_heavy() -> None:
    text = f"import benchc, sys; print([name for name in (*{HEAVY!r}, 'click') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_every_command_listed_is_there_and_has_help() -> None:
    for name, doc in cli.COMMANDS.items():
        command = cli.command.get_command(click.Context(cli.command), name)
        assert isinstance(command, click.Command), name
        assert command.name == name
        assert command.help
        assert doc


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "did you mean `run`?"),
        (["run"], "Missing argument"),
        (["run", "nowhere.bench"], "there is no file `nowhere.bench`"),
        (["check", "std:quikstart"], "did you mean `std:quickstart`?"),
        (["plan", "pkg:benchc.specs/quickstart.bnch"], "did you mean `pkg:benchc.specs/quickstart.bench`?"),
        (["run", "pkg:no_such_package/a.bench"], "the package `no_such_package` is not installed"),
        (["lock", "pkg:benchc.specs"], "names no file of a package"),
        (["run", "std:../cli/main"], "lies outside the package"),
        (["show", "nowhere"], "no results.json"),
        (["report", "nowhere"], "no results.json"),
        (["ls", "nowhere"], "there is no folder"),
        (["cache", "gc", "--older", "soon"], "is not a time"),
        (["cache", "gc", "--keep-size", "10"], "is not a size"),
        (["--colour"], "No such option"),
    ],
)
def test_wrong_use_leaves_with_2_and_says_why(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.guarded(lambda: cli.invoke(arguments)) == 2
    assert said in capsys.readouterr().err


def test_a_bug_says_that_it_is_one_and_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.tempfile, "tempdir", str(tmp_path))
    assert guarded(monkeypatch, [], ZeroDivisionError("division by zero")) == 70
    said = capsys.readouterr().err
    assert "internal error: ZeroDivisionError" in said
    assert "bug in benchc, please report" in said
    assert "Traceback" not in said
    (details,) = tmp_path.iterdir()
    assert str(details) in said
    assert "Traceback" in details.read_text()


def test_trouble_with_a_file_names_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(monkeypatch, [], PermissionError(13, "Permission denied", "a.csv")) == 74
    assert "cannot use `a.csv`: permission denied" in capsys.readouterr().err


def test_an_interruption_leaves_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(monkeypatch, [], KeyboardInterrupt()) == 130
    assert "what was done is kept" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX pipe")
def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -c 'from benchc.cli.main import main; main()' completion bash | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_a_terminal_without_the_characters_is_no_error(tmp_path: Path, locale: str) -> None:
    done = benchc("ls", str(tmp_path / "不在"), LC_ALL=locale, PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_settings_keep_what_stands_behind_the_first_equals_sign() -> None:
    assert parse_settings(["lr=1e-4", "name=a=b", " seed = 3"]) == {"lr": "1e-4", "name": "a=b", "seed": "3"}
    with pytest.raises(click.UsageError, match="NAME=VALUE"):
        parse_settings(["lr"])


def test_times_and_sizes_have_units() -> None:
    assert (parse_duration("30d"), parse_duration("1.5h"), parse_duration("0")) == (2_592_000, 5400, 0)
    assert (parse_size("10GB"), parse_size("512MiB"), parse_size("0")) == (10**10, 512 * 2**20, 0)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(shell: str) -> None:
    done = benchc("completion", shell)
    assert done.returncode == 0
    assert "_BENCHC_COMPLETE" in done.stdout


def test_completion_offers_commands() -> None:
    done = benchc(_BENCHC_COMPLETE="bash_complete", COMP_WORDS="benchc ca", COMP_CWORD="1")
    assert done.stdout.split() == ["plain,cache"]


def test_doctor_says_what_there_is() -> None:
    done = benchc("doctor", "--format", "json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["missing"] == []
    assert found["packages"]["torch"]
    assert found["device"]["chosen"] in ("cpu", "cuda", "mps", "xpu")


def test_doctor_says_when_the_cache_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = benchc("doctor", "--format", "json", "--cache", str(tmp_path / "file" / "cache"))
    assert json.loads(done.stdout)["cache"]["path"].endswith("cache")
