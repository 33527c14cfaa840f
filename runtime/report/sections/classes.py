"""Per-class results, confusion matrix and reliability diagram of classification.

In: a run's folder. Out: the section `classes`. A big matrix is not drawn for every model: see `MOST_FIELDS`.
"""

from benchc.runtime.report.document import Block, Column, Entry, Folded, Paragraph, Section, Table
from benchc.runtime.report.json_fields import Record, items, number, part, records, text
from benchc.runtime.report.numbers import count, interval, measure, plural, sort_key
from benchc.runtime.report.run_record import CellResult, RunRecord
from benchc.runtime.report.sections.confusion import confusion_of, matrix, worst_pairs
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.reliability import reliability_blocks
from benchc.runtime.report.sections.shown_cells import cell_title, first_cells

MOST_FIELDS = 20_000  # table fields of this section; what exceeds them is left to results.json

LEAD = (
    "For each model, the cell of its first seed; the others are in results.json. In a confusion matrix a row is what was right and a "
    "column is what the model answered: blue is right, orange is wrong, and the shade is the share of its row."
)


def classes_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    room = MOST_FIELDS
    for task in run.tasks:
        cells = [cell for cell in first_cells(task) if part(cell.raw, "diagnostics").get("confusion")]
        if not cells:
            continue
        blocks += [*task_heading(run, task), *reliability_blocks(cells)]
        for at, cell in enumerate(cells):
            cost = _fields(cell)
            blocks.append(Folded(cell_title(cell), _in_full(cell) if cost <= room else _in_short(cell), opened=at == 0))
            room -= cost if cost <= room else 0
    return Section("classes", "Classes and calibration", LEAD, tuple(blocks)) if blocks else None


def _fields(cell: CellResult) -> int:
    """About how many table fields the cell's matrix and classes take; a class's field, which holds an interval, counts as four."""
    classes = len(items(part(cell.raw, "diagnostics"), "labels"))
    return classes**2 + 4 * 5 * classes


def _in_full(cell: CellResult) -> tuple[Block, ...]:
    found = confusion_of(cell)
    return (_per_class(cell), matrix(found), *worst_pairs(found))


def _in_short(cell: CellResult) -> tuple[Block, ...]:
    classes = plural(len(items(part(cell.raw, "diagnostics"), "labels")), "class", "classes")
    said = f"The results of all {classes} and their confusion matrix are left out here to keep this file small; they are in results.json."
    return (Paragraph(said), *worst_pairs(confusion_of(cell)))


def _per_class(cell: CellResult) -> Table:
    diagnostics = part(cell.raw, "diagnostics")
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
