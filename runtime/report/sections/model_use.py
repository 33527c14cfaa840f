"""What prompting a language model took: tokens and how many of them were computed, the number format and why; requests, retries and money
where a server answered.

In: cells. Out: tables. Every column is optional: only what a run holds is shown.
"""

from collections.abc import Mapping, Sequence

from benchc.runtime.report.document import Block, Column, Entry, Table
from benchc.runtime.report.json_fields import Record, number, part, text, texts
from benchc.runtime.report.numbers import NONE, count, measure, plural, share, sort_key
from benchc.runtime.report.run_record import CellResult
from benchc.runtime.report.sections.shown_cells import cell_title

NOT_SHARED = "computed one by one: what texts share could not be shared"
SERVED = {
    "requests": "requests",
    "retries": "retries",
    "input_tokens": "tokens in",
    "output_tokens": "tokens out",
}


def model_use(cells: Sequence[CellResult]) -> list[Block]:
    prompted = [cell for cell in cells if text(_prediction(cell), "engine")]
    served = [cell for cell in cells if any(_served(cell, name) is not None for name in SERVED) or _cost(cell) != (None, "")]
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
    known = {name: title for name, title in SERVED.items() if any(_served(cell, name) is not None for cell in cells)}
    priced = any(_cost(cell) != (None, "") for cell in cells)
    columns = (
        Column("cell"),
        *(Column(title, numeric=True) for title in known.values()),
        *((Column("cost", numeric=True),) if priced else ()),
    )
    rows = tuple(
        (Entry(cell_title(cell)), *(_count(_served(cell, name)) for name in known), *((_priced(cell),) if priced else ())) for cell in cells
    )
    return Table("What servers were asked", columns, rows, "As the servers counted, or as the run did where they do not say.")


def _served(cell: CellResult, name: str) -> float | None:
    """From the prediction's own record, else from the cell."""
    for holder in (_prediction(cell), cell.raw):
        value = holder.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return None


def _cost(cell: CellResult) -> tuple[float | None, str]:
    """An amount and its currency: `cost` is a number, with `currency` beside it, or an object that holds both."""
    for holder in (_prediction(cell), cell.raw):
        match holder.get("cost"):
            case Mapping() as found:
                return number(found, "amount"), text(found, "currency")
            case int() | float() as amount if not isinstance(amount, bool):
                return float(amount), text(holder, "currency")
    return None, ""


def _priced(cell: CellResult) -> Entry:
    amount, currency = _cost(cell)
    return Entry(f"{measure(amount)} {currency}".rstrip(), sort=sort_key(amount))
