"""Texts that models wrote: what ended them, how long they are, how many gave no answer, which programs passed.

In: a run's folder. Out: the section `texts`. Not here: single texts (`reading`).
"""

from collections.abc import Mapping, Sequence

from benchc.runtime.report.document import Block, Column, Entry, Folded, Picture, Pictures, Section, Table
from benchc.runtime.report.json_fields import Record, items, number, numbers, part, record, records
from benchc.runtime.report.numbers import NONE, count, plural, share, sort_key
from benchc.runtime.report.plots.bars import histogram
from benchc.runtime.report.run_record import CellResult, RunRecord
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.shown_cells import cell_title, first_cells

ENDS = {"end": "by the model", "stop": "stop sequence", "length": "length limit"}
OUTCOMES = {
    "passed": "passed",
    "failed": "failed with an exception",
    "timeout": "timed out",
    "too_much_output": "too much output",
    "ended_early": "ended early or was killed",
}
MOST_EXCEPTIONS = 20  # names of exceptions that are listed
PICTURED = 4  # models whose lengths are drawn at once

LEAD = (
    "For each model, the cell of its first seed. A text that the length limit ended may lack its answer; one that gives no answer counts "
    "as wrong. Characters are those of the answers, after extraction where there is one."
)


def texts_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        cells = first_cells(task)
        if task.kind == "generation" and cells:
            blocks += [*task_heading(run, task), _endings(cells), _lengths(cells), *_pictures(cells), *_programs(cells), *_failures(cells)]
    return Section("texts", "Generated texts", LEAD, tuple(blocks)) if blocks else None


def _diagnostics(cell: CellResult) -> Record:
    return part(cell.raw, "diagnostics")


def _otherwise(cell: CellResult) -> dict[str, float]:
    """Texts that a server ended for a reason of its own, by its word for it."""
    found = part(_diagnostics(cell), "ended_otherwise")
    return {word: number(found, word) or 0.0 for word in found}


def _endings(cells: Sequence[CellResult]) -> Table:
    otherwise = any(_otherwise(cell) for cell in cells)
    columns = (
        Column("model"),
        Column("texts", numeric=True),
        Column("samples", numeric=True, hint="of a prompt"),
        *(Column(name, numeric=True) for name in ENDS.values()),
        *((Column("otherwise", numeric=True, hint="in the server's words"),) if otherwise else ()),
        Column("no answer", numeric=True),
    )
    return Table("How the texts ended", columns, tuple(_ending_row(cell, otherwise) for cell in cells))


def _ending_row(cell: CellResult, otherwise: bool) -> tuple[Entry, ...]:
    ended, samples = part(_diagnostics(cell), "ended"), part(part(_diagnostics(cell), "written"), "samples")
    answers = part(_diagnostics(cell), "answers")
    total, absent = number(answers, "count"), number(answers, "not_extracted")
    least, most = number(samples, "least"), number(samples, "most")
    several = count(most) if least == most else f"{count(least)} to {count(most)}"
    return (
        Entry(cell_title(cell)),
        _of(number(samples, "total"), None),
        Entry(several, sort=sort_key(most)),
        *(_of(number(ended, name), number(samples, "total"), warn=name == "length") for name in ENDS),
        *((_own_words(cell),) if otherwise else ()),
        _of(absent, total, warn=True),
    )


def _own_words(cell: CellResult) -> Entry:
    found = _otherwise(cell)
    total = sum(found.values())
    return Entry(
        count(total), ", ".join(f"{word} {count(times)}" for word, times in found.items()), sort_key(total), "warn" if total else ""
    )


def _of(value: float | None, total: float | None, *, warn: bool = False) -> Entry:
    """A count, with its share of the total."""
    detail = share(value / total) if value is not None and total else ""
    return Entry(count(value), detail, sort_key(value), "warn" if warn and value else "")


def _lengths(cells: Sequence[CellResult]) -> Table:
    columns = (
        Column("model"),
        Column("tokens written", numeric=True, hint="in all"),
        Column("tokens of a text", numeric=True, hint="median, least to most"),
        Column("characters", numeric=True, hint="of an answer: median, least to most"),
        Column("characters", numeric=True, hint="of a reference"),
    )
    return Table("Lengths", columns, tuple(_length_row(cell) for cell in cells))


def _length_row(cell: CellResult) -> tuple[Entry, ...]:
    tokens, characters = part(part(_diagnostics(cell), "written"), "tokens"), part(_diagnostics(cell), "characters")
    spreads = [numbers(tokens, "quantiles"), numbers(characters, "answers"), numbers(characters, "references")]
    total = number(tokens, "total")
    return Entry(cell_title(cell)), Entry(count(total), sort=sort_key(total)), *(_spread(one) for one in spreads)


def _spread(quantiles: Sequence[float]) -> Entry:
    if len(quantiles) != 5:
        return Entry(NONE)
    least, _, median, _, most = quantiles
    return Entry(count(median), f"{count(least)} to {count(most)}", sort_key(median))


