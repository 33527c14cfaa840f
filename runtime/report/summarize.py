"""From a run's folder to the report's content.

In: `RunRecord`. Out: `Summary`, every text final. Not here: HTML; what each section says (`sections/`, `headline.py`).
"""

from benchc.runtime.report.document import Fact, Summary
from benchc.runtime.report.headline import headline
from benchc.runtime.report.json_fields import part, text, texts
from benchc.runtime.report.run_record import RunRecord
from benchc.runtime.report.sections.choices import choices_section
from benchc.runtime.report.sections.classes import classes_section
from benchc.runtime.report.sections.comparisons import comparisons_section
from benchc.runtime.report.sections.costs import costs_section
from benchc.runtime.report.sections.curves import curves_section
from benchc.runtime.report.sections.data_cards import data_section
from benchc.runtime.report.sections.environment import environment_section
from benchc.runtime.report.sections.groups import groups_section
from benchc.runtime.report.sections.method import method_section
from benchc.runtime.report.sections.passages import passages_section
from benchc.runtime.report.sections.plan_graph import plan_section
from benchc.runtime.report.sections.prompts import prompts_section
from benchc.runtime.report.sections.reading import reading_section
from benchc.runtime.report.sections.regression import regression_section
from benchc.runtime.report.sections.results import results_section
from benchc.runtime.report.sections.seeds import seeds_section
from benchc.runtime.report.sections.specs import lints_section, spec_section
from benchc.runtime.report.sections.texts import texts_section

SECTIONS = (
    results_section,
    comparisons_section,
    groups_section,
    classes_section,
    choices_section,
    texts_section,
    passages_section,
    regression_section,
    curves_section,
    seeds_section,
    costs_section,
    reading_section,
    prompts_section,
    data_section,
    lints_section,
    spec_section,
    plan_section,
    method_section,
    environment_section,
)


def summarize(run: RunRecord) -> Summary:
    bench = part(run.results, "bench")
    settings = part(run.plan, "report")
    return Summary(
        title=text(settings, "title") or text(bench, "name") or run.name,
        description=text(bench, "description") or text(part(bench, "docs"), "bench"),
        theme=text(settings, "theme") or "auto",
        facts=_facts(run),
        headline=headline(run),
        sections=tuple(section for make in SECTIONS if (section := make(run)) is not None),
    )


def _facts(run: RunRecord) -> tuple[Fact, ...]:
    bench = part(run.results, "bench")
    started = text(run.run, "started") or text(part(run.results, "environment"), "started")
    known = (
        ("run", run.name),
        ("started", started),
        ("authors", ", ".join(texts(bench, "authors"))),
        ("licence", text(bench, "license")),
        ("tags", ", ".join(texts(bench, "tags"))),
        ("plan", text(part(run.results, "plan"), "digest")[:12]),
    )
    return tuple(Fact(name, value) for name, value in known if value)
