"""Questions with choices, to be read: each choice with what the models say of it, the right one and the chosen one marked.

In: an example of results.json. Out: a table. Not here: which questions are shown (`examples`).
"""

from collections.abc import Mapping

from benchc.runtime.prompts.letters import letter
from benchc.runtime.report.document import Column, Entry, Table
from benchc.runtime.report.json_fields import Record, number, part, records, text, texts
from benchc.runtime.report.numbers import NONE, count, measure, share


def choice_table(raw: Record, pairs: bool) -> Table:
    """`pairs`: the task asks which of two texts is likelier, and none is right."""
    answers = records(raw, "answers")
    choices, scores = texts(raw, "choices"), part(raw, "scores")
    columns = (Column("choice"), *(Column(text(one, "model"), numeric=True) for one in answers))
    rows = tuple(_row(place, words, raw, answers, scores, pairs) for place, words in enumerate(choices))
    return Table(f"Choices of example {text(raw, 'id')}", columns, rows, sortable=False)


def _row(place: int, words: str, raw: Record, answers: tuple[Record, ...], scores: Mapping[str, object], pairs: bool) -> tuple[Entry, ...]:
    right = str(raw.get("target")) == str(place)
    name = Entry(f"{letter(place)}. {words}", mark="right" if right and not pairs else "", tone="right" if right and not pairs else "")
    return name, *(_said(place, right, one, scores, pairs) for one in answers)


def _said(place: int, right: bool, answer: Record, scores: Mapping[str, object], pairs: bool) -> Entry:
    found = scores.get(text(answer, "model"))
    known = found[place] if isinstance(found, list) and place < len(found) else {}
    likelihood = number(known, "log_likelihood")
    chosen = str(answer.get("answer")) == str(place)
    tone = ("lead" if right or pairs else "warn") if chosen else ""
    return Entry(
        share(number(known, "probability")) if number(known, "probability") is not None else NONE if not chosen else "",
        f"ln p = {measure(likelihood)}" if likelihood is not None else "",
        tone=tone,
        mark=_mark(answer, pairs) if chosen else "",
    )


def _mark(answer: Record, pairs: bool) -> str:
    votes, of = number(answer, "votes"), number(answer, "of")
    word = "preferred" if pairs else "chosen"
    return f"{word} in {count(votes)} of {count(of)} runs" if votes is not None and of is not None and votes < of else word
