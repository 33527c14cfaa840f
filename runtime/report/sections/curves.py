"""Learning curves: loss and dev metrics over steps, one picture for each variant and quantity, one line for each seed.

In: a run's folder. Out: the section `training`.
"""

from collections.abc import Sequence

from markupsafe import Markup

from benchc.runtime.report.document import Block, Folded, Picture, Pictures, Section
from benchc.runtime.report.json_fields import integer, number, part, records, text
from benchc.runtime.report.numbers import plural
from benchc.runtime.report.plots.lines import STYLE_NAMES, Series, line_plot, thinned
from benchc.runtime.report.run_record import CellResult, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading

MOST_POINTS = 150  # points of one line
MOST_NAMED = 12  # runs that the legend names
OPENED = 6  # variants whose curves are shown at once; the rest opens on demand

LEAD = (
    "One line for each seed. A ring marks the step whose weights were kept. Long curves are drawn with fewer points than were recorded; "
    "all points are in results.json."
)


def curves_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        variants: dict[str, list[CellResult]] = {}
        for cell in task.cells:
            if cell.raw.get("curve"):
                variants.setdefault(cell.variant, []).append(cell)
        if variants:
            blocks += [*task_heading(run, task), *_variant_blocks(task, variants)]
    return Section("training", "Learning curves", LEAD, tuple(blocks)) if blocks else None


def _variant_blocks(task: TaskResults, variants: dict[str, list[CellResult]]) -> list[Block]:
    folded = []
    for at, (name, cells) in enumerate(variants.items()):
        if pictures := _pictures(name, cells):
            folded.append(Folded(f"{name}: {plural(len(cells), 'run')}", (Pictures(pictures),), opened=at < OPENED))
    return list(folded)


def _pictures(variant: str, cells: Sequence[CellResult]) -> tuple[Picture, ...]:
    legend = _legend(cells)
    quantities = dict.fromkeys((text(point, "split"), text(point, "name")) for cell in cells for point in records(cell.raw, "curve"))
    drawn = [(split, name, _plot(variant, cells, split, name)) for split, name in quantities]
    return tuple(Picture(f"{name} on {split}" if split else name, svg, legend) for split, name, svg in drawn if svg is not None)


def _legend(cells: Sequence[CellResult]) -> str:
    """Which line is which run; "" for one."""
    if len(cells) < 2:
        return ""
    return ", ".join(f"{_run_name(cell)} {STYLE_NAMES[at % len(STYLE_NAMES)]}" for at, cell in enumerate(cells[:MOST_NAMED]))


def _run_name(cell: CellResult) -> str:
    return f"seed {cell.seed}" if cell.fold is None else f"seed {cell.seed} fold {cell.fold}"


def _plot(variant: str, cells: Sequence[CellResult], split: str, name: str) -> Markup | None:
    series = [_series(cell, split, name) for cell in cells]
    seeds = ", ".join(one.name for one in series if one.points)
    return line_plot(series, "step", "", f"{name} on {split} over training steps of {variant}, {seeds}")


def _series(cell: CellResult, split: str, name: str) -> Series:
    points = [
        (step, value)
        for point in records(cell.raw, "curve")
        if text(point, "split") == split and text(point, "name") == name
        if (step := number(point, "step")) is not None and (value := number(point, "value")) is not None
    ]
    best = integer(part(cell.raw, "training"), "best_step")
    chosen = next((point for point in points if point[0] == best), None) if split == "dev" else None
    return Series(_run_name(cell), thinned(points, MOST_POINTS), chosen)
