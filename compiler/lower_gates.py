"""What must hold: each test of a gate, on the scores that it refers to.

In: the spec's gates, groups of cells, scores of suites. Out: `PlannedGate` values, their steps added to the table, and problems for
references that no cell answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchc.compiler.expand import params_text
from benchc.compiler.groups import Group, one_value
from benchc.compiler.plan import PlannedGate, PlannedSuite
from benchc.compiler.problems import Problem, error
from benchc.compiler.spec import SCORE, GateTest, Spec
from benchc.compiler.steps import StepTable, params, record


def lower_gates(
    spec: Spec, groups: Sequence[Group], suites: Sequence[PlannedSuite], table: StepTable
) -> tuple[tuple[PlannedGate, ...], tuple[Problem, ...]]:
    """The gates' tests: one for each set of values of the axes and each training setting that a reference leaves open."""
    gates: list[PlannedGate] = []
    problems: list[Problem] = []
    scores = _suite_scores(suites)
    for gate in spec.gates:
        for test in gate.tests:
            left, right = (_sides(value, groups, scores, spec, table) for value in (test.left, test.right))
            problems.extend(_unknown_side(test, left, right))
            gates.extend(_gate_tests(gate.name, test, left, right, table))
    return tuple(gates), tuple(problems)


@dataclass(frozen=True, slots=True)
class _SuiteScores:
    """The score of a suite by one model, training setting and set of params: the step of each seed."""

    example: PlannedSuite
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a gate's test: a number, or the step that makes it. `values` (of axes) and `train` are what the reference leaves open."""

    values: tuple[str, ...]
    train: str | None
    number: float | None
    step: str | None


def _sides(value: str | float, groups: Sequence[Group], suites: Sequence[_SuiteScores], spec: Spec, table: StepTable) -> tuple[_Side, ...]:
    if not isinstance(value, str):
        return (_Side((), None, value, None),)
    of_groups = [_side_of(value, group, table) for group in groups]
    of_suites = [_side_of_suite(value, suite, spec, table) for suite in suites]
    return tuple(side for side in (*of_groups, *of_suites) if side is not None)


def _side_of_suite(reference: str, suite: _SuiteScores, spec: Spec, table: StepTable) -> _Side | None:
    """What a suite's scores give for a reference: the only one, else their mean over seeds; None when it means another suite."""
    one = suite.example
    without = f"{one.run}.{one.suite}.{one.model}"
    if reference == f"{without}.{SCORE}":
        train = one.train
    elif one.train is not None and reference == f"{without}.{one.train}.{SCORE}":
        train = None
    else:
        return None
    step = suite.steps[0] if len(suite.steps) == 1 else _over_seeds(suite, spec, table)
    return _Side(params_text(one.params), train, None, step)


def _over_seeds(suite: _SuiteScores, spec: Spec, table: StepTable) -> str:
    one = suite.example
    settings = record(of="seeds", confidence=spec.block("run", one.run).settings["confidence"])
    return table.add("aggregate", params(settings), {"values": suite.steps}, {"suite": one.suite, "model": one.model})


def _suite_scores(suites: Sequence[PlannedSuite]) -> tuple[_SuiteScores, ...]:
    """The scores that differ in seed alone; seeds that cannot change a result share a step."""
    found: dict[tuple[object, ...], list[PlannedSuite]] = {}
    for one in suites:
        found.setdefault((one.run, one.suite, one.model, one.train, params_text(one.params)), []).append(one)
    return tuple(_SuiteScores(same[0], tuple(dict.fromkeys(one.step for one in same))) for same in found.values())


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
