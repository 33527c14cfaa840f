"""From spec to plan.

In: a checked `Spec`, `respec` for its axes, `Files` for the digests of what the steps read. Out: `Lowered`, a plan that `verify` has
proved, or the problems that keep it from being made. Not here: whether the spec makes sense (the checks did that).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchc.compiler.catalog import CATALOG
from benchc.compiler.complete import complete_keys
from benchc.compiler.estimate import estimate, estimate_json
from benchc.compiler.expand import CellSpec, Respec, expand
from benchc.compiler.groups import group_cells
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lower_aggregates import lower_aggregates, lower_suites
from benchc.compiler.lower_blocks import Blocks, Located, root_folder
from benchc.compiler.lower_cells import BuiltCell, CellLowering
from benchc.compiler.lower_comparisons import lower_comparisons
from benchc.compiler.lower_gates import lower_gates
from benchc.compiler.plan import Plan, Step
from benchc.compiler.problems import Problem, error, has_errors, in_reading_order
from benchc.compiler.source import Files, Span
from benchc.compiler.spec import Spec
from benchc.compiler.steps import StepTable, params, record
from benchc.compiler.verify import verify

CODES = (  # of problems that planning finds, and `check` does not
    "gate_without_cell",
    "missing_data_file",
    "missing_folder",
    "missing_package",
    "missing_weights",
    "no_run",
    "run_without_cells",
    "unreadable_file",
)
HEAD_KEYS = ("description", "license", "authors", "tags")


@dataclass(frozen=True, slots=True)
class Lowered:
    """`plan` is None exactly when a problem is an error."""

    plan: Plan | None
    problems: tuple[Problem, ...]


def lower(spec: Spec, respec: Respec, files: Files) -> Lowered:
    """The plan of all runs of a spec that has no errors."""
    expanded = expand(spec, respec)
    located = Located(files, root_folder(spec))
    table = StepTable()
    blocks: dict[int, Blocks] = {}
    cells = _build_cells(expanded.cells, located, table, blocks)
    problems = (*expanded.problems, *located.problems, *_no_cells(spec, expanded.cells))
    if has_errors(problems):
        return Lowered(None, in_reading_order(problems))
    return _assemble(spec, cells, blocks, table, problems)


def _build_cells(specs: Sequence[CellSpec], located: Located, table: StepTable, blocks: dict[int, Blocks]) -> tuple[BuiltCell, ...]:
    """Cells with their steps; `blocks` is filled with the identities of each variant of the spec, by the variant's `id()`."""
    makers: dict[int, CellLowering] = {}
    built: list[BuiltCell] = []
    for cell in specs:
        variant = id(cell.spec)
        if variant not in makers:
            blocks[variant] = Blocks(cell.spec, located)
            makers[variant] = CellLowering(blocks[variant], table)
        made = makers[variant].build(cell)
        if made is not None:
            built.append(made)
    return tuple(built)


def _assemble(
    spec: Spec, cells: Sequence[BuiltCell], blocks: Mapping[int, Blocks], table: StepTable, problems: Sequence[Problem]
) -> Lowered:
    groups = group_cells(cells)
    aggregates = lower_aggregates(groups, table)
    comparisons = lower_comparisons(groups, blocks, table)
    suites = lower_suites(groups, blocks, table)
    gates, faults = lower_gates(spec, groups, suites, table)
    report = _report(spec)
    results = tuple(key for key, step in table.steps.items() if step.kind in ("score", "compare", "aggregate", "gate"))
    table.add("report", params(record(**report)), {"results": results})
    plan = Plan(
        bench=_bench(spec),
        report=report,
        steps=tuple(table.steps.values()),
        cells=tuple(built.cell for built in cells),
        aggregates=aggregates,
        comparisons=comparisons,
        suites=suites,
        gates=gates,
        budget={run.name: run.settings["budget"] for run in spec.blocks["run"].values() if run.settings["budget"] is not None},
    )
    found = in_reading_order((*problems, *faults))
    if has_errors(found):
        return Lowered(None, found)
    verify(plan)
    return Lowered(_with_estimates(plan), found)


def _with_estimates(plan: Plan) -> Plan:
    """The plan with what each step costs among its hints, as far as file sizes tell: the same on every machine."""
    found = estimate(plan)
    steps = (_with_hint(step, "estimate", estimate_json(found[step.key])) for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _with_hint(step: Step, name: str, value: Json) -> Step:
    return Step(step.key, step.kind, step.version, step.params, step.inputs, {**step.hints, name: value})


def _no_cells(spec: Spec, cells: Sequence[CellSpec]) -> tuple[Problem, ...]:
    if not spec.blocks.get("run"):
        return (error("no_run", "the spec has no `run`, so there is nothing to plan", Span(spec.path, 0, 0)),)
    filled = {cell.run.name for cell in cells}
    return tuple(
        error("run_without_cells", f"the run `{run.name}` excludes all of its cells", run.spans.at("exclude"))
        for run in spec.blocks["run"].values()
        if run.name not in filled
    )


def _bench(spec: Spec) -> Mapping[str, Json]:
    """What the report's head shows, with the doc comments of blocks as "kind.name"."""
    docs = {f"{kind}.{block.name}": block.doc for kind, named in spec.blocks.items() for block in named.values() if block.doc}
    docs |= {f"gate.{gate.name}": gate.doc for gate in spec.gates if gate.doc}
    docs |= {f"param.{param.name}": param.doc for param in spec.params.values() if param.doc}
    if spec.bench is None:
        return {"name": "", "description": None, "license": None, "authors": [], "tags": [], "docs": docs}
    head = {key: spec.bench.settings[key] for key in HEAD_KEYS}
    own = {"bench": spec.bench.doc} if spec.bench.doc else {}
    return {"name": spec.bench.name, **head, "docs": {**own, **docs}}


def _report(spec: Spec) -> Mapping[str, Json]:
    """The report block; its defaults where the spec has none."""
    written = next(iter(spec.blocks.get("report", {}).values()), None)
    return complete_keys({}, CATALOG.blocks["report"].keys, CATALOG) if written is None else dict(written.settings)
