"""Per-class results, confusion matrix and reliability diagram of classification.

In: a run's folder. Out: the section `classes`. A big matrix is not drawn for every model: see `MOST_CELLS`.
"""

from collections.abc import Sequence

from benchc.runtime.report.document import (
    Block,
    Column,
    Entry,
    Folded,
    Matrix,
    MatrixCell,
    MatrixRow,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Table,
)
from benchc.runtime.report.json_fields import Record, items, number, numbers, part, records, text, texts
from benchc.runtime.report.numbers import count, interval, measure, plural, share, sort_key
from benchc.runtime.report.plots.reliability import Bin, reliability_plot
from benchc.runtime.report.run_record import CellResult, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.shown_cells import cell_title, first_cells

MOST_CELLS = 12_000  # fields of all confusion matrices together; further matrices are left to results.json
MOST_PAIRS = 8  # confusions that are listed
SHADES = (0.02, 0.10, 0.25, 0.5, 0.75)  # shares of a row from which shade 1 to 5 is given

LEAD = (
    "For each model, the cell of its first seed; the others are in results.json. In a confusion matrix a row is what was right and a "
    "column is what the model answered: blue is right, orange is wrong, and the shade is the share of its row."
)


def classes_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    room = MOST_CELLS
    for task in run.tasks:
        cells = [cell for cell in first_cells(task) if part(cell.raw, "diagnostics").get("confusion")]
        if not cells:
            continue
        blocks += [*task_heading(run, task), *_reliability(cells)]
        for at, cell in enumerate(cells):
            inner, used = _cell_blocks(cell, task, room)
            room -= used
            blocks.append(Folded(cell_title(cell), inner, opened=at == 0))
    return Section("classes", "Classes and calibration", LEAD, tuple(blocks)) if blocks else None


def _cell_blocks(cell: CellResult, task: TaskResults, room: int) -> tuple[tuple[Block, ...], int]:
    """The cell's blocks, and how many matrix fields they hold."""
    diagnostics = part(cell.raw, "diagnostics")
    labels = texts(diagnostics, "labels")
    confusion = [numbers({"row": row}, "row") for row in items(diagnostics, "confusion")]
    size = len(labels) ** 2
    drawn: Block = (
        _matrix(cell, labels, confusion)
        if size <= room
        else Paragraph(
            f"The matrix of {plural(len(labels), 'class', 'classes')} is left out here to keep this file small; it is in results.json."
        )
    )
    blocks = (_per_class(cell, diagnostics, task), drawn, *_worst_pairs(cell, labels, confusion))
    return blocks, size if size <= room else 0


def _per_class(cell: CellResult, diagnostics: Record, task: TaskResults) -> Table:
    measured = ("precision", "recall", "f1")
    further = [name for name, one in cell.metrics.items() if one.by_label]
    columns = (
        Column("class"),
        Column("examples", numeric=True),
        *(Column(name, numeric=True) for name in measured),
        *(Column(name, numeric=True, code=True) for name in further),
    )
    rows = []
    for one in records(diagnostics, "per_class"):
        label = text(one, "label")
        named = [dict(cell.metrics[name].by_label).get(label) for name in further]
        rows.append(
            (
                Entry(label),
                Entry(count(number(one, "support")), sort=sort_key(number(one, "support"))),
                *(_class_value(one, name) for name in measured),
                *(Entry(measure(est.value), interval(est.low, est.high), sort_key(est.value)) if est else Entry("–") for est in named),
            )
        )
    return Table(f"Per class: {cell_title(cell)}", columns, tuple(rows))


def _class_value(one: Record, name: str) -> Entry:
    """A class's measure: either `{"value", "low", "high"}`, or a number with `NAME_low` and `NAME_high` beside it."""
    raw = one.get(name)
    if isinstance(raw, int | float):
        value, low, high = number(one, name), number(one, f"{name}_low"), number(one, f"{name}_high")
    else:
        inner = part(one, name)
        value, low, high = number(inner, "value"), number(inner, "low"), number(inner, "high")
    return Entry(measure(value), interval(low, high), sort_key(value))


def _matrix(cell: CellResult, labels: Sequence[str], confusion: Sequence[Sequence[float]]) -> Matrix:
    rows = tuple(
        MatrixRow(label, tuple(MatrixCell(count(value), _shade(value, sum(row), at == column)) for column, value in enumerate(row)))
        for at, (label, row) in enumerate(zip(labels, confusion, strict=False))
    )
    return Matrix(f"Confusion matrix: {cell_title(cell)}", tuple(labels), rows, _long(labels), "Rows: target. Columns: answer.")


def _long(labels: Sequence[str]) -> bool:
    return len(labels) > 10 or any(len(label) > 8 for label in labels)


def _shade(value: float, total: float, right: bool) -> str:
    if value == 0:
        return "empty"
    level = sum(value / total >= limit for limit in SHADES)
    return f"{'right' if right else 'wrong'}-{max(level, 1)}"


def _worst_pairs(cell: CellResult, labels: Sequence[str], confusion: Sequence[Sequence[float]]) -> tuple[Table, ...]:
    pairs = sorted(((-value, at, to) for at, row in enumerate(confusion) for to, value in enumerate(row) if at != to and value > 0))
    if len(labels) < 3 or not pairs:
        return ()
    columns = (Column("target"), Column("answered instead"), Column("examples", numeric=True), Column("share of the class", numeric=True))
    rows = tuple(
        (
            Entry(labels[at]),
            Entry(labels[to]),
            Entry(count(-negative), sort=sort_key(-negative)),
            Entry(share(-negative / sum(confusion[at])), sort=sort_key(-negative / sum(confusion[at]))),
        )
        for negative, at, to in pairs[:MOST_PAIRS]
    )
    return (Table(f"Most frequent confusions: {cell_title(cell)}", columns, rows),)


def _reliability(cells: Sequence[CellResult]) -> list[Block]:
    pictures = [picture for cell in cells if (picture := _reliability_picture(cell)) is not None]
    if not pictures:
        return []
    note = "A dot on the line: as often right as sure. Below the line: too sure. The dot's area goes with the number of examples."
    tables = tuple(table for cell in cells if (table := _reliability_table(cell)) is not None)
    return [Pictures(tuple(pictures), note), Folded("Reliability as tables", tables)]


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
