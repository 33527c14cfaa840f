"""Where and how the run happened.

In: a run's folder. Out: the section `environment`, from results.json's environment and from run.json.
"""

from benchc.runtime.report.document import Block, Fact, Facts, Folded, Heading, Paragraph, Section
from benchc.runtime.report.json_fields import number, part, records, text
from benchc.runtime.report.numbers import memory
from benchc.runtime.report.run_record import RunRecord
from benchc.runtime.report.sections.plain import facts_of

FIRST = ("benchc", "python", "system", "processor", "cores", "threads")


def environment_section(run: RunRecord) -> Section | None:
    recorded = part(run.results, "environment") or part(run.run, "environment")
    if not recorded and not run.run:
        return Section("environment", "Environment", "", (Paragraph("Nothing was recorded about the machine.", "warn"),))
    packages = tuple(Fact(name, str(version)) for name, version in part(recorded, "packages").items() if version)
    rest = {key: value for key, value in recorded.items() if key not in ("packages", "memory_bytes", "device", *FIRST)}
    head = {key: recorded.get(key) for key in FIRST}
    total = number(recorded, "memory_bytes")
    facts = (
        *facts_of(head),
        *((Fact("memory", memory(total)),) if total is not None else ()),
        *facts_of({"device": recorded.get("device")}),
        *facts_of(rest),
    )
    blocks: list[Block] = [Facts(facts)] if facts else []
    if packages:
        blocks += [Heading("Packages"), Facts(packages)]
    if run.run:
        happened = {key: value for key, value in run.run.items() if key not in ("environment", "format", "steps")}
        blocks.append(Folded("What happened (run.json)", (Facts(tuple(facts_of(happened))),)))
    return Section("environment", "Environment", "", (*blocks, *_troubles(run)))


def _troubles(run: RunRecord) -> tuple[Block, ...]:
    """Parts of the results that could not be made, and store entries that had to be made again."""
    lost = [
        Paragraph(f"{text(one, 'part')} could not be made: {text(one, 'message')}", "warn") for one in records(run.results, "incomplete")
    ]
    again = [
        Paragraph(f"A damaged {text(one, 'kind')} result was found in the store and made again: {text(one, 'reason')}", "warn")
        for one in records(run.results, "repaired")
    ]
    return (*lost, *again)
