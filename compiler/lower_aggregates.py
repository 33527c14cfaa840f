"""Means over seeds and folds, and scores of suites.

In: groups of cells. Out: `Aggregate` and `PlannedSuite` values, their steps added to the table. Not here: statistics.
"""

from collections.abc import Iterator, Mapping, Sequence

from benchc.compiler.expand import params_text, task_names
from benchc.compiler.groups import Group, one_value, summed_up
from benchc.compiler.jsonvalue import mapping
from benchc.compiler.lower_blocks import Blocks
from benchc.compiler.lower_cells import BuiltCell
from benchc.compiler.plan import Aggregate, PlannedSuite
from benchc.compiler.steps import StepTable, params, record


def lower_aggregates(groups: Sequence[Group], table: StepTable) -> tuple[Aggregate, ...]:
    """Each metric over the seeds and folds of each group."""
    return tuple(_aggregate(group, metric.name, table) for group in groups for metric in group.first.cell.metrics)


def _aggregate(group: Group, metric: str, table: StepTable) -> Aggregate:
    cell = group.first.cell
    ids = tuple(built.cell.id for built in group.cells)
    step = summed_up(group, metric, table)
    return Aggregate(cell.run, cell.task, cell.model, cell.train, cell.params, metric, ids, step)


def lower_suites(groups: Sequence[Group], blocks: Mapping[int, Blocks], table: StepTable) -> tuple[PlannedSuite, ...]:
    """One score for each model, training setting, params and seed of the runs that name a suite, where no task was excluded."""
    families: dict[tuple[object, ...], list[Group]] = {}
    for group in groups:
        if group.first.spec.run.settings["suite"] is not None:
            cell = group.first.cell
            families.setdefault((cell.run, cell.model, params_text(cell.params)), []).append(group)
    return tuple(suite for family in families.values() for suite in _suites_of(family, blocks, table))


def _suites_of(family: Sequence[Group], blocks: Mapping[int, Blocks], table: StepTable) -> Iterator[PlannedSuite]:
    spec = family[0].first.spec
    tasks = task_names(spec.run, spec.spec)
    trains = dict.fromkeys(group.first.cell.train for group in family)
    named: list[str | None] = [train for train in trains if train is not None]
    for train in named or [None]:
        chosen = [_group_of(task, train, family) for task in tasks]
        present = [group for group in chosen if group is not None]
        if len(present) < len(tasks):
            continue
        for seed in dict.fromkeys(built.cell.seed for built in present[0].cells):
            values = [_primary_score(group, seed, table) for group in present]
            yield _suite(present[0].first, train, seed, tuple(values), blocks, table)


def _group_of(task: str, train: str | None, family: Sequence[Group]) -> Group | None:
    """The group of a task with this training setting, else the one without any (a task that its model does untrained)."""
    of_task = [group for group in family if group.first.cell.task == task]
    return next((group for group in of_task if group.first.cell.train == train), None) or next(
        (group for group in of_task if group.first.cell.train is None), None
    )


def _primary_score(group: Group, seed: int, table: StepTable) -> str:
    """The primary score at one seed; over its folds where there are any."""
    of_seed = Group(tuple(built for built in group.cells if built.cell.seed == seed))
    primary = next(ref.name for ref in group.first.cell.metrics if ref.primary)
    return one_value(of_seed, primary, table)


def _suite(
    example: BuiltCell, train: str | None, seed: int, values: tuple[str, ...], blocks: Mapping[int, Blocks], table: StepTable
) -> PlannedSuite:
    spec, cell = example.spec, example.cell
    suite = spec.spec.block("suite", str(spec.run.settings["suite"]))
    call = mapping(suite.settings["aggregate"])
    plain = blocks[id(spec.spec)].call("suite_score", call, suite)
    weights = call.get("weights")
    tasks = task_names(spec.run, spec.spec)
    settings = record(
        of="suite",
        aggregate={name: value for name, value in mapping(plain.value).items() if name != "weights"},
        weights=[weights.get(task, 0) for task in tasks] if isinstance(weights, Mapping) else None,
    )
    step = table.add("aggregate", params(settings), {"values": values}, {"suite": suite.name, "model": cell.model})
    return PlannedSuite(suite.name, cell.run, cell.model, train, cell.params, seed, step)
