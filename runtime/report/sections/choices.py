"""Questions with choices: calibration, normalisations side by side, and whether a model likes a place in the list.

In: a run's folder. Out: the section `choices`. Not here: values by group (`groups`), single questions (`reading`).
"""

from collections.abc import Sequence

from benchc.runtime.prompts.letters import letter
from benchc.runtime.report.document import Block, Column, Entry, Section, Table
from benchc.runtime.report.json_fields import Record, number, numbers, part, record, records, text
from benchc.runtime.report.numbers import NONE, count, interval, measure, sort_key
from benchc.runtime.report.run_record import CellResult, Estimate, RunRecord, TaskResults, estimate
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.reliability import reliability_blocks
from benchc.runtime.report.sections.shown_cells import cell_title, first_cells

NORMALISATIONS = {
    "none": "as it is",
    "bytes": "by byte",
    "characters": "by character",
    "tokens": "by token",
    "unconditional": "less unconditional",
}
CALIBRATION = {"brier": "Brier score", "ece": "expected calibration error"}

LEAD = (
    "For each model, the cell of its first seed. Probabilities are the softmax of the choices' log-likelihoods as they are; a model "
    "without likelihoods gives its own. Lower is better for both measures of calibration."
)


def choices_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        cells = first_cells(task)
        if task.kind == "multiple_choice" and cells and not compares_pairs(run, task):
            blocks += [*task_heading(run, task), *_blocks(run, task, cells)]
    return Section("choices", "Choices and calibration", LEAD, tuple(blocks)) if blocks else None


def compares_pairs(run: RunRecord, task: TaskResults) -> bool:
    """Whether the task asks which of two texts is likelier, so that no answer is right or wrong."""
    calls = _calls(run, task)
    return bool(calls) and all(text(call, "call") == "preference_rate" for call in calls.values())


def _blocks(run: RunRecord, task: TaskResults, cells: Sequence[CellResult]) -> list[Block]:
    return [*_calibration(cells), *_normalisations(run, task, cells), *reliability_blocks(cells), *_places(cells)]


def _calls(run: RunRecord, task: TaskResults) -> dict[str, Record]:
    """The call of each metric of the task, by name."""
    found = {}
    for one in records(part(run.results, "method"), "metrics"):
        if text(one, "task") == task.task and isinstance(one.get("call"), dict):
            found[text(one, "name")] = record(one.get("call"), "call")
    return found


def _calibration(cells: Sequence[CellResult]) -> list[Block]:
    known = [(cell, {text(one, "name"): estimate(one) for one in records(part(cell.raw, "diagnostics"), "calibration")}) for cell in cells]
    rows = tuple((Entry(cell_title(cell)), *(_value(found.get(name)) for name in CALIBRATION)) for cell, found in known if found)
    bins = next(
        (number(one, "bins") for cell in cells for one in records(part(cell.raw, "diagnostics"), "calibration") if one.get("bins")), None
    )
    hints = {"ece": f"{count(bins)} bins, as drawn below" if bins else ""}
    columns = (Column("model"), *(Column(title, numeric=True, hint=hints.get(name, "")) for name, title in CALIBRATION.items()))
    return [Table("Calibration of the choices' probabilities", columns, rows)] if rows else []


def _normalisations(run: RunRecord, task: TaskResults, cells: Sequence[CellResult]) -> list[Block]:
    """A table for each metric that the task asks for under several normalisations."""
    by_metric: dict[str, dict[str, str]] = {}
    for name, call in _calls(run, task).items():
        if text(call, "normalize"):
            by_metric.setdefault(text(call, "call"), {}).setdefault(text(call, "normalize"), name)
    return [_side_by_side(metric, names, cells) for metric, names in by_metric.items() if len(names) > 1]


def _side_by_side(metric: str, names: dict[str, str], cells: Sequence[CellResult]) -> Table:
    columns = (Column("model"), *(Column(NORMALISATIONS.get(one, one), numeric=True) for one in names))
    rows = tuple((Entry(cell_title(cell)), *(_value(cell.metrics.get(name)) for name in names.values())) for cell in cells)
    return Table(
        f"{metric} under each normalisation", columns, rows, "How the log-likelihood of a choice is made comparable with the others'."
    )


def _value(one: Estimate | None) -> Entry:
    return Entry(NONE) if one is None else Entry(measure(one.value), interval(one.low, one.high), sort_key(one.value))


def _places(cells: Sequence[CellResult]) -> list[Block]:
    counted = [(cell, part(part(cell.raw, "diagnostics"), "places")) for cell in cells]
    known = [(cell, places) for cell, places in counted if places]
    if not known:
        return []
    targets = numbers(known[0][1], "targets")
    columns = (Column("place"), Column("right", numeric=True), *(Column(cell_title(cell), numeric=True) for cell, _ in known))
    answers = [numbers(places, "answers") for _, places in known]
    rows = tuple(
        (Entry(letter(place), sort=str(place)), _count(targets, place), *(_count(found, place) for found in answers))
        for place in range(max(len(found) for found in (targets, *answers)))
    )
    note = "How often each place in the list is the right one, and how often each model answers it."
    return [Table("Places in the list of choices", columns, rows, note)]


def _count(found: Sequence[float], place: int) -> Entry:
    value = found[place] if place < len(found) else 0.0
    return Entry(count(value), sort=sort_key(value))
