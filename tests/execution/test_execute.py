"""What happens to the other steps when one is there, fails, is damaged or costs too much."""

import errno
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from small_plans import FakeSteps, small_plan, surroundings

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan
from benchc.runtime.execute import execute
from benchc.runtime.outcome import Done, Failed, NotNeeded, Outcome, Skipped, StepOutcome
from benchc.runtime.plan_graph import only
from benchc.runtime.store import Store
from benchc.runtime.work import StepFailed

TRAIN = "train linear 1"


def outcome_of(plan: Plan, outcome: Outcome, kind: str, model: str, seed: int) -> StepOutcome:
    wanted = (kind, model, seed)
    return next(outcome.steps[step.key] for step in plan.steps if (step.kind, step.params.get("model"), step.params.get("seed")) == wanted)


def test_every_step_is_done_once_and_a_second_run_does_nothing(tmp_path: Path) -> None:
    plan, store, fakes = small_plan(), Store(tmp_path / "store"), FakeSteps()
    first = execute(plan, store, surroundings(tmp_path, fakes))
    assert all(isinstance(end, Done) and not end.reused for end in first.steps.values())
    assert len(fakes.ran) == len(first.steps)
    again = FakeSteps()
    second = execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, again))
    assert again.ran == []
    assert all(isinstance(end, Done) and end.reused for end in second.steps.values())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StepFailed("nan_loss", "the loss is not a number at step 3", "lower the learning rate"), "nan_loss"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out_of_memory"),
        (OSError(errno.ENOSPC, "No space left on device", "weights"), "disk_full"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.csv"), "file_missing"),
        (PermissionError(errno.EACCES, "Permission denied", "a.csv"), "no_permission"),
        (ZeroDivisionError("division by zero"), "internal_error"),
    ],
)
def test_a_failing_step_takes_along_what_needs_it_and_nothing_else(tmp_path: Path, error: Exception, code: str) -> None:
    plan, store = small_plan(), Store(tmp_path / "store")
    outcome = execute(plan, store, surroundings(tmp_path, FakeSteps({TRAIN: error})))
    failed = outcome_of(plan, outcome, "train", "linear", 1)
    assert isinstance(failed, Failed)
    assert failed.code == code
    skipped = outcome_of(plan, outcome, "predict", "linear", 1)
    assert isinstance(skipped, Skipped)
    assert skipped.cause == failed
    assert isinstance(outcome_of(plan, outcome, "predict", "linear", 2), Done)
    assert isinstance(outcome_of(plan, outcome, "predict", "floor", 1), Done)


def test_a_bug_in_a_step_leaves_its_traceback_in_a_file(tmp_path: Path) -> None:
    outcome = execute(small_plan(), Store(tmp_path / "store"), surroundings(tmp_path, FakeSteps({TRAIN: ZeroDivisionError("x")})))
    failed = next(end for end in outcome.steps.values() if isinstance(end, Failed))
    assert failed.details is not None
    assert "ZeroDivisionError" in Path(failed.details).read_text()


def test_after_an_interruption_only_the_rest_is_done(tmp_path: Path) -> None:
    plan, fakes = small_plan(), FakeSteps({TRAIN: KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, fakes))
    again = FakeSteps()
    outcome = execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, again))
    assert all(isinstance(end, Done) for end in outcome.steps.values())
    assert again.ran[0] == TRAIN
    assert not set(again.ran) & set(fakes.ran[:-1]) - {"score", "aggregate", "compare", "gate"}


def test_a_damaged_entry_is_set_aside_made_again_and_said_so(tmp_path: Path) -> None:
    plan, store, events = small_plan(), Store(tmp_path / "store"), list[Mapping[str, Json]]()
    execute(plan, store, surroundings(tmp_path, FakeSteps()))
    score = next(step for step in plan.steps if step.kind == "score")
    (store.place(score.key) / "result.json").write_text("{}")
    fakes = FakeSteps()
    outcome = execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, fakes, events))
    assert fakes.ran == ["score"]
    assert [one.key for one in outcome.repaired] == [score.key]
    assert "result.json" in outcome.repaired[0].reason
    assert [event["key"] for event in events if event["event"] == "entry_damaged"] == [score.key]
    assert json.loads((store.place(score.key) / "result.json").read_text())["method"] == "Wilson"
    assert len(list((tmp_path / "store" / "damaged").iterdir())) == 1


def test_damage_in_a_large_file_is_found_when_a_step_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchc.runtime.store.LARGE_FILE_BYTES", 100)
    plan, store = small_plan(), Store(tmp_path / "store")
    execute(plan, store, surroundings(tmp_path, FakeSteps()))
    train, predict = (next(step for step in plan.steps if step.kind == kind) for kind in ("train", "predict"))
    weights = store.place(train.key) / "weights" / "model.bin"
    weights.write_bytes(b"x" * weights.stat().st_size)
    fakes = FakeSteps()
    execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, fakes))
    assert fakes.ran == []  # nobody reads it
    store.set_aside(predict.key)
    outcome = execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, fakes))
    assert fakes.ran[:2] == ["train floor 1", "predict floor 1"]
    assert [one.key for one in outcome.repaired] == [train.key]


def test_a_model_that_was_cleaned_away_is_not_trained_again_while_its_predictions_are_there(tmp_path: Path) -> None:
    plan, store = small_plan(), Store(tmp_path / "store")
    execute(plan, store, surroundings(tmp_path, FakeSteps()))
    train = next(step for step in plan.steps if step.kind == "train")
    store.set_aside(train.key)
    fakes = FakeSteps()
    outcome = execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, fakes))
    assert fakes.ran == []
    assert isinstance(outcome.steps[train.key], NotNeeded)


def test_what_does_not_fit_the_time_is_left_out(tmp_path: Path) -> None:
    plan = small_plan(budget={"main": {"time": 2.5, "memory": None}})
    outcome = execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, FakeSteps()))
    left_out = [end for end in outcome.steps.values() if isinstance(end, Skipped)]
    assert left_out
    assert {end.code for end in left_out} == {"over_budget"}
    assert "2.5 s" in left_out[0].message
    assert isinstance(next(iter(outcome.steps.values())), Done)


def test_the_part_of_a_plan_for_some_cells_keeps_only_whole_summaries() -> None:
    plan = small_plan()
    part = only(plan, "*linear*")
    assert [cell.id for cell in part.cells] == ["main.task.linear[seed=1]", "main.task.linear[seed=2]"]
    assert [one.model for one in part.aggregates] == ["linear"]
    assert part.comparisons == ()
    assert len(part.gates) == 1
    one = only(plan, "main.task.linear[seed=1]")
    assert [cell.seed for cell in one.cells] == [1]
    assert one.aggregates == one.gates == ()
