"""What must hold: each test of a gate, on the scores that it refers to.

In: the spec's gates, groups of cells. Out: `PlannedGate` values, their steps added to the table, and problems for references that no
cell answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchc.compiler.expand import params_text
from benchc.compiler.groups import Group, one_value
from benchc.compiler.plan import PlannedGate
from benchc.compiler.problems import Problem, error
from benchc.compiler.spec import GateTest, Spec
from benchc.compiler.steps import StepTable, params, record


def lower_gates(spec: Spec, groups: Sequence[Group], table: StepTable) -> tuple[tuple[PlannedGate, ...], tuple[Problem, ...]]:
    """The gates' tests: one for each set of values of the axes and each training setting that a reference leaves open."""
    gates: list[PlannedGate] = []
    problems: list[Problem] = []
    for gate in spec.gates:
        for test in gate.tests:
            left, right = _side(test.left, groups, table), _side(test.right, groups, table)
            problems.extend(_unknown_side(test, left, right))
            gates.extend(_gate_tests(gate.name, test, left, right, table))
    return tuple(gates), tuple(problems)


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a gate's test: a number, or the step that makes it. `variant` tells it from other values of the same reference."""

    variant: str
    number: float | None
    step: str | None


def _side(value: str | float, groups: Sequence[Group], table: StepTable) -> tuple[_Side, ...]:
    if not isinstance(value, str):
        return (_Side("", value, None),)
    return tuple(side for group in groups for side in _sides_of(value, group, table))


def _sides_of(reference: str, group: Group, table: StepTable) -> Iterator[_Side]:
    built = group.first
    with_train, without = built.spec.group_id(built.cell.run), f"{built.cell.run}.{built.cell.task}.{built.cell.model}"
    for ref in built.cell.metrics:
        if reference in {f"{prefix}.{name}" for prefix in (with_train, without) for name in _metric_names(ref.name)}:
            step = one_value(group, ref.name, table)
            train = () if reference.startswith(f"{with_train}.") or built.cell.train is None else (built.cell.train,)
            yield _Side(",".join((*train, *params_text(built.cell.params))), None, step)
            return


def _metric_names(name: str) -> tuple[str, str]:
    """What a gate may call a metric: its name, or the word before its arguments."""
    return name, name.partition("(")[0]


def _gate_tests(name: str, test: GateTest, left: Sequence[_Side], right: Sequence[_Side], table: StepTable) -> Iterator[PlannedGate]:
    for one, other in _matched(left, right):
        settings = record(op=test.op, left=one.number, right=other.number)
        inputs = {role: (side.step,) for role, side in (("left", one), ("right", other)) if side.step is not None}
        variant = one.variant or other.variant
        expression = f"{test.text} [{variant}]" if variant and max(len(left), len(right)) > 1 else test.text
        yield PlannedGate(name, expression, table.add("gate", params(settings), inputs, {"gate": name, "expression": expression}))


def _matched(left: Sequence[_Side], right: Sequence[_Side]) -> Iterator[tuple[_Side, _Side]]:
    """Sides with the same values of the axes; one that has a single value stands against all of the other."""
    if len(left) == 1 or len(right) == 1:
        yield from ((one, other) for one in left for other in right)
        return
    by_variant = {side.variant: side for side in right}
    yield from ((one, by_variant[one.variant]) for one in left if one.variant in by_variant)


def _unknown_side(test: GateTest, left: Sequence[_Side], right: Sequence[_Side]) -> Iterator[Problem]:
    for value, sides, span in ((test.left, left, test.left_span), (test.right, right, test.right_span)):
        if not sides:
            yield error("gate_without_cell", f"no cell of any run gives `{value}`", span)
    if left and right and not any(True for _ in _matched(left, right)):
        yield error("gate_without_cell", f"the two sides of `{test.text}` share no values of their axes", test.span)
