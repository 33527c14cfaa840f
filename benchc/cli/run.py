"""`benchc run`: check, compile, execute, report.

In: the command line. Out: the run's folder; a short summary and the report's path on stdout, problems and progress on stderr.
"""

import json
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchc.cli.main import FILE_ERROR, INTERNAL_ERROR, describe_os_error
from benchc.cli.settings import parse_settings
from benchc.cli.spec_argument import SpecArgument, spec_argument

if TYPE_CHECKING:
    from benchc.compiler.pipeline import Compiled
    from benchc.compiler.plan import Plan
    from benchc.compiler.problems import Problem
    from benchc.runtime.progress import Display
    from benchc.runtime.run_plan import FinishedRun

SPEC_ERRORS = 1
MOVING = "unpinned_revision"  # the lint


@click.command("run")
@click.argument("spec", type=click.Path(), callback=spec_argument)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Value of a param; may be given several times.")
@click.option("--only", metavar="PATTERN", help="Run only the cells whose ids match, `*` for anything: `*.minilm.*`.")
@click.option("--out", type=click.Path(), metavar="DIR", help="Folder for the results; by default one in runs/ named for spec and time.")
@click.option("--cache", type=click.Path(), metavar="DIR", help="Folder of finished steps; by default BENCHC_CACHE or the user's cache.")
@click.option("--locked", is_flag=True, help="Refuse files that differ from SPEC's lock file, and revisions that are not pinned.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, mps or xpu.")
@click.option(
    "--batch-tokens", type=click.IntRange(min=1), metavar="N", help="Most tokens of one batch of prediction; results do not depend on it."
)
@click.option("--allow-code-execution", "allow_code", is_flag=True, help="Let metrics run programs that a model wrote, in a sandbox.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the summary.")
@click.option("--quiet", is_flag=True, help="Say nothing while running.")
@click.option("--no-report", is_flag=True, help="Write results.json but no report.html.")
def command(
    spec: SpecArgument,
    settings: tuple[str, ...],
    only: str | None,
    out: str | None,
    cache: str | None,
    locked: bool,
    device: str,
    batch_tokens: int | None,
    allow_code: bool,
    form: str,
    quiet: bool,
    no_report: bool,
) -> int:
    """Do what the plan of SPEC says, and write the report. What the store has is not computed again.

    Leaves with 0; 1 when the spec has errors; 3 when a gate does not hold; 4 when some cells failed (also when a gate does not hold
    besides); 130 when interrupted, after which the same command goes on.
    """
    from benchc import api

    texts = parse_settings(settings)
    spec.must_be_file()
    compiled = api.compile(spec.path, settings=texts, cache=cache)
    problems = _pinned(compiled.problems) if locked else compiled.problems
    _draw(problems, compiled, form, quiet)
    if compiled.plan is None or any(problem.level == "error" for problem in problems):
        return SPEC_ERRORS
    if locked and (faults := _lock_faults(spec, compiled.plan)):
        click.echo("\n".join(f"error: {fault}" for fault in faults), err=True)
        return SPEC_ERRORS
    _check_pattern(compiled.plan, only)

    def display(plan: "Plan") -> "Display":
        return _display(plan, quiet)

    place = None if out is None else Path(out)
    request = api.RunRequest(place, cache, device, only, sys.argv, texts, not no_report, display, allow_code, batch_tokens)
    return _run(spec, compiled, request, form, problems)


def _run(spec: SpecArgument, compiled: "Compiled", request: object, form: str, problems: Sequence["Problem"]) -> int:
    from benchc import api
    from benchc.runtime.run_folder import FolderTakenError

    assert isinstance(request, api.RunRequest)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        finished = api.run_compiled(spec.path, compiled, request)
    except FolderTakenError as taken:
        raise click.UsageError(f"{taken}; give another folder with --out") from None
    except OSError as trouble:
        click.echo(f"error: {describe_os_error(trouble)}; what was done is kept in the store, and the same command goes on", err=True)
        return FILE_ERROR
    _print_summary(finished, form, [api.problem_json(problem, compiled.checked.sources) for problem in problems])
    if finished.page_fault is not None:
        click.echo(f"internal error: the report could not be made: {finished.page_fault}", err=True)
        click.echo(f"this is a bug in benchc, please report it with `{finished.folder / 'errors' / 'report.txt'}`", err=True)
        return INTERNAL_ERROR
    return finished.exit_code


def _interrupt(number: int, frame: object) -> None:
    """A polite end is asked for: the same as Ctrl-C."""
    raise KeyboardInterrupt


def _check_pattern(plan: "Plan", pattern: str | None) -> None:
    from benchc.runtime.plan_graph import only

    if pattern is not None and not only(plan, pattern).cells:
        some = ", ".join(f"`{cell.id}`" for cell in plan.cells[:3])
        raise click.UsageError(f"no cell matches `{pattern}`; cells are {some}{' and others' if len(plan.cells) > 3 else ''}")


def _pinned(problems: Sequence["Problem"]) -> list["Problem"]:
    """With `--locked`, a revision that may move is an error."""
    from dataclasses import replace

    from benchc.compiler.problems import Level

    return [replace(problem, level=Level.ERROR) if problem.code == MOVING else problem for problem in problems]


def _lock_faults(spec: SpecArgument, plan: "Plan") -> Sequence[str]:
    """How the files that the plan reads differ from the lock beside the spec."""
    from benchc.runtime.lock import NotALockError, differences, lock_place, make_lock, read_lock

    place = lock_place(spec.beside)
    if not place.is_file():
        raise click.UsageError(f"there is no lock `{place}`; make one with `benchc lock {spec.written}`")
    try:
        return differences(read_lock(place), make_lock(plan))
    except NotALockError as trouble:
        raise click.UsageError(str(trouble)) from None


def _draw(problems: Sequence["Problem"], compiled: "Compiled", form: str, quiet: bool) -> None:
    from benchc.compiler.problems import Level

    shown = [problem for problem in problems if not quiet or problem.level is Level.ERROR]
    if not shown:
        return
    from benchc.compiler.render.human import render_human
    from benchc.compiler.render.json import render_json

    if form == "json" and any(problem.level is Level.ERROR for problem in problems):
        click.echo(render_json(tuple(problems), compiled.checked.sources))
    else:
        click.echo(render_human(tuple(shown), compiled.checked.sources), err=True)


def _display(plan: "Plan", quiet: bool) -> "Display":
    from benchc.runtime.progress import LiveDisplay, PlainDisplay, QuietDisplay

    if quiet:
        return QuietDisplay()
    display = LiveDisplay if sys.stderr.isatty() else PlainDisplay
    return display(plan, sys.stderr, time.monotonic)


def _print_summary(finished: "FinishedRun", form: str, problems: Sequence[Mapping[str, object]]) -> None:
    from benchc.runtime.results import objects
    from benchc.runtime.summary import summarize

    page = None if finished.page is None else str(finished.page)
    if form == "json":
        statuses = [cell["status"] for cell in objects(finished.results, "cells")]
        counts = {status: statuses.count(status) for status in ("ok", "failed", "skipped")}
        gates = [{key: gate[key] for key in ("name", "expression", "passed")} for gate in objects(finished.results, "gates")]
        value = {"folder": str(finished.folder), "report": page, "exit_code": finished.exit_code, "cells": counts, "gates": gates}
        click.echo(json.dumps({**value, "problems": problems}, ensure_ascii=False))
        return
    for line in summarize(finished.results):
        click.echo(line)
    click.echo(page if page is not None else str(finished.folder / "results.json"))
