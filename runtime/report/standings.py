"""How the variants of a task stand on one metric.

In: a task's results. Out: `Standing`s, best first. Not here: words, drawings.

A variant that ran with several seeds or folds stands with their mean and its interval, from the aggregates; one that ran once with
the value and interval of that cell. Where all runs of a variant agree there is no interval over seeds: the cell's own stands, which is
about the examples. No number is computed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.document import StripRow, Strips
from benchc.runtime.report.numbers import NONE, interval, measure
from benchc.runtime.report.plots.scale import fitted, focus
from benchc.runtime.report.plots.strips import OUTSIDE, StripMarks, strip, strip_axis
from benchc.runtime.report.run_record import AggregateResult, CellResult, MetricFacts, TaskResults


@dataclass(frozen=True, slots=True)
class Standing:
    """`observations` are the values of the single seeds and folds. `n` counts them; 0 when every cell of the variant failed."""

    variant: str
    model: str
    train: str | None
    params: Mapping[str, Json]
    value: float | None
    low: float | None
    high: float | None
    sd: float | None
    n: int
    failed: int
    method: str
    observations: tuple[float, ...]


def standings(task: TaskResults, metric: MetricFacts) -> tuple[Standing, ...]:
    variants: dict[str, list[CellResult]] = {}
    for cell in task.cells:
        variants.setdefault(cell.variant, []).append(cell)
    aggregates = {one.variant: one for one in task.aggregates if one.metric == metric.name}
    found = [_standing(cells, aggregates.get(name), metric.name) for name, cells in variants.items()]
    return tuple(sorted(found, key=lambda one: _rank(one, metric)))


def _rank(standing: Standing, metric: MetricFacts) -> tuple[bool, float, str]:
    value = standing.value
    if value is None:
        return True, 0.0, standing.variant
    return False, -value if metric.higher_is_better else value, standing.variant


def _standing(cells: Sequence[CellResult], aggregate: AggregateResult | None, metric: str) -> Standing:
    done = [cell.metrics[metric] for cell in cells if cell.status == "ok" and metric in cell.metrics]
    values = tuple(one.value for one in done if one.value is not None)
    first = cells[0]
    value = low = high = sd = None
    method = ""
    if aggregate is not None and len(done) != 1:
        value, low, high, sd, method = aggregate.mean, aggregate.low, aggregate.high, aggregate.sd, aggregate.method
        if low is None and len(values) == len(done) and len(set(values)) == 1:
            low, high, method = done[0].low, done[0].high, done[0].method
    elif len(done) == 1:
        value, low, high, method = done[0].value, done[0].low, done[0].high, done[0].method
    failed = sum(cell.status != "ok" for cell in cells)
    return Standing(first.variant, first.model, first.train, first.params, value, low, high, sd, len(done), failed, method, values)


def standing_strips(found: Sequence[Standing], caption: str, note: str = "", *, focused: bool = False) -> Strips | None:
    """The dot-and-interval plot; None when no variant has a value. `focused` lets a far outlier lie outside the scale."""
    kept = focus([one.value for one in found]) if focused else [True] * len(found)
    shown = [one for one, inside in zip(found, kept, strict=True) if inside]
    scale = fitted((value for one in shown for value in (one.value, one.low, one.high, *one.observations)), 3.0, 97.0)
    if scale is None:
        return None
    ticks = scale.ticks(5)
    rows = []
    for at, one in enumerate(found):
        dots = one.observations if one.n > 1 else ()
        marks = StripMarks(one.value, one.low, one.high, dots, "lead" if at == 0 else "plain")
        value = measure(one.value) if one.value is not None else ("no result" if one.n == 0 else NONE)
        rows.append(StripRow(one.variant, value, interval(one.low, one.high), strip(scale, marks, ticks), at == 0))
    return Strips(caption, tuple(rows), strip_axis(scale, ticks), note if all(kept) else f"{note} {OUTSIDE}".strip())
