"""Programs that a model wrote are run when the command line says so, and only then."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchc.cli.run import command

SPEC = """
edition = "2026"

bench "programs" { description = "One program, and the reference for it" }

dataset problems {
  source = inline(test = [{
    text = "def add(a, b):\\n",
    solution = "    return a + b\\n",
    tests = "def check(candidate):\\n    assert candidate(1, 2) == 3\\n",
    entry = "add",
  }])
  fields { text = text(text), solution = text(solution), tests = text(tests), entry = text(entry) }
}

task program : generation {
  data = problems
  input = text
  target = solution
  metrics = [pass_at(tests = tests, entry = entry, timeout = 20s)]
}

model reference { source = baseline(oracle) }
model copy { source = baseline(copy_input) }

run main { tasks = [program], models = [reference, copy] }
"""


def run(folder: Path, *arguments: str) -> dict[str, tuple[str, object]]:
    """The status of each model, and its value or the code of its error."""
    (folder / "programs.bench").write_text(SPEC, encoding="utf-8")
    places = ["--cache", str(folder / "cache"), "--out", str(folder / "out"), "--quiet", "--no-report"]
    CliRunner().invoke(command, [str(folder / "programs.bench"), *places, *arguments])
    results = json.loads((folder / "out" / "results.json").read_bytes())
    made = {}
    for cell in results["cells"]:
        values = [metric["value"] for metric in cell["metrics"].values()]
        made[cell["model"]] = (cell["status"], values[0] if values else cell["error"]["code"])
    return made


def test_without_leave_the_cells_fail_and_say_how_to_give_it(tmp_path: Path) -> None:
    assert run(tmp_path) == {"reference": ("failed", "code_execution_off"), "copy": ("failed", "code_execution_off")}


def test_with_leave_the_reference_passes(tmp_path: Path) -> None:
    made = run(tmp_path, "--allow-code-execution")
    if made["reference"][1] == "no_sandbox":
        pytest.skip("this machine does not allow the namespaces that the jail is made of")
    assert made == {"reference": ("ok", 1.0), "copy": ("ok", 0.0)}
