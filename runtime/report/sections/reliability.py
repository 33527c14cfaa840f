"""Reliability diagrams: is a model right as often as it is sure?

In: cells with diagnostics. Out: blocks, as pictures and as tables.
"""

from collections.abc import Sequence

from benchc.runtime.report.document import Block, Column, Entry, Folded, Picture, Pictures, Table
from benchc.runtime.report.json_fields import Record, number, part, records
from benchc.runtime.report.numbers import count, measure, plural, sort_key
from benchc.runtime.report.plots.reliability import Bin, reliability_plot
from benchc.runtime.report.run_record import CellResult
from benchc.runtime.report.sections.shown_cells import cell_title

OPENED = 6  # diagrams that are shown at once


def reliability_blocks(cells: Sequence[CellResult]) -> list[Block]:
    pictures = [picture for cell in cells if (picture := _reliability_picture(cell)) is not None]
    if not pictures:
        return []
    note = "A dot on the line: as often right as sure. Below the line: too sure. The dot's area goes with the number of examples."
    tables = tuple(table for cell in cells if (table := _reliability_table(cell)) is not None)
    more = pictures[OPENED:]
    rest = [Folded(f"Reliability diagrams of {plural(len(more), 'further model')}", (Pictures(tuple(more)),))] if more else []
    return [Pictures(tuple(pictures[:OPENED]), note), *rest, Folded("Reliability as tables", tables)]


def _bins(cell: CellResult) -> list[Record]:
    bins = records(part(cell.raw, "diagnostics"), "reliability")
    return [one for one in bins if (number(one, "count") or 0) > 0 and number(one, "confidence") is not None]


def _reliability_picture(cell: CellResult) -> Picture | None:
    bins = [Bin(number(one, "confidence") or 0.0, number(one, "accuracy") or 0.0, number(one, "count") or 0.0) for one in _bins(cell)]
    svg = reliability_plot(bins, f"Reliability diagram of {cell_title(cell)}; its numbers are in the table below")
    return Picture(cell_title(cell), svg) if svg is not None else None


def _reliability_table(cell: CellResult) -> Table | None:
    bins = _bins(cell)
    if not bins:
        return None
    columns = (
        Column("confidence between"),
        Column("mean confidence", numeric=True),
        Column("accuracy", numeric=True),
        Column("examples", numeric=True),
    )
    rows = tuple(
        (
            Entry(f"{measure(number(one, 'low'))} and {measure(number(one, 'high'))}", sort=sort_key(number(one, "low"))),
            Entry(measure(number(one, "confidence")), sort=sort_key(number(one, "confidence"))),
            Entry(measure(number(one, "accuracy")), sort=sort_key(number(one, "accuracy"))),
            Entry(count(number(one, "count")), sort=sort_key(number(one, "count"))),
        )
        for one in bins
    )
    return Table(f"Reliability: {cell_title(cell)}", columns, rows)
