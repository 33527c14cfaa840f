"""What the data are: rows, classes, lengths, what was cut, dropped and skipped.

In: a run's folder. Out: the section `data`.
"""

from benchc.runtime.report.document import Block, Facts, Heading, Section
from benchc.runtime.report.json_fields import records, text
from benchc.runtime.report.run_record import RunRecord
from benchc.runtime.report.sections.plain import facts_of


def data_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    for card in records(run.results, "data"):
        blocks += [Heading(text(card, "dataset") or "Data"), Facts(tuple(facts_of(card)))]
    return Section("data", "Data", "", tuple(blocks)) if blocks else None
