"""How each number was made: formula, source, interval method, test, correction.

In: a run's folder, and the notes that the statistics keep on themselves. Out: the section `method`.
"""

from collections.abc import Iterator

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.document import Block, Column, Entry, Section, Table
from benchc.runtime.report.json_fields import Record, integer, number, part, records, text, texts
from benchc.runtime.report.naming import CORRECTIONS, shown
from benchc.runtime.report.numbers import NONE
from benchc.runtime.report.run_record import RunRecord, TaskResults
from benchc.runtime.statistics.method_notes import INTERVALS, method_note

LEAD = (
    "An interval of one cell is about the examples: what other examples of the same kind would have given the same model. An interval "
    "over seeds or folds is about training again."
)


def method_section(run: RunRecord) -> Section | None:
    method = part(run.results, "method")
    tables: list[Table] = [
        Table("Metrics", (Column("metric"), Column("formula"), Column("source")), tuple(_metric_rows(method))),
        Table("Intervals, tests, corrections", (Column("method"), Column("formula"), Column("source")), tuple(_method_rows(run, method))),
        _used_methods(run),
    ]
    blocks: tuple[Block, ...] = tuple(table for table in tables if table.rows)
    return Section("method", "Method", LEAD, blocks) if blocks else None


def _metric_rows(method: Record) -> Iterator[tuple[Entry, ...]]:
    seen: set[str] = set()
    for one in records(method, "metrics"):
        name = text(one, "name")
        if name not in seen:
            seen.add(name)
            call = _called(one.get("call"))
            written = _written(one.get("call"))
            yield Entry(name, written if written != name else ""), *_note(call, text(one, "doc"))


def _method_rows(run: RunRecord, method: Record) -> Iterator[tuple[Entry, ...]]:
    names: dict[str, str] = {}
    for used in _interval_texts(run):
        names.update({name: "" for name in INTERVALS if name.casefold() in used.casefold()})
    for one in records(method, "comparisons"):
        names[_called(one.get("test"))] = _written(one.get("test"))
        family = integer(one, "family")
        names[text(one, "correction")] = f"{family} comparisons together, alpha {shown(number(one, 'alpha'))}" if family else ""
    for comparison in records(run.results, "comparisons"):
        names[text(part(comparison, "effect_size"), "name")] = "effect size"
        names["smallest_detectable_difference"] = ""
    for name, detail in names.items():
        if method_note(name) is not None:
            yield Entry(CORRECTIONS.get(name, name.replace("_", " ")), detail), *_note(name, "")


def _interval_texts(run: RunRecord) -> Iterator[str]:
    for task in run.tasks:
        for cell in task.cells:
            yield from (one.method for one in cell.metrics.values())
        yield from (one.method for one in task.aggregates)
        yield from (one.test for one in task.comparisons)
    yield from texts(part(run.results, "method"), "aggregates")


def _note(name: str, otherwise: str) -> tuple[Entry, Entry]:
    note = method_note(name)
    return (Entry(note.formula), Entry(note.source)) if note is not None else (Entry(otherwise or NONE), Entry(NONE))


def _called(call: Json) -> str:
    return call if isinstance(call, str) else text(call, "call") if isinstance(call, dict) else ""


def _written(call: Json) -> str:
    """A call as the spec writes it, with its defaults."""
    if not isinstance(call, dict):
        return _called(call)
    settings = ", ".join(f"{key} = {shown(value)}" for key, value in call.items() if key != "call" and value is not None)
    return f"{_called(call)}({settings})" if settings else _called(call)


def _used_methods(run: RunRecord) -> Table:
    """Which interval method each number used, and what was noted about it."""
    rows: dict[tuple[str, ...], None] = {}
    for task in run.tasks:
        rows.update(dict.fromkeys(_used(task)))
    columns = (Column("task"), Column("metric"), Column("of"), Column("interval or test"), Column("notes"))
    return Table("Which method each number used", columns, tuple(tuple(Entry(words) for words in row) for row in rows))


def _used(task: TaskResults) -> Iterator[tuple[str, ...]]:
    for cell in task.cells:
        for name, one in cell.metrics.items():
            yield task.task, name, "one cell", one.method or NONE, "; ".join(one.notes)
    for over in task.aggregates:
        if over.n > 1:
            yield task.task, over.metric, "mean over seeds or folds", over.method or NONE, ""
    for test in task.comparisons:
        yield task.task, test.metric, "difference", test.test or NONE, "; ".join(test.notes)
