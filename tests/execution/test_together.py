"""Steps that bear the same hint `together` are computed in one go, and end each for itself."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from small_plans import FakeSteps, make_predict, small_plan, surroundings

from benchc.compiler.plan import Plan, Step
from benchc.runtime.execute import Surroundings, execute
from benchc.runtime.outcome import Done, Failed, Outcome, Skipped, StepOutcome
from benchc.runtime.store import Store
from benchc.runtime.work import Inputs, StepFailed, Work


def plan() -> Plan:
    """Every prediction of the model `linear` bears the same hint; those of `floor` none."""
    made = small_plan()
    together = {"together": "linear"}
    steps = (replace(one, hints=together) if one.kind == "predict" and one.params["model"] == "linear" else one for one in made.steps)
    return replace(made, steps=tuple(steps))


class Calls:
    """What was asked for in one go. `troubles`: seeds whose step fails; `bug`: raised instead of returning."""

    def __init__(self, troubles: tuple[int, ...] = (), bug: Exception | None = None) -> None:
        self.groups: list[list[object]] = []
        self.troubles = troubles
        self.bug = bug

    def together(self, kind: str):  # type: ignore[no-untyped-def]
        def run(steps: Sequence[Step], inputs: Sequence[Inputs], works: Sequence[Work]) -> list[float | Exception]:
            self.groups.append([step.params["seed"] for step in steps])
            if self.bug is not None:
                raise self.bug
            return [self.one(*parts) for parts in zip(steps, inputs, works, strict=True)]

        return run

    def one(self, step: Step, inputs: Inputs, work: Work) -> float | Exception:
        if step.params["seed"] in self.troubles:
            return StepFailed("bad", "not this one")
        assert all(folder.is_dir() for folders in inputs.values() for folder in folders)
        make_predict(step, inputs, work.folder)
        return 2.5


def around(folder: Path, calls: Calls, fakes: FakeSteps | None = None) -> Surroundings:
    return replace(surroundings(folder, fakes or FakeSteps()), implementation_together=calls.together)


def end_of(made: Plan, outcome: Outcome, kind: str, seed: int, model: str = "linear") -> StepOutcome:
    wanted = (kind, model, seed)
    return next(outcome.steps[one.key] for one in made.steps if (one.kind, one.params.get("model"), one.params.get("seed")) == wanted)


def test_steps_with_the_same_hint_are_computed_in_one_go_after_what_they_need(tmp_path: Path) -> None:
    calls = Calls()
    outcome = execute(plan(), Store(tmp_path / "store"), around(tmp_path, calls))
    assert [sorted(group, key=str) for group in calls.groups] == [[1, 2]]
    assert all(isinstance(end, Done) for end in outcome.steps.values())
    end = end_of(plan(), outcome, "predict", 2)
    assert isinstance(end, Done)
    assert end.seconds == 2.5
    again = Calls()
    second = execute(plan(), Store(tmp_path / "store"), around(tmp_path, again))
    assert again.groups == []
    assert all(isinstance(end, Done) and end.reused for end in second.steps.values())


def test_a_step_that_fails_takes_none_of_the_group_along(tmp_path: Path) -> None:
    outcome = execute(plan(), Store(tmp_path / "store"), around(tmp_path, Calls(troubles=(1,))))
    assert isinstance(end_of(plan(), outcome, "predict", 1), Failed)
    assert isinstance(end_of(plan(), outcome, "predict", 2), Done)


def test_a_step_whose_input_failed_is_skipped_and_the_others_go_on(tmp_path: Path) -> None:
    calls = Calls()
    fakes = FakeSteps({"train linear 1": StepFailed("nan_loss", "no number")})
    outcome = execute(plan(), Store(tmp_path / "store"), around(tmp_path, calls, fakes))
    assert isinstance(end_of(plan(), outcome, "predict", 1), Skipped)
    assert isinstance(end_of(plan(), outcome, "predict", 2), Done)


def test_only_what_is_not_in_the_store_is_computed(tmp_path: Path) -> None:
    execute(plan(), Store(tmp_path / "store"), around(tmp_path, Calls(troubles=(1,))))
    calls = Calls()
    outcome = execute(plan(), Store(tmp_path / "store"), around(tmp_path, calls))
    assert calls.groups == []  # one step is left, which needs no company
    assert all(isinstance(end, Done) for end in outcome.steps.values())


@pytest.mark.parametrize(("bug", "code"), [(ZeroDivisionError("oh"), "internal_error"), (MemoryError(), "out_of_memory")])
def test_a_failure_of_the_whole_is_that_of_each(tmp_path: Path, bug: Exception, code: str) -> None:
    outcome = execute(plan(), Store(tmp_path / "store"), around(tmp_path, Calls(bug=bug)))
    for seed in (1, 2):
        end = end_of(plan(), outcome, "predict", seed)
        assert isinstance(end, Failed)
        assert end.code == code
    assert isinstance(end_of(plan(), outcome, "predict", 1, model="floor"), Done)
