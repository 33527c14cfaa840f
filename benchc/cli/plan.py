"""`benchc plan`: what a run would do, why, and what it would cost.

In: the command line. Out: on stdout the outlook for people or as JSON, the plan itself, or its graph; problems on stderr.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchc.cli.settings import parse_settings
from benchc.cli.spec_argument import SpecArgument, spec_argument

if TYPE_CHECKING:
    from benchc.compiler.pipeline import Compiled
    from benchc.compiler.plan import Plan

SPEC_ERRORS = 1


@click.command("plan")
@click.argument("spec", type=click.Path(), callback=spec_argument)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Value of a param; may be given several times.")
@click.option("--json", "as_plan", is_flag=True, help="The plan itself, as plan.json.")
@click.option("--graph", type=click.Choice(["mermaid", "svg"]), help="The plan as a picture.")
@click.option("--prompts", type=click.IntRange(min=1), metavar="N", help="The first N prompts of each task that is asked by prompts.")
@click.option("--why", is_flag=True, help="Each step that would run, with the reason.")
@click.option("--out", type=click.Path(), metavar="FILE", help="Write to a file instead of printing.")
@click.option("--cache", type=click.Path(), metavar="DIR", help="Folder of finished steps; by default BENCHC_CACHE or the user's cache.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the outlook.")
def command(
    spec: SpecArgument,
    settings: tuple[str, ...],
    as_plan: bool,
    graph: str | None,
    prompts: int | None,
    why: bool,
    out: str | None,
    cache: str | None,
    form: str,
) -> int:
    """Show what a run of SPEC would do: steps to run and steps that the store has, the reason for each, time, memory and disk.

    Nothing is run and no weights are loaded; with `--prompts` data and tokenizers are read. Leaves with 1 when the spec has errors.
    """
    from benchc import api

    if sum((as_plan, graph is not None, prompts is not None)) > 1:
        raise click.UsageError("`--json`, `--graph` and `--prompts` ask for different things; choose one")
    compiled = api.compile(spec.path, settings=parse_settings(settings), cache=cache)
    _draw_problems(compiled, form)
    if compiled.plan is None:
        return SPEC_ERRORS
    if prompts is not None:
        text = _prompts(compiled.plan, spec.path, prompts, cache, form)
    elif as_plan:
        text = _plan_text(compiled.plan)
    else:
        text = _graph_text(compiled.plan, graph) if graph else _outlook(compiled, cache, form, why)
    if out is None:
        click.echo(text, nl=False)
    else:
        Path(out).write_text(text, encoding="utf-8")
    return 0


def _draw_problems(compiled: "Compiled", form: str) -> None:
    """Problems on stderr; as JSON on stdout when there is no plan to print there."""
    if not compiled.problems:
        return
    if form == "json" and compiled.plan is None:
        from benchc.compiler.render.json import render_json

        click.echo(render_json(compiled.problems, compiled.checked.sources))
    elif form != "json":
        from benchc.compiler.render.human import render_human

        click.echo(render_human(compiled.problems, compiled.checked.sources), err=True)


def _plan_text(plan: "Plan") -> str:
    from benchc.compiler.plan_json import write_plan

    return write_plan(plan)


def _graph_text(plan: "Plan", form: str) -> str:
    from benchc.compiler.graph import graph_of, mermaid, svg

    graph = graph_of(plan)
    return svg(graph) if form == "svg" else mermaid(graph)


def _prompts(plan: "Plan", spec: str, most: int, cache: str | None, form: str) -> str:
    import json
    import tempfile

    from benchc.cli.prompt_text import preview_json, preview_lines
    from benchc.disk import cache_folder, place_of
    from benchc.runtime.prompts.preview import Places, previews
    from benchc.runtime.store import CONVERTED, Entry, Store
    from benchc.runtime.work import StepFailed

    store = Store(cache_folder(cache))

    def stored(key: str) -> Path | None:
        found = store.find(key)
        return found.folder if isinstance(found, Entry) else None

    with tempfile.TemporaryDirectory(prefix="benchc-") as scratch:
        root = Path(spec).absolute().parent
        places = Places(Path(scratch), lambda location: place_of(location, root), stored, store.folder / CONVERTED)
        try:
            found = list(previews(plan, most, places))
        except StepFailed as failure:
            raise click.ClickException(f"{failure.message}{f'; {failure.help}' if failure.help else ''}") from None
    if form == "json":
        return json.dumps(preview_json(found), ensure_ascii=False) + "\n"
    return "\n".join(preview_lines(found)) + "\n" if found else "no task of this spec is asked by prompts\n"


def _outlook(compiled: "Compiled", cache: str | None, form: str, why: bool) -> str:
    import json

    from benchc import api
    from benchc.disk import cache_folder
    from benchc.outlook_text import outlook_json, outlook_text
    from benchc.past_runs import look_back
    from benchc.plan_outlook import look_ahead

    plan = compiled.plan
    assert plan is not None
    outlook = look_ahead(plan, look_back(plan, cache_folder(cache)))
    if form == "text":
        return outlook_text(plan, outlook, each=why)
    problems = [api.problem_json(problem, compiled.checked.sources) for problem in compiled.problems]
    return json.dumps({**outlook_json(plan, outlook, each=why), "problems": problems}, ensure_ascii=False) + "\n"
