"""How much results move with the seed: each run as a dot, with mean and standard deviation.

In: a run's folder. Out: the section `seeds`, when some variant ran more than once.
"""

from collections.abc import Sequence

from benchc.runtime.report.document import Block, Column, Entry, Section, StripRow, Strips, Table
from benchc.runtime.report.numbers import NONE, count, interval, measure, sort_key
from benchc.runtime.report.plots.scale import fitted, focus
from benchc.runtime.report.plots.strips import OUTSIDE, StripMarks, strip, strip_axis
from benchc.runtime.report.run_record import MetricFacts, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.standings import Standing, standings

LEAD = "Each dot is one run. The larger dot is the mean of the runs; sd is the standard deviation between them."


def seeds_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        metrics = [metric for metric in task.metrics if any(one.n > 1 for one in standings(task, metric))]
        if not metrics:
            continue
        blocks += task_heading(run, task)
        if task.primary in metrics:
            blocks += _plot(task.primary, standings(task, task.primary))
        blocks.append(_table(task, metrics))
    return Section("seeds", "Seeds", LEAD, tuple(blocks)) if blocks else None


def _plot(metric: MetricFacts, found: Sequence[Standing]) -> list[Strips]:
    repeated = [one for one in found if one.n > 1]
    kept = focus([one.value for one in repeated])
    inside = [one for one, keep in zip(repeated, kept, strict=True) if keep]
    scale = fitted((value for one in inside for value in (*one.observations, one.value)), 3.0, 97.0)
    if scale is None:
        return []
    ticks = scale.ticks(5)
    rows = tuple(
        StripRow(
            one.variant,
            measure(one.value),
            f"sd {measure(one.sd)}, {count(one.n)} runs" if one.sd is not None else f"{count(one.n)} runs",
            strip(scale, StripMarks(one.value, None, None, one.observations, "hollow"), ticks),
        )
        for one in repeated
    )
    return [Strips(f"{metric.name} of each run", rows, strip_axis(scale, ticks), "" if all(kept) else OUTSIDE)]


def _table(task: TaskResults, metrics: Sequence[MetricFacts]) -> Table:
    columns = (
        Column("model"),
        Column("metric"),
        Column("runs", numeric=True),
        Column("mean", numeric=True),
        Column("sd", numeric=True),
        Column("single runs", numeric=True),
    )
    rows = tuple(
        (
            Entry(one.variant),
            Entry(metric.name),
            Entry(count(one.n), sort=sort_key(one.n)),
            Entry(measure(one.value), interval(one.low, one.high), sort_key(one.value)),
            Entry(measure(one.sd), sort=sort_key(one.sd)),
            Entry(", ".join(measure(value) for value in one.observations) or NONE),
        )
        for metric in metrics
        for one in standings(task, metric)
        if one.n > 1
    )
    return Table("Means over runs", columns, rows)
