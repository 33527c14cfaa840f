"""A confusion matrix as a heat table, and the pairs of classes that are confused most.

In: a cell's diagnostics. Out: blocks. Not here: which cells are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchc.runtime.report.document import Column, Entry, Matrix, MatrixCell, MatrixRow, Table
from benchc.runtime.report.json_fields import items, numbers, part, texts
from benchc.runtime.report.numbers import count, share, sort_key
from benchc.runtime.report.run_record import CellResult
from benchc.runtime.report.sections.shown_cells import cell_title

MOST_PAIRS = 8  # confusions that are listed
SHADES = (0.02, 0.10, 0.25, 0.5, 0.75)  # shares of a row from which shade 1 to 5 is given
WIDE_FROM = 10  # classes from which column names stand on end
LONG_FROM = 8  # characters of a name from which they do


@dataclass(frozen=True, slots=True)
class Confusion:
    """`counts[target][answer]`, both in the order of `labels`."""

    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]


def confusion_of(cell: CellResult) -> Confusion:
    diagnostics = part(cell.raw, "diagnostics")
    counts = tuple(numbers({"row": row}, "row") for row in items(diagnostics, "confusion"))
    return Confusion(cell_title(cell), texts(diagnostics, "labels"), counts)


def matrix(found: Confusion) -> Matrix:
    rows = tuple(MatrixRow(label, _cells(row, at)) for at, (label, row) in enumerate(zip(found.labels, found.counts, strict=False)))
    upright = len(found.labels) > WIDE_FROM or any(len(label) > LONG_FROM for label in found.labels)
    return Matrix(f"Confusion matrix: {found.title}", found.labels, rows, upright, "Rows: target. Columns: answer.")


def _cells(row: Sequence[float], target: int) -> tuple[MatrixCell, ...]:
    total = sum(row)
    return tuple(MatrixCell(count(value), _shade(value, total, target == answer)) for answer, value in enumerate(row))


def _shade(value: float, total: float, right: bool) -> str:
    if value == 0:
        return "empty"
    level = sum(value / total >= limit for limit in SHADES)
    return f"{'right' if right else 'wrong'}-{max(level, 1)}"


def worst_pairs(found: Confusion) -> tuple[Table, ...]:
    """The most frequent confusions; nothing for two classes, whose matrix says it all."""
    pairs = sorted((-value, at, to) for at, row in enumerate(found.counts) for to, value in enumerate(row) if at != to and value > 0)
    if len(found.labels) < 3 or not pairs:
        return ()
    columns = (Column("target"), Column("answered instead"), Column("examples", numeric=True), Column("share of the class", numeric=True))
    rows = tuple(_pair(found, -negative, at, to) for negative, at, to in pairs[:MOST_PAIRS])
    return (Table(f"Most frequent confusions: {found.title}", columns, rows),)


def _pair(found: Confusion, value: float, at: int, to: int) -> tuple[Entry, ...]:
    part_of_class = value / sum(found.counts[at])
    return (
        Entry(found.labels[at]),
        Entry(found.labels[to]),
        Entry(count(value), sort=sort_key(value)),
        Entry(share(part_of_class), sort=sort_key(part_of_class)),
    )
