"""Metrics with their intervals, as table and plots; tables by axis; per fold; suites; gates.

In: a run's folder. Out: the section `results`.
"""

from collections.abc import Sequence

from benchc.compiler.jsonvalue import canonical
from benchc.runtime.report.document import Block, Column, Entry, Folded, Heading, Section, Strips, Table
from benchc.runtime.report.json_fields import Record, number, part, records, text, truth
from benchc.runtime.report.naming import shown
from benchc.runtime.report.numbers import NONE, count, interval, measure, plural, sort_key
from benchc.runtime.report.run_record import MetricFacts, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.standings import Standing, standing_strips, standings

LEAD = (
    "Each value with its interval. With several seeds or folds, the value is their mean, the interval is that of the mean, and small dots "
    "are the single runs; where all runs agree, or there is one, the interval is about the examples. Method explains them."
)


def results_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        blocks += _task_blocks(run, task)
    blocks += [*_suite_blocks(run), *_gate_blocks(run)]
    return Section("results", "Results", LEAD, tuple(blocks)) if blocks else None


def _task_blocks(run: RunRecord, task: TaskResults) -> list[Block]:
    ranked = {metric.name: standings(task, metric) for metric in task.metrics}
    if not ranked or task.primary is None:
        return [*task_heading(run, task)]
    order = ranked[task.primary.name]
    return [
        *task_heading(run, task),
        _plot(task.primary, order),
        _metric_table(task, order, ranked),
        *_other_plots(task, ranked),
        *_axis_tables(task, order),
        *_fold_table(task),
    ]


def _plot(metric: MetricFacts, found: Sequence[Standing]) -> Block:
    plot = standing_strips(found, f"{metric.name}: {_direction(metric)}", focused=True)
    return plot if plot is not None else Heading(metric.name, "no model has a value")


def _direction(metric: MetricFacts) -> str:
    return "higher is better" if metric.higher_is_better else "lower is better"


def _other_plots(task: TaskResults, ranked: dict[str, tuple[Standing, ...]]) -> list[Block]:
    plots = [standing_strips(ranked[one.name], f"{one.name}: {_direction(one)}", focused=True) for one in task.metrics if not one.primary]
    drawn: tuple[Strips, ...] = tuple(plot for plot in plots if plot is not None)
    return [Folded("Plots of the other metrics", drawn)] if drawn else []


def _metric_table(task: TaskResults, order: Sequence[Standing], ranked: dict[str, tuple[Standing, ...]]) -> Table:
    """One row for each variant, one column for each metric that has a single value."""
    axes = sorted({name for one in order for name in one.params})
    trained = any(one.train for one in order)
    metrics = [one for one in task.metrics if any(standing.value is not None for standing in ranked[one.name]) or one.primary]
    columns = (
        Column("model"),
        *((Column("training"),) if trained else ()),
        *(Column(name, code=True) for name in axes),
        Column("runs", numeric=True, hint="finished"),
        *(Column(one.name, numeric=True, code=True, hint=_direction(one)) for one in metrics),
    )
    by_metric = {name: {one.variant: one for one in found} for name, found in ranked.items()}
    best = {name: found[0].variant for name, found in ranked.items() if found and found[0].value is not None}
    rows = tuple(
        (
            Entry(one.model),
            *((Entry(one.train or NONE),) if trained else ()),
            *(Entry(shown(one.params[name]) if name in one.params else NONE) for name in axes),
            Entry(count(one.n), f"{one.failed} without result" if one.failed else "", sort_key(one.n), "warn" if one.failed else ""),
            *(_value(by_metric[metric.name].get(one.variant), best.get(metric.name) == one.variant) for metric in metrics),
        )
        for one in order
    )
    return Table("All metrics", columns, rows, "Bold: the best value of its column. It is not a test; see Comparisons.")


def _value(standing: Standing | None, best: bool) -> Entry:
    if standing is None or standing.value is None:
        return Entry("no result" if standing is not None and standing.n == 0 else NONE, tone="quiet")
    return Entry(measure(standing.value), interval(standing.low, standing.high), sort_key(standing.value), "lead" if best else "")


def _axis_tables(task: TaskResults, found: Sequence[Standing]) -> list[Block]:
    """For each axis that takes several values: the primary metric by that axis's values."""
    names = sorted({name for one in found for name in one.params})
    return [table for name in names if (table := _axis_table(task, found, name)) is not None]


