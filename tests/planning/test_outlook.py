"""What `benchc plan` says: what would run, what the store has, why."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hand_made import memory_files, plan_of, small_blocks
from test_plan_json import SPEC

from benchc.cli.plan import command
from benchc.compiler.plan import Plan, Step
from benchc.outlook_text import outlook_json, outlook_text
from benchc.past_runs import look_back
from benchc.plan_outlook import Outlook, State, look_ahead

HEAVY = {"torch", "transformers", "numpy", "pandas", "sklearn", "pyarrow", "scipy"}


def keep(store: Path, steps: Iterable[Step], files: dict[str, Any] | None = None) -> None:
    """Entries as the store leaves them."""
    for step in steps:
        folder = store / "entries" / step.key[:2] / step.key
        folder.mkdir(parents=True)
        held = {
            "key": step.key,
            "kind": step.kind,
            "version": step.version,
            "params": step.params,
            "inputs": step.inputs,
            "hints": step.hints,
        }
        (folder / "step.json").write_text(json.dumps(held), encoding="utf-8")
        (folder / "entry.json").write_text("{}", encoding="utf-8")
        for name, value in (files or {}).items():
            (folder / name).write_text(json.dumps(value), encoding="utf-8")


def outlook(plan: Plan, store: Path) -> Outlook:
    return look_ahead(plan, look_back(plan, store))


def reasons(plan: Plan, store: Path) -> dict[str, set[str]]:
    found = outlook(plan, store)
    result: dict[str, set[str]] = {}
    for step in found.steps:
        if found.states[step.key] is State.RUNS:
            result.setdefault(step.kind, set()).add(found.reasons[step.key].text)
    return result


def test_in_an_empty_store_everything_runs(tmp_path: Path) -> None:
    plan = plan_of(small_blocks())
    assert set(reasons(plan, tmp_path)) == {"load", "split", "encode", "train", "predict", "score", "compare", "aggregate"}
    assert {text for texts in reasons(plan, tmp_path).values() for text in texts} == {"not done before"}


def test_what_the_store_has_does_not_run(tmp_path: Path) -> None:
    plan = plan_of(small_blocks())
    keep(tmp_path, plan.steps)
    assert reasons(plan, tmp_path) == {}
    assert "the store has everything" in outlook_text(plan, outlook(plan, tmp_path), each=False)


def test_a_setting_that_changed_is_named_with_both_values(tmp_path: Path) -> None:
    keep(tmp_path, plan_of(small_blocks()).steps)
    blocks: Any = small_blocks()
    blocks["train"]["tune"]["epochs"] = 2
    found = reasons(plan_of(blocks), tmp_path)
    assert found["train"] == {"`train.epochs` was 1, is 2"}
    assert found["predict"] == {"other trained model"}
    assert "encode" not in found
    assert "load" not in found


def test_a_data_file_that_changed_is_named(tmp_path: Path) -> None:
    keep(tmp_path, plan_of(small_blocks()).steps)
    found = reasons(plan_of(small_blocks(), files=memory_files({"data/train.csv": "text,kind\nbetter,pos\n"})), tmp_path)
    assert found["load"] == {"the content of `../data/train.csv` changed"}
    assert found["split"] == {"other rows"}


def test_a_file_of_a_model_that_changed_is_named(tmp_path: Path) -> None:
    keep(tmp_path, plan_of(small_blocks()).steps)
    found = reasons(plan_of(small_blocks(), files=memory_files({"site/tiny/model/tokenizer.json": '{"a": 1}'})), tmp_path)
    assert found["encode"] == {"the content of `tokenizer.json` changed"}


def test_a_new_version_of_an_implementation_is_told(tmp_path: Path) -> None:
    plan = plan_of(small_blocks())
    keep(tmp_path, [replace(step, key=f"{step.key[:-1]}x", version=7) if step.kind == "split" else step for step in plan.steps])
    assert reasons(plan, tmp_path)["split"] == {"the implementation of `split` is new: version 1, was 7"}


def test_large_steps_run_only_when_something_behind_them_does(tmp_path: Path) -> None:
    plan = plan_of(small_blocks())
    keep(tmp_path, [step for step in plan.steps if step.kind not in ("encode", "train")])
    found = outlook(plan, tmp_path)
    assert {found.states[step.key] for step in found.steps if step.kind in ("encode", "train")} == {State.NOT_NEEDED}


def test_counts_of_earlier_runs_are_used(tmp_path: Path) -> None:
    plan = plan_of(small_blocks())
    keep(tmp_path, [step for step in plan.steps if step.kind == "encode"], {"encode.json": {"tokens": {"train": 500, "test": 50}}})
    found = outlook(plan, tmp_path)
    assert next(found.estimates[step.key].tokens for step in plan.steps if step.kind == "train" and "encoded" in step.inputs) == 500


@pytest.mark.parametrize("text", ["", "[]", "{}", "\x00"])
def test_a_damaged_entry_does_not_stop_the_outlook(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "entries" / "ab" / "abc"
    folder.mkdir(parents=True)
    (folder / "step.json").write_text(text)
    assert "not done before" in outlook_text(plan_of(small_blocks()), outlook(plan_of(small_blocks()), tmp_path), each=True)


def test_as_json_the_outlook_counts_steps_by_kind_and_state(tmp_path: Path) -> None:
    plan = plan_of(small_blocks())
    value: Any = outlook_json(plan, outlook(plan, tmp_path), each=True)
    assert value["runs"] == {"main": {"cells": 6}}
    assert value["steps"]["train"]["runs"] == 4
    assert len(value["to_run"]) == len(plan.steps) - 1
    json.dumps(value)


# The command


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "small.bench").write_text(SPEC, encoding="utf-8")
    (tmp_path / "train.csv").write_text("text,kind\ngood,pos\nbad,neg\n", encoding="utf-8")
    (tmp_path / "test.csv").write_text("text,kind\nfine,pos\n", encoding="utf-8")
    return tmp_path / "small.bench"


def invoke(spec: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, [str(spec), "--cache", str(spec.parent / "cache"), *options], standalone_mode=False)
    assert done.exception is None, done.exception
    return done.return_value, done.stdout


def test_the_command_shows_cells_steps_and_reasons(spec: Path) -> None:
    code, text = invoke(spec)
    assert code == 0
    assert "run main: 6 cells (1 task, 2 models, 3 seeds)" in text
    assert "train (2): not done before" in text


def test_each_form_of_the_command_prints_what_it_names(spec: Path) -> None:
    assert json.loads(invoke(spec, "--json")[1])["format"] == "benchc-plan/1"
    assert json.loads(invoke(spec, "--format", "json")[1])["format"] == "benchc-outlook/1"
    assert invoke(spec, "--graph", "mermaid")[1].startswith("flowchart LR")
    assert invoke(spec, "--graph", "svg")[1].startswith("<svg")
    assert "  train main.sort.linear[seed=1]: not done before" in invoke(spec, "--why")[1]


def test_the_command_writes_to_a_file(spec: Path) -> None:
    assert invoke(spec, "--json", "--out", str(spec.parent / "plan.json")) == (0, "")
    assert (spec.parent / "plan.json").read_text(encoding="utf-8") == invoke(spec, "--json")[1]


def test_a_spec_with_errors_has_no_plan_and_leaves_with_1(spec: Path) -> None:
    (spec.parent / "test.csv").unlink()
    assert invoke(spec)[0] == 1
    assert json.loads(invoke(spec, "--format", "json")[1])


def test_planning_imports_nothing_that_computes(spec: Path) -> None:
    loaded = f"{HEAVY} & set(sys.modules)"
    code = f"import sys; from benchc.cli.main import invoke; sys.exit(invoke(['plan', *sys.argv[1:]]) or str({loaded}))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(spec), "--cache", str(spec.parent / "cache")], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "set()"
