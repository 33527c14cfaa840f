"""What each cell cost, and what quality that bought.

In: a run's folder. Out: the section `cost`.
"""

from collections.abc import Sequence

from markupsafe import Markup

from benchc.runtime.report.document import Block, Column, Entry, Picture, Pictures, Section, Table
from benchc.runtime.report.json_fields import Record, number, part, text
from benchc.runtime.report.numbers import NONE, count, measure, memory, parameters, rate, seconds, sort_key
from benchc.runtime.report.plots.scatter import Point, cost_plot
from benchc.runtime.report.run_record import CellResult, MetricFacts, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.model_use import model_use
from benchc.runtime.report.sections.shown_cells import cell_title

LEAD = (
    "Times are wall time of the step when it was computed, on the machine named under Environment. In the plots, blue marks cells that "
    "no cheaper cell equals in quality."
)


def costs_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        done = [cell for cell in task.cells if cell.status == "ok"]
        if not done:
            continue
        blocks += [*task_heading(run, task), *_plots(task, done), _table(done), *model_use(done)]
    return Section("cost", "Cost", LEAD, tuple(blocks)) if blocks else None


def _prediction_seconds(cell: CellResult) -> float | None:
    found = number(part(cell.raw, "prediction"), "seconds")
    return found if found is not None else number(cell.raw, "seconds")


def _train_seconds(cell: CellResult) -> float | None:
    found = number(cell.raw, "train_seconds")
    return found if found is not None else number(part(cell.raw, "training"), "seconds")


def _plots(task: TaskResults, cells: Sequence[CellResult]) -> list[Block]:
    metric = task.primary
    if metric is None:
        return []
    predicting = [(cell, _prediction_seconds(cell)) for cell in cells]
    training = [(cell, _train_seconds(cell)) for cell in cells]
    drawn = (
        ("Quality against training time", _plot(metric, training, "seconds of training")),
        ("Quality against prediction time", _plot(metric, predicting, "seconds of prediction")),
    )
    pictures = tuple(Picture(f"{title}: {metric.name}", svg) for title, svg in drawn if svg is not None)
    return [Pictures(pictures)] if pictures else []


def _plot(metric: MetricFacts, costs: Sequence[tuple[CellResult, float | None]], name: str) -> Markup | None:
    known = [
        (cell, cost, value)
        for cell, cost in costs
        if cost is not None and metric.name in cell.metrics and (value := cell.metrics[metric.name].value) is not None
    ]
    if len(known) < 2:
        return None
    sign = 1 if metric.higher_is_better else -1
    labelled: set[str] = set()
    points = []
    few = len({cell.variant for cell, _, _ in known}) <= 6
    for cell, cost, value in sorted(known, key=lambda one: (one[1], -sign * one[2], one[0].id)):
        strong = not any(other <= cost and sign * better >= sign * value and (other, better) != (cost, value) for _, other, better in known)
        label = cell.variant if (strong or few) and cell.variant not in labelled else ""
        labelled |= {cell.variant} if label else set()
        points.append(Point(cost, value, label, f"{cell_title(cell)}: {measure(value)}, {seconds(cost)}", strong))
    return cost_plot(points, name, metric.name, f"{metric.name} against {name}; the numbers are in the table below")


def _table(cells: Sequence[CellResult]) -> Table:
    """Columns about training only where something was trained."""
    trained = any(_train_seconds(cell) is not None or part(cell.raw, "training") for cell in cells)
    columns = (
        Column("cell"),
        *((Column("training time", numeric=True), Column("steps", numeric=True)) if trained else ()),
        Column("prediction time", numeric=True),
        Column("examples/s", numeric=True),
        Column("peak memory", numeric=True),
        *((Column("parameters", numeric=True),) if trained else ()),
        Column("device"),
    )
    return Table("Cost of each cell", columns, tuple(_row(cell, trained) for cell in cells))


def _row(cell: CellResult, trained: bool) -> tuple[Entry, ...]:
    training, prediction = part(cell.raw, "training"), part(cell.raw, "prediction")
    speed = number(cell.raw, "examples_per_second")
    speed = speed if speed is not None else number(prediction, "examples_per_second")
    peaks = [peak for one in (cell.raw, training, prediction) if (peak := number(one, "peak_memory_bytes")) is not None]
    peak = max(peaks, default=None)
    halvings = number(prediction, "batch_halvings")
    precision = text(prediction, "precision") or text(training, "precision")
    device = text(prediction, "device") or text(training, "device")
    return (
        Entry(cell_title(cell)),
        *((Entry(seconds(_train_seconds(cell)), sort=sort_key(_train_seconds(cell))), _steps(training)) if trained else ()),
        Entry(seconds(_prediction_seconds(cell)), sort=sort_key(_prediction_seconds(cell))),
        Entry(rate(speed), f"batch halved {count(halvings)} times" if halvings else "", sort_key(speed)),
        Entry(memory(peak), sort=sort_key(peak)),
        *((_parameters(training),) if trained else ()),
        Entry(", ".join(name for name in (device, precision) if name) or NONE),
    )


def _steps(training: Record) -> Entry:
    steps = number(training, "steps")
    return Entry(count(steps), "stopped early" if training.get("stopped_early") else "", sort_key(steps))


def _parameters(training: Record) -> Entry:
    total, trained = number(training, "parameters"), number(training, "trainable_parameters")
    return Entry(parameters(total), f"{parameters(trained)} trained" if trained != total else "", sort_key(total))
