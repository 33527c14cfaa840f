"""What a run leaves in its folder."""

import errno
import itertools
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_plans import FakeSteps, small_plan

from benchc.compiler.plan import Plan
from benchc.compiler.source import Source
from benchc.runtime import results
from benchc.runtime.disk_writes import Disk
from benchc.runtime.run_folder import FolderTakenError, file_names, source_places
from benchc.runtime.run_plan import FinishedRun, PlannedRun, RunOptions, run_plan
from benchc.runtime.store import Store
from benchc.runtime.work import StepFailed


def run(folder: Path, fakes: FakeSteps | None = None, plan: Plan | None = None, **more: object) -> FinishedRun:
    seconds = itertools.count()
    options = RunOptions(
        out=folder / "out",
        store=Store(folder / "store"),
        place=lambda location: folder / location,
        now=lambda: datetime.fromtimestamp(next(seconds), UTC),
        clock=lambda: float(next(seconds)),
        implementation=(fakes or FakeSteps()).implementation,
    )
    spec = str(folder / "small.bench")
    planned = PlannedRun(spec, {spec: Source(spec, 'edition = "2026"\n')}, (), plan or small_plan(), "{}\n")
    return run_plan(planned, replace(options, **more))


def test_a_run_leaves_what_the_design_says(tmp_path: Path) -> None:
    done = run(tmp_path)
    names = sorted(
        path.relative_to(done.folder).as_posix() for path in done.folder.rglob("*") if path.is_file() and "errors" not in path.parts
    )
    assert [name for name in names if not name.startswith("predictions/")] == [
        "bench.lock",
        "events.jsonl",
        "plan.json",
        "results.json",
        "run.json",
        "spec/small.bench",
    ]
    assert len([name for name in names if name.startswith("predictions/")]) == 4
    assert done.exit_code == 0
    record = json.loads((done.folder / "run.json").read_text())
    assert record["status"] == "finished"
    assert record["seeds"] == [1, 2]
    assert record["steps"] == {"reused": 0, "computed": 19, "all": 19}


def test_results_keep_the_promises_of_their_schema_and_hold_the_numbers_of_the_steps(tmp_path: Path) -> None:
    value = results.read_results(run(tmp_path).folder)
    assert results.schema_faults(value) == []
    cell = results.objects(value, "cells")[2]
    assert (cell["id"], cell["status"], cell["n"], cell["train_seconds"]) == ("main.task.linear[seed=1]", "ok", 2, 1.5)
    assert cell["metrics"] == {"accuracy": {"value": 1.0, "low": 0.9, "high": 1.1, "method": "Wilson", "n": 2, "notes": []}}
    assert results.objects(value, "aggregates")[0]["mean"] == 0.5
    assert results.objects(value, "comparisons")[0]["p_adjusted"] == 0.01
    assert results.objects(value, "gates")[0]["passed"] is True


def test_the_schema_refuses_what_it_does_not_promise(tmp_path: Path) -> None:
    value = results.read_results(run(tmp_path).folder)
    cells = results.objects(value, "cells")
    assert results.schema_faults({**value, "cells": [{**cells[0], "colour": "red"}]})
    assert results.schema_faults({**value, "cells": [{**cells[0], "status": "fine"}]})


def test_failed_cells_are_in_the_results_and_make_the_exit_code_4(tmp_path: Path) -> None:
    fakes = FakeSteps({"train linear 1": StepFailed("nan_loss", "the loss is not a number", "lower the learning rate")})
    done = run(tmp_path, fakes)
    by_id = {cell["id"]: cell for cell in results.objects(done.results, "cells")}
    failed = by_id["main.task.linear[seed=1]"]
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "nan_loss"
    assert failed["error"]["help"] == "lower the learning rate"
    assert failed["metrics"] == {}
    assert by_id["main.task.linear[seed=2]"]["status"] == "ok"
    assert results.objects(done.results, "gates")[0]["passed"] is None
    assert done.exit_code == 4
    assert results.schema_faults(done.results) == []


def test_a_gate_that_does_not_hold_makes_the_exit_code_3(tmp_path: Path) -> None:
    assert run(tmp_path, plan=small_plan(models=("linear", "floor"))).exit_code == 0
    plan = small_plan(models=("floor",))
    fails = FakeSteps()
    assert run(tmp_path / "x", fails, plan).exit_code == 0  # 0.5 >= 0.5
    results_of = run(tmp_path / "x", fails, plan).results
    gate = results.objects(results_of, "gates")[0]
    assert results.exit_code({**results_of, "gates": [{**gate, "passed": False}]}) == 3


def test_a_second_run_gives_the_same_values_from_the_store(tmp_path: Path) -> None:
    first, again = run(tmp_path), run(tmp_path, FakeSteps({"train linear 1": ZeroDivisionError()}), out=tmp_path / "again")
    assert results.comparable(first.results) == results.comparable(again.results)
    assert json.loads((again.folder / "run.json").read_text())["steps"]["computed"] == 0


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(FolderTakenError, match="not empty"):
        run(tmp_path)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_the_folder_of_an_earlier_run_of_the_same_bench_is_used_again(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "out" / "notes.txt").write_text("mine")
    run(tmp_path)
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_whichever_write_of_the_folder_fails_nothing_that_was_done_is_lost(tmp_path: Path) -> None:
    """A full disk at the n-th operation on the run's folder, for every n until none is left to fail."""
    plan = small_plan(models=("linear",), seeds=(1,))
    run(tmp_path, plan=plan)
    for fail_at in range(1, 200):
        left = [fail_at]

        def fill(operation: str, path: Path, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))

        if not _fails(tmp_path, plan, Disk(fill)):
            assert left[0] > 0
            assert fail_at > 10
            break
    done = run(tmp_path, FakeSteps({"train linear 1": ZeroDivisionError()}), plan)
    assert done.exit_code == 0
    assert json.loads((done.folder / "run.json").read_text())["steps"]["computed"] == 0


def _fails(folder: Path, plan: Plan, disk: Disk) -> bool:
    try:
        run(folder, plan=plan, disk=disk)
    except OSError as trouble:
        assert trouble.errno == errno.ENOSPC  # noqa: PT017 - both ends are right
        return True
    return False


def test_an_interrupted_run_says_so_and_keeps_what_was_done(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, FakeSteps({"train linear 1": KeyboardInterrupt()}))
    assert json.loads((tmp_path / "out" / "run.json").read_text())["status"] == "interrupted"
    assert run(tmp_path).exit_code == 0


def test_events_are_one_json_object_a_line_with_the_time(tmp_path: Path) -> None:
    lines = (run(tmp_path).folder / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$", event["time"]) for event in events)
    assert [events[0]["event"], events[-1]["event"]] == ["run_started", "run_finished"]
    assert {"step_started", "step_finished"} <= {event["event"] for event in events}


def test_ids_become_file_names_that_stay_apart() -> None:
    names = file_names(["main.task.a[seed=1]", "a/b", "a\\b", "../x", "A[s]", "a[s]", "x" * 300, "con."])
    assert names["main.task.a[seed=1]"] == "main.task.a[seed=1]"
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert all(re.fullmatch(r"[\w.,=\[\]-]{1,130}", name) for name in names.values())


def test_sources_outside_the_specs_folder_are_put_into_imports() -> None:
    paths = ["specs/a.bench", "specs/lib/b.bench", "other/c.bench", "std:glue", "specs/../d.bench"]
    places = source_places("specs/a.bench", paths)
    assert places["specs/a.bench"] == "a.bench"
    assert places["specs/lib/b.bench"] == "lib/b.bench"
    assert all(places[path].startswith("imports/") for path in paths[2:])
