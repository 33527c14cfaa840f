"""A plan that does not hold together is noticed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hand_made import plan_of, small_blocks

from benchc.compiler.plan import Plan
from benchc.compiler.verify import BrokenPlanError, verify

WHOLE = plan_of(small_blocks(), ("main.sort.mini.accuracy > 0.5",))


def with_step(plan: Plan, place: int, **changes: object) -> Plan:
    steps = list(plan.steps)
    steps[place] = replace(steps[place], **changes)  # type: ignore[arg-type]
    return replace(plan, steps=tuple(steps))


@pytest.mark.parametrize(
    ("breaking", "words"),
    [
        (lambda plan: replace(plan, steps=plan.steps[::-1]), "stands before its input"),
        (lambda plan: replace(plan, steps=(*plan.steps, plan.steps[0])), "twice"),
        (lambda plan: with_step(plan, 0, params={}), "key"),
        (lambda plan: with_step(plan, 0, version=9), "key"),
        (lambda plan: with_step(plan, 0, kind="guess"), "no kind of step"),
        (lambda plan: with_step(plan, 1, inputs={}), "role `rows`"),
        (lambda plan: with_step(plan, 1, inputs={"rows": (plan.steps[0].key,), "more": ()}), "no role `more`"),
        (lambda plan: with_step(plan, 3, inputs={**plan.steps[3].inputs, "rows": (plan.steps[1].key,)}), "filled by a `split` step"),
        (lambda plan: replace(plan, cells=(plan.cells[0], plan.cells[0])), "two cells"),
        (lambda plan: replace(plan, cells=(replace(plan.cells[0], rows=plan.cells[0].split_step),)), "refers to a `load` step"),
        (lambda plan: replace(plan, cells=(replace(plan.cells[0], metrics=()),)), "primary"),
        (lambda plan: replace(plan, cells=plan.cells[1:]), "which is not there"),
        (lambda plan: replace(plan, comparisons=(replace(plan.comparisons[0], index=1),)), "correction"),
        (lambda plan: replace(plan, gates=(replace(plan.gates[0], step=plan.steps[0].key),)), "refers to a `gate` step"),
    ],
)
def test_each_way_of_breaking_a_plan_is_noticed(breaking: Callable[[Plan], Plan], words: str) -> None:
    with pytest.raises(BrokenPlanError, match=words):
        verify(breaking(WHOLE))


def test_a_whole_plan_is_proved() -> None:
    verify(WHOLE)
