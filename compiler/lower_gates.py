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
    """One side of a gate's test: a number, or the step that makes it. `values` (of axes) and `train` are what the reference leaves open."""

    values: tuple[str, ...]
    train: str | None
    number: float | None
    step: str | None


def _side(value: str | float, groups: Sequence[Group], table: StepTable) -> tuple[_Side, ...]:
    if not isinstance(value, str):
        return (_Side((), None, value, None),)
    sides = (_side_of(value, group, table) for group in groups)
    return tuple(side for side in sides if side is not None)


def _side_of(reference: str, group: Group, table: StepTable) -> _Side | None:
    """What a group gives for a reference; None when it means another group."""
    cell = group.first.cell
    without = f"{cell.run}.{cell.task}.{cell.model}"
    for prefix, train in ((group.first.spec.group_id(cell.run), None), (without, cell.train)):
        metric = _metric(reference.removeprefix(f"{prefix}."), group) if reference.startswith(f"{prefix}.") else None
        if metric is not None:
            return _Side(params_text(cell.params), train, None, one_value(group, metric, table))
    return None


def _metric(word: str, group: Group) -> str | None:
    """The metric that a gate calls so: by its name, else by the word before its arguments."""
    names = [ref.name for ref in group.first.cell.metrics]
    return word if word in names else next((name for name in names if name.partition("(")[0] == word), None)


def _gate_tests(name: str, test: GateTest, left: Sequence[_Side], right: Sequence[_Side], table: StepTable) -> Iterator[PlannedGate]:
    several = max(len(left), len(right)) > 1
    trains = {side.train for side in (*left, *right) if side.train is not None}
    for one, other in _matched(left, right):
        settings = record(op=test.op, left=one.number, right=other.number)
        inputs = {role: (side.step,) for role, side in (("left", one), ("right", other)) if side.step is not None}
        expression = f"{test.text} [{', '.join(_left_open(one, other, len(trains) > 1))}]" if several else test.text
        yield PlannedGate(name, expression, table.add("gate", params(settings), inputs, {"gate": name, "expression": expression}))


def _left_open(one: _Side, other: _Side, trains_vary: bool) -> Iterator[str]:
    """What tells a test from others of the same text."""
    if trains_vary:
        yield from dict.fromkeys(train for train in (one.train, other.train) if train is not None)
    yield from one.values or other.values


def _matched(left: Sequence[_Side], right: Sequence[_Side]) -> Iterator[tuple[_Side, _Side]]:
    """Sides with the same values of axes and the same training setting. What does not vary on one side fits all of the other."""
    fixed_values = min(len({side.values for side in sides}) for sides in (left, right)) == 1
    fixed_train = min(len({side.train for side in sides}) for sides in (left, right)) == 1
    for one in left:
        for other in right:
            if (fixed_values or one.values == other.values) and (fixed_train or one.train == other.train):
                yield one, other


def _unknown_side(test: GateTest, left: Sequence[_Side], right: Sequence[_Side]) -> Iterator[Problem]:
    for value, sides, span in ((test.left, left, test.left_span), (test.right, right, test.right_span)):
        if not sides:
            yield error("gate_without_cell", f"no cell of any run gives `{value}`", span)
    if left and right and not any(True for _ in _matched(left, right)):
        yield error("gate_without_cell", f"the two sides of `{test.text}` share no values of their axes", test.span)
