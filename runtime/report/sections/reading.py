"""Examples to read: errors of every model, and where models disagree.

In: a run's folder. Out: the section `examples`. Not here: how they were chosen (`examples.py`).
"""

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.document import Answer, Block, Example, Folded, Paragraph, Passage, Reading, Section
from benchc.runtime.report.examples import EVERY_MODEL_WRONG, MODELS_DISAGREE
from benchc.runtime.report.json_fields import Record, integer, number, part, records, text, truth
from benchc.runtime.report.numbers import count, difference, measure, plural, share
from benchc.runtime.report.run_record import RunRecord, TaskResults
from benchc.runtime.report.sections.headings import task_heading

LONG = 600  # characters from which a text is folded
OPENED = 6  # examples of a sort that are shown at once
OPENING = 320  # characters of a folded text that are shown at once

LEAD = (
    "Chosen by rule, not by hand: the errors of which the models were surest come first. A model that answers the same to everything "
    "does not count for “every model”. With several seeds an answer is what most of them gave, and “sure” is their mean confidence."
)
TITLES = {
    ("classification", EVERY_MODEL_WRONG): "Every model is wrong",
    ("classification", MODELS_DISAGREE): "The models disagree",
    ("", EVERY_MODEL_WRONG): "Even the best model is far off",
    ("", MODELS_DISAGREE): "The models lie far apart",
}


def reading_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for task in run.tasks:
        found = [one for one in records(run.results, "examples") if text(one, "task") == task.task and text(one, "run") in ("", task.run)]
        if found:
            blocks += [*task_heading(run, task), *_readings(task, found)]
    if not blocks:
        return Section("examples", "Examples to read", "", (Paragraph("No example was chosen: no two models erred or disagreed."),))
    return Section("examples", "Examples to read", LEAD, tuple(blocks))


def _readings(task: TaskResults, found: list[Record]) -> list[Block]:
    kind = "classification" if task.kind in ("classification", "") else ""
    readings: list[Block] = []
    for sort in (EVERY_MODEL_WRONG, MODELS_DISAGREE):
        examples = tuple(_example(one) for one in found if text(one, "sort") == sort)
        if examples:
            readings.append(Reading(f"{TITLES[kind, sort]}: {plural(len(examples), 'example')}", examples[:OPENED]))
        if len(examples) > OPENED:
            readings.append(Folded(f"{len(examples) - OPENED} more", (Reading("", examples[OPENED:]),)))
    return readings


def _example(raw: Record) -> Example:
    cut = part(raw, "cut")
    inputs = part(raw, "inputs")
    passages = tuple(_passage(name if len(inputs) > 1 else "", str(words), integer(cut, name)) for name, words in inputs.items())
    target = raw.get("target")
    return Example(text(raw, "id"), _label(target), passages, tuple(_answer(one, target) for one in records(raw, "answers")))


def _label(value: Json) -> str:
    return measure(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _passage(name: str, words: str, left_out: int | None) -> Passage:
    cut = f"{count(left_out)} further characters are not kept here" if left_out else ""
    opening = words[:OPENING].rstrip() + " …" if len(words) > LONG else ""
    return Passage(name, opening, words, cut)


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
