"""Differences between models with their intervals: forest plot and table.

In: a run's folder. Out: the section `comparisons`.
"""

from collections.abc import Iterable, Sequence

from benchc.runtime.report.document import Block, Column, Entry, Paragraph, Section, StripRow, Strips, Table
from benchc.runtime.report.naming import correction_name
from benchc.runtime.report.numbers import MINUS, NONE, count, difference, measure, p_value, signed_interval, sort_key
from benchc.runtime.report.plots.scale import Scale, fitted, focus
from benchc.runtime.report.plots.strips import OUTSIDE, StripMarks, strip, strip_axis
from benchc.runtime.report.run_record import ComparisonResult, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading

LEAD = (
    "Each difference is between two models on the same examples. A difference counts as significant when its corrected p lies below the "
    "run's alpha. The smallest detectable difference is what this test set could have shown with 80% power after correction: a smaller "
    "true difference would often be missed."
)


def comparisons_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        if task.comparisons:
            blocks += [*task_heading(run, task), *_forests(task), _table(task)]
    if not blocks:
        models = {cell.variant for task in run.tasks for cell in task.cells}
        said = "No comparison was planned or could be made." if len(models) > 1 else "One model ran, so nothing was compared."
        return Section("comparisons", "Comparisons", "", (Paragraph(said),))
    return Section("comparisons", "Comparisons", LEAD, tuple(blocks))


def _forests(task: TaskResults) -> list[Strips]:
    """One forest plot for each metric that was compared, since differences of different metrics have no common scale."""
    by_metric: dict[str, list[ComparisonResult]] = {}
    for one in task.comparisons:
        by_metric.setdefault(one.metric, []).append(one)
    plots = [_forest(metric, found, task) for metric, found in by_metric.items()]
    return [plot for plot in plots if plot is not None]


def _forest(metric: str, found: Sequence[ComparisonResult], task: TaskResults) -> Strips | None:
    kept = focus([0.0, *(one.difference for one in found)])[1:]
    shown = [one for one, inside in zip(found, kept, strict=True) if inside]
    scale = fitted([0.0, *(value for one in shown for value in (one.difference, one.low, one.high))], 3.0, 97.0)
    if scale is None or all(one.difference is None for one in found):
        return None
    better = next((fact.higher_is_better for fact in task.metrics if fact.name == metric), True)
    baseline = _common_baseline(found)
    rows = tuple(_forest_row(one, scale, better, baseline) for one in found)
    against = f": each model {MINUS} {baseline}" if baseline else ""
    note = f"{'Right' if better else 'Left'} of the line, the first model is better; hollow: not significant."
    axis = strip_axis(scale, scale.ticks(5), zero=0.0)
    return Strips(f"Differences in {metric}{against}", rows, axis, note if all(kept) else f"{note} {OUTSIDE}")


def _forest_row(one: ComparisonResult, scale: Scale, higher_is_better: bool, baseline: str) -> StripRow:
    marks = StripMarks(one.difference, one.low, one.high, tone=_tone(one, higher_is_better))
    svg = strip(scale, marks, scale.ticks(5), zero=0.0)
    return StripRow(_sides(one, baseline), difference(one.difference), signed_interval(one.low, one.high), svg, bool(one.significant))


def _common_baseline(found: Sequence[ComparisonResult]) -> str:
    """The one variant that all others are compared with; "" where there is none. It need not be named in every row."""
    sides = {one.variant_b for one in found}
    return sides.pop() if len(sides) == 1 and len(found) > 1 else ""


def _sides(one: ComparisonResult, baseline: str) -> str:
    return one.variant_a if baseline else f"{one.variant_a} {MINUS} {one.variant_b}"


def _tone(one: ComparisonResult, higher_is_better: bool) -> str:
    if not one.significant or one.difference is None:
        return "hollow"
    return "lead" if (one.difference > 0) is higher_is_better else "plain"


def _table(task: TaskResults) -> Table:
    found = task.comparisons
    several = len({one.metric for one in found}) > 1
    baseline = _common_baseline(found)
    columns = (
        Column(f"each {MINUS} {baseline}" if baseline else "difference of"),
        *((Column("metric"),) if several else ()),
        Column("difference", numeric=True),
        Column("p", numeric=True),
        Column("corrected p", numeric=True),
        Column("significant"),
        Column("effect size", numeric=True),
        Column("detectable", numeric=True),
        Column("n", numeric=True),
    )
    rows = tuple(_row(one, several, baseline) for one in found)
    return Table("Comparisons" if several else f"Comparisons of {found[0].metric}", columns, rows, _table_note(found))


def _table_note(found: Sequence[ComparisonResult]) -> str:
    said = (
        ("Test", _joined(one.test.replace("_", " ") for one in found)),
        ("correction", _joined(correction_name(one.correction) for one in found)),
        ("effect size", _joined(one.effect_name for one in found if one.effect is not None)),
    )
    return "; ".join(f"{name}: {what}" for name, what in said if what)


def _joined(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(name for name in names if name))


def _row(one: ComparisonResult, name_metric: bool, baseline: str) -> tuple[Entry, ...]:
    said = "yes" if one.significant else "no" if one.significant is False else NONE
    return (
        Entry(_sides(one, baseline), one.error, tone="warn" if one.error else ""),
        *((Entry(one.metric),) if name_metric else ()),
        Entry(difference(one.difference), signed_interval(one.low, one.high), sort_key(one.difference)),
        Entry(p_value(one.p), sort=sort_key(one.p)),
        Entry(p_value(one.p_adjusted), sort=sort_key(one.p_adjusted)),
        Entry(said, tone="lead" if one.significant else ""),
        Entry(difference(one.effect), sort=sort_key(one.effect)),
        Entry(measure(one.smallest_detectable), sort=sort_key(one.smallest_detectable)),
        Entry(count(one.n), sort=sort_key(one.n)),
    )
