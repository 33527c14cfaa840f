"""Questions about a plan's graph that several parts of the runtime ask.

In: `Plan`. Out: which steps lie behind which, whose they are, what they are called for people, and the part of a plan for some cells.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from benchc.compiler.plan import Cell, Plan, Step


def closure(steps: Mapping[str, Step], wanted: Iterable[str]) -> frozenset[str]:
    """The wanted steps and all that they are made from."""
    found: set[str] = set()
    open_keys = list(wanted)
    while open_keys:
        key = open_keys.pop()
        if key not in found:
            found.add(key)
            open_keys.extend(one for keys in steps[key].inputs.values() for one in keys)
    return frozenset(found)


def steps_of_cell(cell: Cell) -> tuple[str, ...]:
    """Keys of the steps that make a cell, in the order in which they are done."""
    parts = (cell.rows, cell.split_step, cell.encode_step, cell.train_step, cell.predict_step, cell.extract_step)
    return (*(key for key in parts if key is not None), *scores_of_cell(cell))


def scores_of_cell(cell: Cell) -> tuple[str, ...]:
    return (*(metric.score for metric in cell.metrics), *(() if cell.diagnostics is None else (cell.diagnostics,)))


def runs_of_steps(plan: Plan) -> Mapping[str, frozenset[str]]:
    """For each step, the runs whose cells or summaries need it. A gate belongs to no run."""
    steps = {step.key: step for step in plan.steps}
    runs: dict[str, set[str]] = {}
    for run, keys in _wanted(plan):
        for key in closure(steps, keys):
            runs.setdefault(key, set()).add(run)
    return {key: frozenset(names) for key, names in runs.items()}


def _wanted(plan: Plan) -> Iterator[tuple[str, tuple[str, ...]]]:
    for cell in plan.cells:
        yield cell.run, steps_of_cell(cell)
    for aggregate in plan.aggregates:
        yield aggregate.run, (aggregate.step,)
    for suite in plan.suites:
        yield suite.run, (suite.step,)
    for comparison in plan.comparisons:
        yield comparison.run, (comparison.step, comparison.corrected)


def step_names(plan: Plan) -> Mapping[str, str]:
    """What people are told that a step is: its kind and the cell that first needs it, or the data set."""
    names: dict[str, str] = {}
    for cell in plan.cells:
        for key in (cell.encode_step, cell.train_step, cell.predict_step, cell.extract_step, *scores_of_cell(cell)):
            if key is not None:
                names.setdefault(key, cell.id)
    for comparison in plan.comparisons:
        names.setdefault(comparison.step, f"{comparison.task}: {comparison.a} and {comparison.b} by {comparison.metric}")
    for aggregate in plan.aggregates:
        names.setdefault(aggregate.step, f"{aggregate.task}.{aggregate.model} {aggregate.metric}")
    for suite in plan.suites:
        names.setdefault(suite.step, f"{suite.suite} by {suite.model}")
    for gate in plan.gates:
        names.setdefault(gate.step, gate.expression)
    return {step.key: f"{step.kind} {names.get(step.key) or _subject(step)}".rstrip() for step in plan.steps}


def _subject(step: Step) -> str:
    """The data set of a step that no cell names, or the cell that asked for it first."""
    about = step.hints.get("dataset") or step.hints.get("cell")
    return about if isinstance(about, str) else ""


def only(plan: Plan, pattern: str) -> Plan:
    """The part of a plan that makes the cells whose ids match a glob, and the summaries that need no other cell.

    Brackets in a pattern are taken literally, since ids hold them.
    """
    literal = pattern.replace("[", "[[]")
    cells = tuple(cell for cell in plan.cells if fnmatchcase(cell.id, literal))
    steps = {step.key: step for step in plan.steps}
    made = closure(steps, (key for cell in cells for key in steps_of_cell(cell)))

    def whole(step: str) -> bool:
        return all(key in made for key in closure(steps, (step,)) if steps[key].kind in ("predict", "score"))

    aggregates = tuple(item for item in plan.aggregates if whole(item.step))
    comparisons = tuple(item for item in plan.comparisons if whole(item.step) and whole(item.corrected))
    suites = tuple(item for item in plan.suites if whole(item.step))
    gates = tuple(item for item in plan.gates if whole(item.step))
    summaries = (
        *(item.step for item in aggregates),
        *(key for item in comparisons for key in (item.step, item.corrected)),
        *(item.step for item in suites),
        *(item.step for item in gates),
    )
    kept = made | closure(steps, summaries)
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if step.key in kept),
        cells=cells,
        aggregates=aggregates,
        comparisons=comparisons,
        suites=suites,
        gates=gates,
    )
