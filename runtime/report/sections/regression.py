"""Predictions against targets and the distribution of residuals, for tasks whose target is a number.

In: a run's folder. Out: the section `regression`.
"""

from benchc.runtime.report.document import Block, Column, Entry, Folded, Picture, Pictures, Section, Table
from benchc.runtime.report.json_fields import items, numbers, part
from benchc.runtime.report.numbers import count, measure, sort_key
from benchc.runtime.report.plots.bars import histogram
from benchc.runtime.report.plots.scatter import agreement_plot
from benchc.runtime.report.run_record import CellResult, RunRecord
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.shown_cells import cell_title, first_cells

LEAD = (
    "For each model, the cell of its first seed. On the dashed line prediction and target agree. "
    "The points are a sample of at most 400 test examples; the residuals (prediction minus target) are of all."
)


def regression_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        cells = [cell for cell in first_cells(task) if part(cell.raw, "diagnostics").get("residuals")]
        drawn = [(cell, _pictures(cell)) for cell in cells]
        if any(pictures for _, pictures in drawn):
            blocks += task_heading(run, task)
        for at, (cell, pictures) in enumerate(drawn):
            if pictures:
                blocks.append(Folded(cell_title(cell), (Pictures(pictures), _residual_table(cell)), opened=at < 4))
    return Section("regression", "Predictions and residuals", LEAD, tuple(blocks)) if blocks else None


def _pictures(cell: CellResult) -> tuple[Picture, ...]:
    diagnostics = part(cell.raw, "diagnostics")
    pairs = [(pair[0], pair[1]) for raw in items(diagnostics, "scatter") if len(pair := numbers({"pair": raw}, "pair")) == 2]
    residuals = part(diagnostics, "residuals")
    title = cell_title(cell)
    scatter = agreement_plot(pairs, "target", "prediction", f"Predictions of {title} against targets, {len(pairs)} examples")
    bars = histogram(
        numbers(residuals, "edges"),
        numbers(residuals, "counts"),
        "prediction minus target",
        "examples",
        f"Histogram of the residuals of {title}",
    )
    drawn = ((f"Predictions of {title}", scatter), (f"Residuals of {title}", bars))
    return tuple(Picture(caption, svg) for caption, svg in drawn if svg is not None)


def _residual_table(cell: CellResult) -> Folded:
    residuals = part(part(cell.raw, "diagnostics"), "residuals")
    edges, counts = numbers(residuals, "edges"), numbers(residuals, "counts")
    rows = tuple(
        (Entry(f"{measure(low)} to {measure(high)}", sort=sort_key(low)), Entry(count(found), sort=sort_key(found)))
        for low, high, found in zip(edges, edges[1:], counts, strict=False)
    )
    columns = (Column("residual"), Column("examples", numeric=True))
    return Folded("Residuals as a table", (Table(f"Residuals: {cell_title(cell)}", columns, rows),))