def _axis_table(task: TaskResults, found: Sequence[Standing], axis: str) -> Table | None:
    values = sorted({canonical(one.params[axis]): one.params[axis] for one in found if axis in one.params}.values(), key=_axis_order)
    if len(values) < 2 or task.primary is None:
        return None
    rows: dict[str, dict[str, Standing]] = {}
    for one in found:
        if axis in one.params:
            rows.setdefault(_row_name(one, axis), {})[canonical(one.params[axis])] = one
    columns = (Column("model"), *(Column(f"{axis} = {shown(value)}", numeric=True, code=True) for value in values))
    body = tuple(
        (Entry(name), *(_value(by_value.get(canonical(value)), _is_best(by_value, canonical(value), task.primary)) for value in values))
        for name, by_value in rows.items()
    )
    return Table(f"{task.primary.name} by {axis}", columns, body, "Bold: the best value of its row.")


def _axis_order(value: object) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, int | float) else (1, 0.0, str(value))


def _row_name(standing: Standing, axis: str) -> str:
    others = ", ".join(f"{name}={shown(value)}" for name, value in sorted(standing.params.items()) if name != axis)
    name = f"{standing.model}/{standing.train}" if standing.train else standing.model
    return f"{name}[{others}]" if others else name


def _is_best(row: dict[str, Standing], value: str, metric: MetricFacts) -> bool:
    known = {key: one.value for key, one in row.items() if one.value is not None}
    best = max(known.values(), default=None) if metric.higher_is_better else min(known.values(), default=None)
    return best is not None and known.get(value) == best


def _fold_table(task: TaskResults) -> list[Block]:
    cells = [cell for cell in task.cells if cell.fold is not None]
    if not cells or task.primary is None:
        return []
    name = task.primary.name
    columns = (
        Column("model"),
        Column("seed", numeric=True),
        Column("fold", numeric=True),
        Column("rows", numeric=True),
        Column(name, True, True),
    )
    rows = []
    for cell in cells:
        found = cell.metrics.get(name)
        value = (
            Entry(measure(found.value), interval(found.low, found.high), sort_key(found.value)) if found else Entry("failed", tone="warn")
        )
        rows.append((Entry(cell.variant), _number(cell.seed), _number(cell.fold), _number(cell.n), value))
    return [Folded(f"Each fold: {plural(len(cells), 'cell')}", (Table(f"{name} of each fold", columns, tuple(rows)),))]


def _number(value: int | None) -> Entry:
    return Entry(count(value), sort=sort_key(value))


def _suite_blocks(run: RunRecord) -> list[Block]:
    suites = records(run.results, "suites")
    if not suites:
        return []
    columns = (
        Column("suite"),
        Column("model"),
        Column("training"),
        Column("params"),
        Column("seed", numeric=True),
        Column("score", numeric=True),
    )
    rows = tuple(_suite_row(suite) for suite in suites)
    return [Heading("Suites", "several tasks as one score"), Table("Suite scores", columns, rows)]


def _suite_row(suite: Record) -> tuple[Entry, ...]:
    params = ", ".join(f"{name}={shown(value)}" for name, value in sorted(part(suite, "params").items()))
    value = number(suite, "value")
    return (
        Entry(text(suite, "suite") or text(suite, "name")),
        Entry(text(suite, "model")),
        Entry(text(suite, "train") or NONE),
        Entry(params or NONE),
        Entry(count(number(suite, "seed")), sort=sort_key(number(suite, "seed"))),
        Entry(measure(value), interval(number(suite, "low"), number(suite, "high")), sort_key(value)),
    )


def _gate_blocks(run: RunRecord) -> list[Block]:
    gates = records(run.results, "gates")
    if not gates:
        return []
    columns = (Column("gate"), Column("what must hold"), Column("left", numeric=True), Column("right", numeric=True), Column("outcome"))
    return [
        Heading("Gates", "what the spec says must hold", "gates"),
        Table("What must hold", columns, tuple(_gate_row(gate) for gate in gates)),
    ]


def _gate_row(gate: Record) -> tuple[Entry, ...]:
    passed = truth(gate, "passed")
    outcome = Entry("held", tone="lead") if passed else Entry("failed" if passed is False else "not decided", tone="warn")
    sides = [Entry(measure(number(gate, side)), sort=sort_key(number(gate, side))) for side in ("left", "right")]
    return Entry(text(gate, "name")), Entry(text(gate, "expression")), *sides, outcome
