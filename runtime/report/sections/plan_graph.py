"""The plan as a picture and as counts.

In: a run's folder. Out: the section `plan`.
"""

from collections import Counter

from benchc.runtime.report.document import Block, Column, Entry, Paragraph, Section, Table
from benchc.runtime.report.json_fields import records, text
from benchc.runtime.report.numbers import count, sort_key
from benchc.runtime.report.run_record import RunRecord


def plan_section(run: RunRecord) -> Section | None:
    steps = records(run.plan, "steps")
    if not steps:
        return Section("plan", "Plan", "", (Paragraph("This folder holds no plan.json.", "warn"),))
    counted = Counter(text(step, "kind") for step in steps)
    rows = tuple((Entry(kind), Entry(count(number), sort=sort_key(number))) for kind, number in counted.items())
    blocks: list[Block] = [Table("Steps by kind", (Column("kind"), Column("steps", numeric=True)), rows)]
    return Section("plan", "Plan", "Equal work is one step, whatever number of tasks and models ask for it.", tuple(blocks))
