"""benchc from Python: check a spec, compile it, run it, read what a run left.

In: specs and settings; a spec is named by its path, or `std:NAME` or `pkg:package.module/file.bench` for one in a package. Out: the
compiler's `Checked` and `Compiled`, and `Results`. The commands are made of these functions too. Not here: printing and exit codes. A spec
with errors raises `SpecError`, whose text is what the command would draw.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from benchc.compiler import pipeline
from benchc.compiler.jsonvalue import Json
from benchc.compiler.package_files import PackageFile, find_package_file
from benchc.compiler.pipeline import Checked, Compiled
from benchc.compiler.plan import Plan
from benchc.compiler.problems import Level, Problem
from benchc.compiler.source import Files, Source
from benchc.disk import cache_folder, disk_files, place_of

if TYPE_CHECKING:
    from benchc.runtime.progress import Display
    from benchc.runtime.run_plan import FinishedRun
    from benchc.runtime.run_results import Results

Setting: TypeAlias = str | int | float | bool


class SpecError(Exception):
    """The spec has errors; `problems` holds them with the warnings."""

    def __init__(self, problems: Sequence[Problem], sources: Mapping[str, Source]) -> None:
        from benchc.compiler.render.human import render_human

        super().__init__(render_human(problems, sources))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked of a run, apart from the spec. Places are None for the usual ones."""

    out: Path | None = None
    cache: str | None = None
    device: str = "auto"
    only: str | None = None
    command: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    page: bool = True
    display: "Callable[[Plan], Display] | None" = None
    allow_code_execution: bool = False
    batch_tokens: int | None = None


def check(path: str | Path, *, settings: Mapping[str, Setting] | None = None, cache: str | None = None) -> Checked:
    """What a spec means and what is wrong with it. Reads the spec and its imports, and no data."""
    files = disk_files(cache_folder(cache))
    return pipeline.check(spec_path(path, files), files, texts_of(settings or {}))


def compile(path: str | Path, *, settings: Mapping[str, Setting] | None = None, cache: str | None = None) -> Compiled:  # noqa: A001
    """The plan of a spec. `settings` are the values of its params, as `--set` takes them. Digests of data files are computed, or
    remembered in the cache folder. With errors among the problems there is no plan."""
    files = disk_files(cache_folder(cache))
    try:
        return pipeline.compile(spec_path(path, files), files, texts_of(settings or {}))
    finally:
        files.memory.save()


def run(
    path: str | Path,
    out: str | Path | None = None,
    *,
    settings: Mapping[str, Setting] | None = None,
    cache: str | None = None,
    device: str = "auto",
    only: str | None = None,
    allow_code_execution: bool = False,
    batch_tokens: int | None = None,
) -> "Results":
    """Runs a spec and writes its folder and report, quietly; what the store has is not computed again. `allow_code_execution`
    lets metrics such as `pass_at` run programs that a model wrote, in a sandbox. `batch_tokens`: most tokens of one batch of prediction,
    by default what suits the device; speed and memory depend on it, results do not.

    Raises SpecError for a spec with errors, FolderTakenError when `out` holds something else, OSError when a folder cannot be written.
    Cells that fail are in the results; `Results.exit_code` is what the command would have left with.
    """
    texts = texts_of(settings or {})
    compiled = compile(path, settings=texts, cache=cache)
    request = RunRequest(
        None if out is None else Path(out),
        cache,
        device,
        only,
        settings=texts,
        allow_code_execution=allow_code_execution,
        batch_tokens=batch_tokens,
    )
    return open_results(run_compiled(spec_path(path, disk_files(cache_folder(cache))), compiled, request).folder)


def open_results(folder: str | Path) -> "Results":
    """What a run left in its folder. Raises FileNotFoundError, or ValueError for a file that is not a results.json."""
    from benchc.runtime.run_results import Results

    return Results.open(Path(folder))


def run_compiled(path: str, compiled: Compiled, request: RunRequest) -> "FinishedRun":
    """Runs a compiled spec. Raises what `run` does."""
    from benchc.compiler.plan_json import write_plan
    from benchc.runtime.plan_graph import only
    from benchc.runtime.progress import QuietDisplay
    from benchc.runtime.run_plan import PlannedRun, RunOptions, run_plan
    from benchc.runtime.store import Store

    sources = compiled.checked.sources
    if compiled.plan is None:
        raise SpecError(compiled.problems, sources)
    plan = compiled.plan if request.only is None else only(compiled.plan, request.only)
    display = QuietDisplay() if request.display is None else request.display(plan)
    spec_folder = Path(path).absolute().parent
    options = RunOptions(
        out=request.out,
        store=Store(cache_folder(request.cache)),
        place=lambda location: place_of(location, spec_folder),
        now=lambda: datetime.now().astimezone(),
        clock=time.monotonic,
        device=request.device,
        allow_code_execution=request.allow_code_execution,
        batch_tokens=request.batch_tokens,
        listener=display.event,
        progress=display.progress,
        command=request.command,
        settings=request.settings,
        only=request.only,
        write_page=_write_page if request.page else None,
        variable=os.environ.get,
    )
    lints = [problem_json(problem, sources) for problem in compiled.problems if problem.level is not Level.ERROR]
    files = {name: source for name, source in sources.items() if not name.startswith("--set ")}
    with display.shown():
        return run_plan(PlannedRun(path, files, lints, plan, write_plan(plan)), options)


def problem_json(problem: Problem, sources: Mapping[str, Source]) -> dict[str, Json]:
    """A problem as results.json holds it: where it is as people count, and its help without edits."""
    at = sources[problem.span.path].lines().position(problem.span.start) if problem.span.path in sources else None
    return {
        "code": problem.code,
        "level": problem.level.value,
        "message": problem.message,
        "path": problem.span.path,
        "line": None if at is None else at.line,
        "column": None if at is None else at.column,
        "help": [advice.message for advice in problem.help],
    }


def texts_of(settings: Mapping[str, Setting]) -> dict[str, str]:
    """Values of params in the language's own grammar; a text is taken to be in it already."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in settings.items()}


def _write_page(folder: Path) -> Path:
    from benchc.runtime.report.report import write_report

    return write_report(folder)


def spec_path(path: str | Path, files: Files) -> str:
    """Where a spec lies that is named by its path, as `std:NAME` or as `pkg:package.module/file.bench`. A name that stands for no file
    is given back: what reads it says why."""
    found = find_package_file(str(path), files)
    if found is None:
        return Path(path).as_posix()
    return found.path if isinstance(found, PackageFile) else str(path)
