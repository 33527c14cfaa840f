"""A metric on each group of the examples by itself, with its interval: where a model is good, and where it is not.

In: a run's folder. Out: the section `groups`, when some metric was had by group.
"""

from collections.abc import Sequence

from benchc.runtime.report.document import Block, Column, Entry, Folded, Section, StripRow, Strips, Table
from benchc.runtime.report.numbers import NONE, count, interval, measure, sort_key
from benchc.runtime.report.plots.scale import Scale, fitted
from benchc.runtime.report.plots.strips import StripMarks, strip, strip_axis
from benchc.runtime.report.run_record import CellResult, Estimate, MetricFacts, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.shown_cells import cell_title, first_cells

MOST_PLOTS = 6  # of one metric, a plot for each model
NEUTRAL = {"preference_rate": 0.5}  # where a metric says that there is nothing to see

LEAD = (
    "For each model, the cell of its first seed. The interval of a group is about its own examples; that of all draws whole groups. "
    "Groups that are small have wide intervals: that two of them differ is not shown by their values alone."
)


def groups_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        cells = first_cells(task)
        metrics = sorted((one for one in task.metrics if any(_groups(cell, one) for cell in cells)), key=lambda one: not one.primary)
        if metrics:
            blocks += task_heading(run, task)
        for at, metric in enumerate(metrics):
            made = _blocks(task, metric, [cell for cell in cells if _groups(cell, metric)])
            blocks += made if at == 0 else [Folded(f"{metric.name} by group", tuple(made))]
    return Section("groups", "By group", LEAD, tuple(blocks)) if blocks else None


def _groups(cell: CellResult, metric: MetricFacts) -> dict[str, Estimate]:
    found = cell.metrics.get(metric.name)
    return dict(found.by_group) if found is not None else {}


def _blocks(task: TaskResults, metric: MetricFacts, cells: Sequence[CellResult]) -> list[Block]:
    plots = [plot for cell in cells[:MOST_PLOTS] if (plot := _plot(metric, cell, cells)) is not None]
    return [*plots, _table(metric, cells)]


def _plot(metric: MetricFacts, cell: CellResult, cells: Sequence[CellResult]) -> Strips | None:
    """Plots of all models have one scale."""
    known = [one for other in cells for one in _groups(other, metric).values()]
    zero = NEUTRAL.get(metric.name.split("(")[0])
    scale = fitted([zero, *(value for one in known for value in (one.value, one.low, one.high))], 3.0, 97.0)
    if scale is None:
        return None
    whole = cell.metrics[metric.name]
    rows = [_row("all groups", whole, scale, zero, lead=True)]
    rows += [_row(name or "(no group)", one, scale, zero, lead=False) for name, one in _groups(cell, metric).items()]
    notes = [f"dashed: {measure(zero)}, no preference"] if zero is not None else []
    note = "; ".join([*notes, *(one for one in whole.notes if "groups" in one)])
    return Strips(f"{metric.name} by group: {cell_title(cell)}", tuple(rows), strip_axis(scale, scale.ticks(5), zero=zero), note)


def _row(name: str, one: Estimate, scale: Scale, zero: float | None, *, lead: bool) -> StripRow:
    marks = StripMarks(one.value, one.low, one.high, tone="lead" if lead else "plain")
    return StripRow(name, measure(one.value), interval(one.low, one.high), strip(scale, marks, scale.ticks(5), zero=zero), lead)


def _table(metric: MetricFacts, cells: Sequence[CellResult]) -> Table:
    by_cell = [_groups(cell, metric) for cell in cells]
    names = list(dict.fromkeys(name for groups in by_cell for name in groups))
    columns = (
        Column("group"),
        Column("examples", numeric=True),
        *(Column(cell_title(cell), numeric=True) for cell in cells),
    )
    rows = tuple((Entry(name or "(no group)"), _size(name, by_cell), *(_value(groups.get(name)) for groups in by_cell)) for name in names)
    return Table(f"{metric.name} by group", columns, rows)


def _size(name: str, by_cell: Sequence[dict[str, Estimate]]) -> Entry:
    """Of the first model that has the group; folds of another may hold fewer."""
    n = next((groups[name].n for groups in by_cell if name in groups), None)
    return Entry(count(n), sort=sort_key(n))


def _value(one: Estimate | None) -> Entry:
    return Entry(NONE) if one is None else Entry(measure(one.value), interval(one.low, one.high), sort_key(one.value))
