"""`benchc run` and what reads its folder, on a spec that needs no model."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import benchc
from benchc.cli import main as cli
from benchc.runtime.results import comparable

PROGRAM = "from benchc.cli.main import main; main()"
SPEC = """\
edition = "2026"
bench "fruit" { seed = 3 }
labels kind = [sweet, sour]
dataset fruit {
  source = csv(train = "train.csv", test = "test.csv")
  fields { text = text(text), kind = label(kind, kind) }
}
task taste : classification { data = fruit, input = text, target = kind, metrics = [accuracy, f1(average = macro)] }
model floor { source = baseline(majority) }
model linear { source = sklearn(tfidf(), logistic_regression()) }
run main { tasks = [taste], models = [floor, linear], compare = paired_bootstrap(baseline = floor, samples = 200) }
gate quality { main.taste.linear.accuracy >= main.taste.floor.accuracy }
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    sweet = ["ripe mango", "honey melon", "fig jam", "sweet pear", "red plum"]
    sour = ["green lemon", "sour lime", "tart apple", "raw quince"]
    rows = [f"{text} {i},{kind}" for i in range(4) for kind, texts in (("sweet", sweet), ("sour", sour)) for text in texts]
    (tmp_path / "train.csv").write_text("text,kind\n" + "\n".join(rows) + "\n")
    (tmp_path / "test.csv").write_text("text,kind\n" + "\n".join(row.replace(" ", " very ", 1) for row in rows[:9]) + "\n")
    path = tmp_path / "fruit.bench"
    path.write_text(SPEC)
    return path


def call(*arguments: object) -> int:
    return cli.guarded(lambda: cli.invoke([str(argument) for argument in arguments]))


def run(spec: Path, out: str, *more: str) -> int:
    return call("run", spec, "--out", spec.parent / out, "--cache", spec.parent / "cache", "--quiet", *more)


