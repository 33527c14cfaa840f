"""Examples to read: errors of every model, and where models disagree.

In: a run's folder. Out: the section `examples`. Not here: how they were chosen (`examples.py`).
"""

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.document import Answer, Block, Example, Folded, Paragraph, Reading, Section
from benchc.runtime.report.examples import EVERY_MODEL_WRONG, MODELS_DISAGREE
from benchc.runtime.report.json_fields import Record, integer, number, records, text, truth
from benchc.runtime.report.language_examples import SAMPLE
from benchc.runtime.report.numbers import count, difference, measure, plural, share
from benchc.runtime.report.run_record import RunRecord, TaskResults
from benchc.runtime.report.sections.choices import compares_pairs
from benchc.runtime.report.sections.chosen import choice_table
from benchc.runtime.report.sections.headings import task_heading
from benchc.runtime.report.sections.passage import passages_of
from benchc.runtime.report.sections.written import written_blocks

OPENED = 6  # examples of a sort that are shown at once

LEAD = (
    "Chosen by rule, not by hand: the errors of which the models were surest come first. A model that answers the same to everything "
    "does not count for “every model”. With several seeds an answer is what most of them gave, and “sure” is their mean confidence. "
    "Written texts are those that gave no answer and a sample drawn by ids; what was taken out of a text is marked in it."
)
NOTHING = "No example was chosen: no two models erred or disagreed."
TITLES = {
    ("classification", EVERY_MODEL_WRONG): "Every model is wrong",
    ("classification", MODELS_DISAGREE): "The models disagree",
    ("multiple_choice", EVERY_MODEL_WRONG): "Every model is wrong",
    ("multiple_choice", MODELS_DISAGREE): "The models disagree",
    ("pairs", SAMPLE): "Pairs drawn by their ids, whatever the answers",
    ("", EVERY_MODEL_WRONG): "Even the best model is far off",
    ("", MODELS_DISAGREE): "The models lie far apart",
}


def reading_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        found = [one for one in records(run.results, "examples") if text(one, "task") == task.task and text(one, "run") in ("", task.run)]
        if found and task.kind != "language_modeling":
            shown = written_blocks(found) if task.kind == "generation" else _readings(_kind(run, task), found)
            blocks += [*task_heading(run, task), *shown]
    if not blocks:
        kinds = {task.kind for task in run.tasks}
        return None if kinds == {"language_modeling"} else Section("examples", "Examples to read", "", (Paragraph(NOTHING),))
    return Section("examples", "Examples to read", LEAD, tuple(blocks))


def _kind(run: RunRecord, task: TaskResults) -> str:
    """What the examples of a task have in common with those of others."""
    match task.kind:
        case "classification" | "":
            return "classification"
        case "multiple_choice":
            return "pairs" if compares_pairs(run, task) else "multiple_choice"
        case _:
            return ""


def _readings(kind: str, found: list[Record]) -> list[Block]:
    readings: list[Block] = []
    for sort, title in ((sort, title) for (of, sort), title in TITLES.items() if of == kind):
        examples = tuple(_example(one, kind) for one in found if text(one, "sort") == sort)
        if examples:
            readings.append(Reading(f"{title}: {plural(len(examples), 'example')}", examples[:OPENED]))
        if len(examples) > OPENED:
            readings.append(Folded(f"{len(examples) - OPENED} more", (Reading("", examples[OPENED:]),)))
    return readings


def _example(raw: Record, kind: str) -> Example:
    target = raw.get("target")
    choices = choice_table(raw, kind == "pairs") if raw.get("choices") else None
    answers = tuple(_answer(one, target) for one in records(raw, "answers"))
    return Example(text(raw, "id"), _label(target), passages_of(raw), answers, choices)


def _label(value: Json) -> str:
    return measure(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _answer(raw: Record, target: Json) -> Answer:
    answer, correct = raw.get("answer"), truth(raw, "correct")
    confidence, votes, of = number(raw, "confidence"), integer(raw, "votes"), integer(raw, "of")
    details = []
    if confidence is not None:
        details.append(f"{share(confidence)} sure")
    if correct is None and isinstance(answer, int | float) and isinstance(target, int | float):
        details.append(f"off by {difference(answer - target)}")
    elif votes is not None and of is not None and votes < of:
        details.append(f"{count(votes)} of {count(of)} runs")
    verdict = {True: "right", False: "wrong", None: ""}[correct]
    return Answer(
        text(raw, "model"), _label(answer), verdict, ", ".join(details), "lead" if correct else "warn" if correct is False else ""
    )
