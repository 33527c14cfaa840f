"""What prompting a language model took: tokens and how many of them were computed, the number format and why; requests, retries and money
where a server answered.

In: cells. Out: tables, for those cells that have such numbers.
"""

from collections.abc import Sequence

from benchc.runtime.report.document import Block, Column, Entry, Table
from benchc.runtime.report.json_fields import Record, number, part, text, texts
from benchc.runtime.report.numbers import NONE, count, plural, share, sort_key
from benchc.runtime.report.run_record import CellResult
from benchc.runtime.report.sections.shown_cells import cell_title

NOT_SHARED = "computed one by one: what texts share could not be shared"


def model_use(cells: Sequence[CellResult]) -> list[Block]:
    prompted = [cell for cell in cells if text(_prediction(cell), "engine")]
    served = [cell for cell in cells if part(cell.raw, "usage")]
    return [*([_computed(prompted)] if prompted else []), *([_requests(served)] if served else [])]


def _prediction(cell: CellResult) -> Record:
    return part(cell.raw, "prediction")


def _computed(cells: Sequence[CellResult]) -> Table:
    columns = (
        Column("cell"),
        Column("tokens asked", numeric=True, hint="shared text counted each time"),
        Column("tokens written", numeric=True),
        Column("computed", numeric=True, hint="positions, and the least possible"),
        Column("number format"),
    )
    note = "Positions are those of all steps that were computed together; what is written afterwards is not among them."
    return Table("Tokens and how they were computed", columns, tuple(_computed_row(cell) for cell in cells), note)


def _computed_row(cell: CellResult) -> tuple[Entry, ...]:
    prediction = _prediction(cell)
    engine, together = text(prediction, "engine"), number(prediction, "steps_together")
    together_note = [f"computed together with {plural(int(together) - 1, 'other step')}"] if together and together > 1 else []
    notes = [*([NOT_SHARED] if engine == "plain" else []), *texts(prediction, "notes"), *together_note]
    computed, least = number(prediction, "token_positions"), number(prediction, "least_token_positions")
    return (
        Entry(cell_title(cell), "; ".join(notes), tone="warn" if engine == "plain" else ""),
        _count(number(cell.raw, "tokens")),
        _count(number(part(part(part(cell.raw, "diagnostics"), "written"), "tokens"), "total")),
        Entry(count(computed), f"{share(computed / least)} of {count(least)}" if computed and least else "", sort_key(computed)),
        Entry(text(prediction, "precision") or NONE, _why(prediction)),
    )


def _why(prediction: Record) -> str:
    """The note without the name of the format, which stands before it."""
    return (
        text(prediction, "precision_note")
        .removeprefix(f"{text(prediction, 'precision')}: ")
        .removeprefix(f"{text(prediction, 'precision')}, ")
    )


def _count(value: float | None) -> Entry:
    return Entry(count(value), sort=sort_key(value))


def _requests(cells: Sequence[CellResult]) -> Table:
    names = ("requests", "retries", "tokens read", "tokens written", "cost")
    columns = (Column("cell"), *(Column(name, numeric=True) for name in names), Column("answered as"))
    note = "each different request counts once for a cell, also where cells share it; cost is in the unit of the spec's prices"
    return Table("Tokens and cost of requests", columns, tuple(map(_requests_row, cells)), note)


def _requests_row(cell: CellResult) -> tuple[Entry, ...]:
    usage = part(cell.raw, "usage")
    counts = [number(usage, name) for name in ("requests", "retries", "input_tokens", "output_tokens")]
    price = number(usage, "cost")
    served = ", ".join(texts(_prediction(cell), "served"))
    cost = Entry(NONE if price is None else f"{price:,.4g}", sort=sort_key(price))
    return (Entry(cell_title(cell)), *map(_count, counts), cost, Entry(served or NONE))