def test_a_run_prints_a_summary_and_last_the_reports_path(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(spec, "out") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "main.taste: accuracy on test (9 examples)"
    assert "gate quality holds" in "\n".join(lines)
    assert lines[-1] == str(spec.parent / "out" / "report.html")
    assert (spec.parent / "out" / "report.html").stat().st_size > 10_000


def test_a_second_run_computes_nothing_and_gives_the_same(spec: Path) -> None:
    assert run(spec, "a") == run(spec, "b") == 0
    first, again = (json.loads((spec.parent / name / "results.json").read_text()) for name in "ab")
    assert comparable(first) == comparable(again)
    assert json.loads((spec.parent / "b" / "run.json").read_text())["steps"]["computed"] == 0


def test_values_are_the_same_under_another_hash_seed_folder_and_locale(spec: Path) -> None:
    found = []
    for number, locale in enumerate(("C", "C.UTF-8")):
        folder = spec.parent / f"moved {number}"
        folder.mkdir()
        for name in ("fruit.bench", "train.csv", "test.csv"):
            (folder / name).write_bytes((spec.parent / name).read_bytes())
        command = [
            sys.executable,
            "-c",
            PROGRAM,
            "run",
            "fruit.bench",
            "--out",
            "out",
            "--cache",
            "cache",
        ]
        environment = {**os.environ, "PYTHONHASHSEED": str(number), "LC_ALL": locale}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        results = json.loads((folder / "out" / "results.json").read_text())
        found.append((comparable(results), (folder / "out" / "plan.json").read_text()))
    assert found[0] == found[1]


def test_json_tells_programs_the_same(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(spec, "out", "--format", "json", "--no-report") == 0
    value = json.loads(capsys.readouterr().out)
    assert value["cells"] == {"ok": 2, "failed": 0, "skipped": 0}
    assert value["report"] is None
    assert value["gates"][0]["passed"] is True


def test_a_spec_with_errors_leaves_with_1_and_runs_nothing(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(SPEC.replace("input = text,", "input = txet,"))
    assert run(spec, "out") == 1
    assert "txet" in capsys.readouterr().err
    assert not (spec.parent / "out").exists()


def test_a_gate_that_does_not_hold_leaves_with_3(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(SPEC.replace(">= main.taste.floor.accuracy", ">= 1.5"))
    code = run(spec, "out")
    spec.write_text(SPEC.replace("main.taste.linear.accuracy >= main.taste.floor.accuracy", "main.taste.floor.accuracy >= 0.99"))
    assert {code, run(spec, "out")} <= {1, 3}
    assert "gate quality FAILS" in capsys.readouterr().out


def test_a_file_that_vanished_after_the_plan_is_a_failed_cell(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (spec.parent / "test.csv").write_text("text,kind\nplum,bitter\n")
    assert run(spec, "out") == 4
    assert "bitter" in capsys.readouterr().out
    results = benchc.open_results(spec.parent / "out")
    assert {cell["status"] for cell in results.cells} == {"failed"}
    assert results.exit_code == 4


def test_only_chooses_cells(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(spec, "out", "--only", "*.linear*") == 0
    assert [cell["model"] for cell in benchc.open_results(spec.parent / "out").cells] == ["linear"]
    assert run(spec, "out", "--only", "*.nothing*") == 2
    assert "no cell matches" in capsys.readouterr().err


def test_locked_refuses_other_data(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(spec, "out", "--locked") == 2
    assert run(spec, "out") == 0
    (spec.parent / "fruit.lock").write_bytes((spec.parent / "out" / "bench.lock").read_bytes())
    assert run(spec, "out", "--locked") == 0
    (spec.parent / "test.csv").write_text("text,kind\nplum,sweet\n")
    assert run(spec, "out", "--locked") == 1
    assert "`test.csv` has other content than the lock says" in capsys.readouterr().err


def test_lock_pins_files_and_tells_what_differs(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("lock", spec, "--check") == 1
    assert call("lock", spec) == 0
    assert call("lock", spec, "--check") == 0
    assert run(spec, "out", "--locked") == 0
    (spec.parent / "test.csv").write_text("text,kind\nplum,sweet\n")
    capsys.readouterr()
    assert call("lock", spec) == 1
    assert "`test.csv` has other content than the lock says" in capsys.readouterr().err
    assert call("lock", spec, "--upgrade") == 0
    assert run(spec, "again", "--locked") == 0
    (spec.parent / "fruit.lock").write_text("{}")
    assert call("lock", spec, "--check") == 2
    assert run(spec, "third", "--locked") == 2


def test_a_folder_with_other_things_in_it_is_refused(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (spec.parent / "out").mkdir()
    (spec.parent / "out" / "thesis.txt").write_text("mine")
    assert run(spec, "out") == 2
    assert "not empty" in capsys.readouterr().err


def test_a_cache_that_cannot_be_made_is_said_before_anything_is_spent(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (spec.parent / "file").write_text("")
    assert call("run", spec, "--out", spec.parent / "out", "--cache", spec.parent / "file" / "cache", "--quiet") == 74
    said = capsys.readouterr().err
    assert str(spec.parent / "file") in said
    assert "Traceback" not in said


def test_show_ls_and_report_read_the_folder(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(spec, "out") == 0
    capsys.readouterr()
    assert call("show", spec.parent / "out") == 0
    assert "ok      main.taste.linear[seed=3]" in capsys.readouterr().out
    assert call("show", spec.parent / "out", "--cell", "main.taste.linear[seed=3]") == 0
    assert "accuracy" in capsys.readouterr().out
    assert call("show", spec.parent / "out", "--cell", "main.taste.linaer[seed=3]") == 2
    assert "did you mean `main.taste.linear[seed=3]`" in capsys.readouterr().err
    assert call("show", spec.parent / "out", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["format"] == "benchc-results/1"
    assert call("ls", spec.parent, "--format", "json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["bench"], listed["status"], listed["exit_code"]) == ("fruit", "finished", 0)
    (spec.parent / "out" / "report.html").unlink()
    assert call("report", spec.parent / "out") == 0
    assert (spec.parent / "out" / "report.html").exists()


def test_python_gets_tables(spec: Path) -> None:
    results = benchc.run(spec, spec.parent / "out", cache=str(spec.parent / "cache"))
    table = results.table()
    assert table.num_rows == 4
    assert table.column_names[:4] == ["id", "run", "task", "model"]
    assert set(results.pandas()["metric"]) == {"accuracy", "f1(average = macro)"}
    assert results.predictions("main.taste.linear[seed=3]").num_rows == 9
    with pytest.raises(KeyError):
        results.predictions("nothing")


def test_python_gets_an_exception_with_the_problems(spec: Path) -> None:
    spec.write_text(SPEC.replace("input = text,", "input = txet,"))
    with pytest.raises(benchc.SpecError) as caught:
        benchc.run(spec, spec.parent / "out", cache=str(spec.parent / "cache"))
    assert "txet" in str(caught.value)
    assert caught.value.problems


def heed_interrupts() -> None:
    """A shell that starts the tests in the background has them ignore SIGINT, which children inherit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_with_130_and_goes_on(spec: Path, number: signal.Signals) -> None:
    out = spec.parent / "out"
    command = [sys.executable, "-c", PROGRAM, "run", str(spec), "--out", str(out)]
    command += ["--cache", str(spec.parent / "cache")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts)
    while not (out / "events.jsonl").exists() or "step_started" not in (out / "events.jsonl").read_text():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    said = process.communicate()[1]
    assert process.returncode == 130, said
    assert "what was done is kept" in said
    assert json.loads((out / "run.json").read_text())["status"] == "interrupted"
    assert run(spec, "out") == 0


def test_commands_take_a_spec_of_the_library_and_of_a_package_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    cache = ("--cache", tmp_path / "cache")
    assert call("check", "std:quickstart", "pkg:benchc.specs/quickstart.bench", *cache) == 0
    assert call("plan", "std:quickstart", *cache) == 0
    capsys.readouterr()
    assert call("run", "std:quickstart", "--only", "*.floor*", "--out", "out", "--quiet", *cache) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(Path("out") / "report.html")
    assert call("lock", "std:quickstart", *cache) == 0
    assert call("run", "std:quickstart", "--locked", "--only", "*.floor*", "--out", "again", "--quiet", *cache) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "cache", "out", "quickstart.lock"]


def test_the_library_is_open_to_python_too() -> None:
    assert benchc.check("std:quickstart").problems == ()
    missing = benchc.check("std:quikstart").problems
    assert [(problem.code, problem.help[0].message) for problem in missing] == [("spec_unreadable", "did you mean `std:quickstart`?")]
