"""Texts whose likelihood was measured: their bits by byte, one by one and as a distribution.

In: a run's folder. Out: the section `documents`.
"""

from collections.abc import Mapping, Sequence

from benchc.runtime.report.document import Block, Column, Entry, Folded, Picture, Pictures, Section, Table
from benchc.runtime.report.json_fields import Record, integer, number, numbers, part, records, text
from benchc.runtime.report.language_examples import DOCUMENT
from benchc.runtime.report.numbers import count, measure, sort_key
from benchc.runtime.report.plots.bars import histogram
from benchc.runtime.report.run_record import CellResult, RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.prompt_records import prompts_of_cell
from benchc.runtime.report.sections.shown_cells import cell_title, first_cells

OPENING = 90  # characters of a document that stand beside its id
MOST_TABLES = 4  # models whose documents are listed
QUANTILES = ("least", "25%", "median", "75%", "most")

LEAD = (
    "For each model, the cell of its first seed. A text that is longer than a window is scored in several, each token once, with what "
    "stands before it in its window. Perplexity goes by the model's own tokens; bits per byte can be compared between models."
)


def passages_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        cells = first_cells(task)
        if task.kind == "language_modeling" and cells:
            blocks += [*task_heading(run, task), *_blocks(run, task, cells)]
    return Section("documents", "Documents", LEAD, tuple(blocks)) if blocks else None


def _blocks(run: RunRecord, task: TaskResults, cells: Sequence[CellResult]) -> list[Block]:
    pictures = tuple(picture for cell in cells if (picture := _histogram(cell)) is not None)
    shown = [Pictures(pictures)] if pictures else []
    openings = _openings(run, task)
    tables = [
        Folded(f"Documents: {cell_title(cell)}", (_documents(cell, openings),), opened=at == 0)
        for at, cell in enumerate(cells[:MOST_TABLES])
    ]
    return [_windows(run, cells), *shown, _quantiles(cells), *tables]


def _windows(run: RunRecord, cells: Sequence[CellResult]) -> Table:
    shown = {
        "rows": Column("documents", numeric=True),
        "documents_in_parts": Column("cut into windows", numeric=True, hint="longer than one"),
        "requests": Column("windows", numeric=True),
        "window": Column("window", numeric=True, hint="tokens"),
        "stride": Column("stride", numeric=True, hint="tokens"),
    }
    asked = [(cell, prompts_of_cell(run, cell) or {}) for cell in cells]
    rows = tuple((Entry(cell_title(cell)), *(_count(number(one, name)) for name in shown)) for cell, one in asked)
    return Table("How the documents were read", (Column("model"), *shown.values()), rows)


def _count(value: float | None) -> Entry:
    return Entry(count(value), sort=sort_key(value))


def _bits(cell: CellResult) -> Record:
    return part(part(cell.raw, "diagnostics"), "bits_per_byte")


def _histogram(cell: CellResult) -> Picture | None:
    if sum(numbers(_bits(cell), "counts")) < 2:
        return None
    title = f"Bits per byte of the documents: {cell_title(cell)}"
    svg = histogram(numbers(_bits(cell), "edges"), numbers(_bits(cell), "counts"), "bits per byte", "documents", f"Histogram. {title}")
    return None if svg is None else Picture(title, svg)


def _quantiles(cells: Sequence[CellResult]) -> Table:
    columns = (Column("model"), *(Column(name, numeric=True) for name in QUANTILES))
    rows = tuple(
        (Entry(cell_title(cell)), *(Entry(measure(value), sort=sort_key(value)) for value in numbers(_bits(cell), "quantiles")))
        for cell in cells
        if numbers(_bits(cell), "quantiles")
    )
    return Table("Bits per byte over the documents", columns, rows)


def _openings(run: RunRecord, task: TaskResults) -> dict[str, str]:
    """How each document begins, where results.json holds it."""
    own = [one for one in records(run.results, "examples") if text(one, "sort") == DOCUMENT and text(one, "task") == task.task]
    begins = {text(one, "id"): " ".join(str(words).strip() for words in part(one, "inputs").values()) for one in own}
    return {name: words[:OPENING].rstrip() + (" …" if len(words) > OPENING else "") for name, words in begins.items()}


def _documents(cell: CellResult, openings: Mapping[str, str]) -> Table:
    diagnostics = part(cell.raw, "diagnostics")
    columns = (
        Column("document"),
        Column("perplexity", numeric=True, hint="by token"),
        Column("bits per byte", numeric=True),
        Column("tokens", numeric=True),
        Column("words", numeric=True),
        Column("bytes", numeric=True),
    )
    rows = tuple(_document(one, openings) for one in records(diagnostics, "documents"))
    left_out = integer(diagnostics, "left_out")
    note = f"{count(left_out)} further documents are left out; those shown were drawn by their ids" if left_out else ""
    return Table(f"Each document: {cell_title(cell)}", columns, rows, note)


def _document(one: Record, openings: Mapping[str, str]) -> tuple[Entry, ...]:
    measures = [number(one, name) for name in ("perplexity", "bits_per_byte")]
    counts = [number(one, name) for name in ("tokens", "words", "bytes")]
    return (
        _begins(text(one, "id"), openings),
        *(Entry(measure(value), sort=sort_key(value)) for value in measures),
        *(_count(value) for value in counts),
    )


def _begins(name: str, openings: Mapping[str, str]) -> Entry:
    opening = openings.get(name, "")
    return Entry(opening, name) if opening else Entry(name)
