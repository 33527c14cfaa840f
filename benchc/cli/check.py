"""`benchc check`: what is wrong with specs, before anything is spent.

In: the command line. Out: the problems, in the form that is asked for, and in text a line about each spec that says what it holds.
Not here: how problems are found (`benchc.compiler.pipeline`, `benchc.runtime.data.inspect`) and drawn (`benchc.compiler.render`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from benchc.cli.settings import parse_settings
from benchc.cli.spec_argument import SpecArgument, spec_arguments
from benchc.compiler import pipeline
from benchc.compiler.checks.allow import allows
from benchc.compiler.expand import Respec, expand
from benchc.compiler.problems import Level, Problem, has_errors, in_reading_order
from benchc.compiler.source import Files, Source
from benchc.disk import cache_folder, disk_files

if TYPE_CHECKING:
    from benchc.compiler.pipeline import Checked
    from benchc.compiler.spec import Spec

COUNTED = (("dataset", "datasets"), ("task", "tasks"), ("model", "models"))


@dataclass(frozen=True, slots=True)
class SpecResult:
    """What was found out about one spec."""

    path: str
    checked: "Checked"
    problems: tuple[Problem, ...]


@click.command("check")
@click.argument("specs", nargs=-1, required=True, type=click.Path(), metavar="SPEC...", callback=spec_arguments)
@click.option("--data", "with_data", is_flag=True, help="Also open the data: columns, labels, splits, sizes.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Value of a param; may be given several times.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="Form of the problems.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--cache", type=click.Path(), metavar="DIR", help="Folder where digests of files are remembered.")
def command(specs: Sequence[SpecArgument], with_data: bool, settings: Sequence[str], form: str, strict: bool, cache: str | None) -> int:
    """Say what is wrong with each SPEC, before anything is spent.

    Leaves with 0 when there is no error (with --strict: nor a warning), else with 1.
    """
    files = disk_files(cache_folder(cache))
    values = parse_settings(settings)
    results = [_check(path, files, values, with_data) for path in dict.fromkeys(spec.path for spec in specs)]
    click.echo(_text(results) if form == "text" else _drawn(results, form))
    refused = (Level.ERROR, Level.WARNING) if strict else (Level.ERROR,)
    return int(any(problem.level in refused for result in results for problem in result.problems))


def _check(path: str, files: Files, settings: Mapping[str, str], with_data: bool) -> SpecResult:
    checked = pipeline.check(path, files, settings)
    if not with_data or checked.spec is None or checked.resolver is None or has_errors(checked.problems):
        return SpecResult(path, checked, checked.problems)
    return SpecResult(path, checked, in_reading_order((*checked.problems, *_data_problems(checked.spec, checked.resolver.respec, files))))


def _data_problems(spec: "Spec", respec: Respec, files: Files) -> list[Problem]:
    """What the data files show, less what the spec allows."""
    from benchc.runtime.data.inspect import inspect

    return [problem for problem in inspect(spec, respec, files) if problem.level is Level.ERROR or not allows(spec, problem.code)]


def _drawn(results: Sequence[SpecResult], form: str) -> str:
    """The problems of all specs together, for machines."""
    from benchc.compiler.render.annotations import render_annotations
    from benchc.compiler.render.json import render_json
    from benchc.compiler.render.sarif import render_sarif

    problems = tuple(dict.fromkeys(problem for result in results for problem in result.problems))
    sources: dict[str, Source] = {}
    for result in results:
        sources.update(result.checked.sources)
    return {"json": render_json, "sarif": render_sarif, "github": render_annotations}[form](problems, sources)


def _text(results: Sequence[SpecResult]) -> str:
    drawn = [_for_people(result) for result in results if result.problems]
    return "\n\n".join([*drawn, "\n".join(summary(result) for result in results)])


def _for_people(result: SpecResult) -> str:
    from benchc.compiler.render.human import render_human

    return render_human(result.problems, result.checked.sources).rstrip()


def summary(result: SpecResult) -> str:
    """`trec.bench: no problems (1 dataset, 1 task, 3 models, 9 cells)`."""
    counts = [_count(sum(p.level is level for p in result.problems), level.value) for level in Level]
    found = ", ".join(count for count in counts if count) or "no problems"
    held = "" if has_errors(result.problems) else _held(result.checked)
    return f"{result.path}: {found}{f' ({held})' if held else ''}"


def _held(checked: "Checked") -> str:
    """What a sound spec holds."""
    spec, resolver = checked.spec, checked.resolver
    if spec is None or resolver is None:
        return ""
    counts = [_count(len(spec.blocks[kind]), kind, many) for kind, many in COUNTED]
    cells = len(expand(spec, resolver.respec).cells) if spec.blocks["run"] else 0
    return ", ".join(count for count in (*counts, _count(cells, "cell")) if count)


def _count(number: int, one: str, many: str = "") -> str:
    """ "3 models"; "" for none."""
    return "" if number == 0 else f"{number:,} {one if number == 1 else many or one + 's'}"
