"""The plan as a picture and as counts.

In: a run's folder. Out: the section `plan`. Not here: how the graph is drawn (`compiler/graph.py`).
"""

import re
from collections import Counter

from markupsafe import Markup

from benchc.compiler.graph import graph_of, svg
from benchc.compiler.jsonvalue import canonical
from benchc.compiler.plan_json import PlanFormatError, read_plan
from benchc.runtime.report.document import Block, Column, Drawing, Entry, Folded, Paragraph, Section, Table
from benchc.runtime.report.json_fields import records, text
from benchc.runtime.report.numbers import count, sort_key
from benchc.runtime.report.run_record import RunRecord

MOST_NODES = 150  # of a graph that can still be read

LEAD = "Equal work is one step, whatever number of tasks and models ask for it. Steps that differ in seed, fold or axis alone are one box."


def plan_section(run: RunRecord) -> Section | None:
    if not run.plan:
        return Section("plan", "Plan", "", (Paragraph("This folder holds no plan.json.", "warn"),))
    return Section("plan", "Plan", LEAD, (_drawing(run), Folded("Steps by kind", (_counts(run),))))


def _drawing(run: RunRecord) -> Block:
    try:
        graph = graph_of(read_plan(canonical(run.plan)))
    except PlanFormatError as fault:
        return Paragraph(f"The plan cannot be drawn: {fault}", "warn")
    if len(graph.nodes) > MOST_NODES:
        return Paragraph(
            f"The graph has {count(len(graph.nodes))} boxes, too many to be read here; `benchc plan --graph` writes it to a file."
        )
    # The page's policy forbids style attributes; its style sheet says what they say.
    drawn = re.sub(r' style="[^"]*"', "", svg(graph))
    return Drawing("From data to gates, left to right", Markup(drawn))


def _counts(run: RunRecord) -> Table:
    counted = Counter(text(step, "kind") for step in records(run.plan, "steps"))
    rows = tuple((Entry(kind), Entry(count(number), sort=sort_key(number))) for kind, number in counted.items())
    return Table("Steps by kind", (Column("kind"), Column("steps", numeric=True)), rows)
