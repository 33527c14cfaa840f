"""Proof that a plan is one: run after every lowering, and on every plan that is read.

In: `Plan`. Out: nothing, or `BrokenPlanError`. A broken plan is a fault of the compiler or of a file, never of a spec.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchc.compiler.catalog import STEP_VERSIONS
from benchc.compiler.jsonvalue import canonical
from benchc.compiler.plan import Cell, Plan, Step
from benchc.compiler.steps import step_key


class BrokenPlanError(Exception):
    """What is wrong with a plan, in a sentence."""


@dataclass(frozen=True, slots=True)
class Role:
    """What may fill a role: steps of these kinds, this many at least and at most."""

    kinds: tuple[str, ...]
    least: int = 1
    most: int | None = 1


ANSWERS = ("predict", "extract", "examine")  # steps whose predictions can be scored

ROLES: Mapping[str, Mapping[str, Role]] = {
    "load": {},
    "split": {"rows": Role(("load",))},
    "encode": {"rows": Role(("load",)), "split": Role(("split",)), "shots": Role(("split",), least=0)},
    "train": {"rows": Role(("load",)), "split": Role(("split",)), "encoded": Role(("encode",), least=0)},
    "predict": {
        "rows": Role(("load",)),
        "split": Role(("split",)),
        "encoded": Role(("encode",), least=0),
        "model": Role(("train",), least=0),
    },
    "extract": {"predictions": Role(("predict",))},
    "examine": {"predictions": Role(("predict", "extract")), "rows": Role(("load",)), "split": Role(("split",))},
    "score": {"predictions": Role(ANSWERS)},
    "compare": {"a": Role(ANSWERS, most=None), "b": Role(ANSWERS, most=None)},
    "aggregate": {"values": Role(("score", "compare", "aggregate"), most=None)},
    "gate": {"left": Role(("score", "aggregate"), least=0), "right": Role(("score", "aggregate"), least=0)},
    "report": {"results": Role(("score", "compare", "aggregate", "gate"), most=None)},
}


def verify(plan: Plan) -> None:
    """Raises BrokenPlanError unless every step stands once, behind its inputs, with inputs of the right kinds and the key that its contents
    make, and everything that the plan refers to is there. Steps behind their inputs make a graph without circles."""
    kinds: dict[str, str] = {}
    texts: dict[int, str] = {}
    for step in plan.steps:
        if step.key in kinds:
            raise BrokenPlanError(f"step {step.key[:12]} stands there twice")
        _verify_inputs(step, kinds)
        _verify_key(step, texts)
        kinds[step.key] = step.kind
    _verify_cells(plan, kinds)
    _verify_summaries(plan, kinds)


def _verify_inputs(step: Step, kinds: Mapping[str, str]) -> None:
    roles = ROLES.get(step.kind)
    if roles is None:
        raise BrokenPlanError(f"there is no kind of step `{step.kind}`")
    if extra := set(step.inputs) - set(roles):
        raise BrokenPlanError(f"a `{step.kind}` step has no role `{min(extra)}`")
    for name, role in roles.items():
        keys = step.inputs.get(name, ())
        if len(keys) < role.least or (role.most is not None and len(keys) > role.most):
            raise BrokenPlanError(f"role `{name}` of {step.kind} {step.key[:12]} is filled by {len(keys)} steps")
        for key in keys:
            if key not in kinds:
                raise BrokenPlanError(f"{step.kind} {step.key[:12]} stands before its input {key[:12]}, or that is not there")
            if kinds[key] not in role.kinds:
                raise BrokenPlanError(f"role `{name}` of {step.kind} {step.key[:12]} is filled by a `{kinds[key]}` step")


def _verify_key(step: Step, texts: dict[int, str]) -> None:
    """`texts` holds canonical texts by the `id()` of params, which live as long as the plan."""
    if id(step.params) not in texts:
        texts[id(step.params)] = canonical(step.params)
    if step_key(step.kind, step.version, texts[id(step.params)], step.inputs) != step.key:
        raise BrokenPlanError(f"the key of {step.kind} {step.key[:12]} does not fit its contents")


def _verify_cells(plan: Plan, kinds: Mapping[str, str]) -> None:
    ids: set[str] = set()
    for cell in plan.cells:
        if cell.id in ids:
            raise BrokenPlanError(f"two cells are called `{cell.id}`")
        ids.add(cell.id)
        for kind, key in _steps_of(cell):
            if kinds.get(key) != kind:
                raise BrokenPlanError(f"cell `{cell.id}` refers to a `{kind}` step that is not there")
        if sum(metric.primary for metric in cell.metrics) != 1:
            raise BrokenPlanError(f"cell `{cell.id}` has not exactly one primary metric")
    for name, cells in _cells_named(plan):
        if missing := set(cells) - ids:
            raise BrokenPlanError(f"{name} refers to the cell `{min(missing)}`, which is not there")


def _steps_of(cell: Cell) -> Iterator[tuple[str, str]]:
    yield from (("load", cell.rows), ("split", cell.split_step), ("predict", cell.predict_step))
    yield from ((kind, key) for kind, key in _optional(cell) if key is not None)
    yield from (("score", metric.score) for metric in cell.metrics)
    if cell.diagnostics is not None:
        yield "score", cell.diagnostics


def _optional(cell: Cell) -> tuple[tuple[str, str | None], ...]:
    return ("encode", cell.encode_step), ("train", cell.train_step), ("extract", cell.extract_step)


def _cells_named(plan: Plan) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((f"the aggregate of `{one.metric}`", one.cells) for one in plan.aggregates)
    yield from ((f"the comparison of `{one.a}` and `{one.b}`", (*one.cells_a, *one.cells_b)) for one in plan.comparisons)


def _verify_summaries(plan: Plan, kinds: Mapping[str, str]) -> None:
    wanted = [("aggregate", one.step) for one in plan.aggregates] + [("aggregate", one.step) for one in plan.suites]
    wanted += [("compare", one.step) for one in plan.comparisons] + [("aggregate", one.corrected) for one in plan.comparisons]
    wanted += [("gate", one.step) for one in plan.gates]
    for kind, key in wanted:
        if kinds.get(key) != kind:
            raise BrokenPlanError(f"a summary refers to a `{kind}` step that is not there")
    inputs = {step.key: step.inputs for step in plan.steps if step.kind == "aggregate"}
    for one in plan.comparisons:
        if inputs[one.corrected]["values"][one.index] != one.step:
            raise BrokenPlanError(f"the comparison of `{one.a}` and `{one.b}` is not where its correction has it")


def verify_versions(plan: Plan) -> None:
    """Raises BrokenPlanError when a step was planned for another version of its implementation than this one."""
    for step in plan.steps:
        if step.version != STEP_VERSIONS[step.kind]:
            raise BrokenPlanError(f"`{step.kind}` steps have version {STEP_VERSIONS[step.kind]} here, the plan wants {step.version}")
