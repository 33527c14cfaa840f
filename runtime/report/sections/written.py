"""Texts of models beside their references, to be read: the answer marked where it stands, programs with what became of them.

In: examples of results.json. Out: blocks. Not here: how they were chosen (`language_examples`).
"""

from collections.abc import Sequence

from markupsafe import Markup

from benchc.runtime.report.document import Block, Folded, Paragraph, Sample, Written, WrittenExample, WrittenTexts
from benchc.runtime.report.json_fields import Record, integer, number, part, records, text, truth
from benchc.runtime.report.language_examples import NOT_EXTRACTED, SAMPLE
from benchc.runtime.report.numbers import count, measure, plural
from benchc.runtime.report.sections.passage import passages_of
from benchc.runtime.report.sections.texts import OUTCOMES
from benchc.runtime.report.visible import readable, readable_with_mark

MOST_CHARACTERS = 500_000  # of the texts of one task that are shown
OPENED = 4  # examples of a sort that are shown at once
ENDED = {"end": "ended by the model", "stop": "ended by a stop sequence", "length": "ended by the length limit"}
TITLES = {NOT_EXTRACTED: "No answer could be found", SAMPLE: "Drawn by their ids, whatever the answers"}


def written_blocks(found: Sequence[Record]) -> list[Block]:
    blocks: list[Block] = []
    kept = _within(found)
    for sort, title in TITLES.items():
        of_sort = [one for one in kept if text(one, "sort") == sort]
        examples = tuple(_example(one) for one in of_sort)
        code = any(
            text(sample, "outcome") for one in of_sort for answer in records(one, "answers") for sample in records(answer, "samples")
        )
        if examples:
            blocks.append(WrittenTexts(f"{title}: {plural(len(examples), 'example')}", code, examples[:OPENED]))
        if len(examples) > OPENED:
            blocks.append(Folded(f"{len(examples) - OPENED} more", (WrittenTexts("", code, examples[OPENED:]),)))
    if len(kept) < len(found):
        left_out = plural(len(found) - len(kept), "further example")
        blocks.append(Paragraph(f"{left_out} left out here to keep this file small: see results.json."))
    return blocks


def _within(found: Sequence[Record]) -> list[Record]:
    """The first examples whose texts have room in the report."""
    room, kept = MOST_CHARACTERS, []
    for one in found:
        room -= sum(len(text(sample, "text")) for answer in records(one, "answers") for sample in records(answer, "samples"))
        if room < 0:
            break
        kept.append(one)
    return kept


def _example(raw: Record) -> WrittenExample:
    reference = readable(text(raw, "target")) if raw.get("target") is not None else Markup("<em>{}</em>").format("none")
    return WrittenExample(text(raw, "id"), passages_of(raw), reference, tuple(_written(one) for one in records(raw, "answers")))


def _written(raw: Record) -> Written:
    samples = records(raw, "samples")
    in_all, passed = integer(raw, "samples_in_all") or 0, integer(raw, "samples_passed")
    score = part(raw, "score")
    basis = [
        *([f"{text(score, 'metric').split('(')[0]} {measure(number(score, 'value'))}"] if number(score, "value") is not None else []),
        *([f"{count(passed)} of {plural(in_all, 'sample')} passed"] if passed is not None and in_all > 1 else []),
    ]
    more = f"{plural(in_all - len(samples), 'further sample')} in the predictions file" if in_all > len(samples) else ""
    return Written(
        text(raw, "model"), _answer(raw), ", ".join(basis), _tone(raw, passed), tuple(_sample(raw, one) for one in samples), more
    )


def _answer(raw: Record) -> str:
    """What was taken out; nothing where the text itself is the answer."""
    if not truth(raw, "extracted"):
        return ""
    return text(raw, "answer") or ("(empty)" if raw.get("answer") == "" else "none found")


def _tone(raw: Record, passed: int | None) -> str:
    if passed is not None:
        return "lead" if passed else "warn"
    return "warn" if truth(raw, "extracted") and raw.get("answer") is None else ""


def _sample(answer: Record, raw: Record) -> Sample:
    words, start, end = text(raw, "text"), integer(raw, "start"), integer(raw, "end")
    html = readable(words) if start is None or end is None else readable_with_mark(words, start, end)
    outcome, lost = text(raw, "outcome"), truth(answer, "extracted") and raw.get("answer") is None
    tokens, left_out = integer(raw, "tokens"), integer(raw, "left_out")
    facts = [
        ENDED.get(text(raw, "ended"), text(raw, "ended")),
        *([plural(tokens, "token")] if tokens is not None else []),
        *([f"{count(left_out)} further characters are not kept here"] if left_out else []),
    ]
    verdict = OUTCOMES.get(outcome, outcome) or ("no answer found" if lost else "")
    tone = "lead" if outcome == "passed" else "warn" if outcome or lost else ""
    return Sample(html, verdict, ", ".join(fact for fact in facts if fact), text(raw, "detail"), tone)