def _pictures(cells: Sequence[CellResult]) -> list[Block]:
    """Lengths of each model's texts, beside those of the references."""
    drawn = [pictures for cell in cells if (pictures := _drawn(cell))]
    first = tuple(picture for pictures in drawn[:PICTURED] for picture in pictures)
    rest = tuple(picture for pictures in drawn[PICTURED:] for picture in pictures)
    blocks: list[Block] = [Folded("Lengths as histograms", (Pictures(first),))] if first else []
    return [*blocks, Folded(f"Lengths of {plural(len(drawn) - PICTURED, 'further model')}", (Pictures(rest),))] if rest else blocks


def _drawn(cell: CellResult) -> tuple[Picture, ...]:
    title = cell_title(cell)
    tokens, characters = part(part(_diagnostics(cell), "written"), "tokens"), part(_diagnostics(cell), "characters")
    wanted = (
        (f"Tokens written: {title}", tokens, "counts", "tokens", "texts"),
        (f"Answers: {title}", characters, "answer_counts", "characters", "answers"),
        (f"References: {title}", characters, "reference_counts", "characters", "references"),
    )
    made = [
        (caption, histogram(numbers(of, "edges"), numbers(of, key), x, y, f"Histogram. {caption}")) for caption, of, key, x, y in wanted
    ]
    return tuple(Picture(caption, svg) for caption, svg in made if svg is not None)


def _programs(cells: Sequence[CellResult]) -> list[Block]:
    outcomes = {cell.id: found for cell in cells if (found := _outcomes(cell))}
    if not outcomes:
        return []
    ran = [cell for cell in cells if cell.id in outcomes]
    known = [name for name in OUTCOMES if any(name in outcomes[cell.id] for cell in ran)]
    known += sorted({name for found in outcomes.values() for name in found} - set(OUTCOMES))
    columns = (Column("model"), Column("programs", numeric=True), *(Column(OUTCOMES.get(name, name), numeric=True) for name in known))
    rows = tuple(
        (
            Entry(cell_title(cell)),
            _of(sum(outcomes[cell.id].values()), None),
            *(_of(outcomes[cell.id].get(name, 0.0), sum(outcomes[cell.id].values())) for name in known),
        )
        for cell in ran
    )
    return [Table("What became of the programs", columns, rows), *_exceptions(ran), *_problems(ran)]


def _outcomes(cell: CellResult) -> Mapping[str, float]:
    return _counted(cell, "outcomes")


def _counted(cell: CellResult, what: str) -> Mapping[str, float]:
    """Programs by outcome, or by exception, of the first metric that ran some."""
    for about in part(cell.raw, "examinations").values():
        if found := part(record(about, "examinations"), what):
            return {name: number(found, name) or 0.0 for name in found}
    return {}


def _exceptions(cells: Sequence[CellResult]) -> list[Block]:
    """Which exceptions ended the programs that failed, the most frequent first; of very many names the first."""
    found = [_counted(cell, "exceptions") for cell in cells]
    names = sorted({name for one in found for name in one}, key=lambda name: (-sum(one.get(name, 0.0) for one in found), name))
    columns = (Column("exception"), *(Column(cell_title(cell), numeric=True) for cell in cells))
    rows = tuple((Entry(_exception(name)), *(_of(one.get(name, 0.0), None) for one in found)) for name in names[:MOST_EXCEPTIONS])
    left_out = len(names) - MOST_EXCEPTIONS
    note = f"{plural(left_out, 'rarer name')} left out" if left_out > 0 else ""
    return [Table("Exceptions of the programs that failed", columns, rows, note)] if rows else []


def _exception(name: str) -> str:
    return f"{name}: a test does not hold" if name == "AssertionError" else name


def _problems(cells: Sequence[CellResult]) -> list[Block]:
    """How many samples of a problem passed; nothing to see with one sample."""
    found = [(cell, one) for cell in cells for one in _passed(cell) if (number(one, "of") or 0) > 1]
    columns = (Column("model"), Column("samples that passed", numeric=True), Column("problems", numeric=True))
    rows = tuple(
        (
            Entry(cell_title(cell)),
            Entry(f"{count(number(one, 'passed'))} of {count(number(one, 'of'))}", sort=sort_key(number(one, "passed"))),
            _of(number(one, "problems"), None),
        )
        for cell, one in found
    )
    return [Table("Samples of a problem that passed", columns, rows)] if rows else []


def _passed(cell: CellResult) -> tuple[Record, ...]:
    raw = (part(record(one, "metrics"), "passed") for one in part(cell.raw, "metrics").values())
    return next((records(one, "problems") for one in raw if items(one, "problems")), ())


def _failures(cells: Sequence[CellResult]) -> list[Block]:
    """How many references gave no answer, which makes the metric itself doubtful."""
    broken = [(cell, failed) for cell in cells if (failed := number(part(cell.raw, "extraction"), "references_not_extracted"))]
    columns = (Column("model"), Column("references without an answer", numeric=True))
    rows = tuple((Entry(cell_title(cell)), Entry(count(failed), sort=sort_key(failed), tone="warn")) for cell, failed in broken)
    note = "They were compared as they are."
    return [Table("References from which nothing could be extracted", columns, rows, note)] if rows else []
