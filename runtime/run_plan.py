"""A run from its plan to its folder.

In: a compiled spec and `RunOptions`. Out: `FinishedRun`, and the folder that `language.md` calls DIR. The order matters: sources, plan
and lock are there before the first step, run.json says "running" until it says "finished" or "interrupted", numbers come before pages.
Not here: the steps (`execute`), the numbers (`results`), the page (`report/`), and what people see meanwhile.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from benchc.compiler.jsonvalue import Json, canonical
from benchc.compiler.plan import Plan, Step
from benchc.compiler.source import Source
from benchc.runtime.disk_writes import Disk
from benchc.runtime.events import EventLog, Listener, to_all
from benchc.runtime.execute import Surroundings, execute
from benchc.runtime.extras import make_extras
from benchc.runtime.lock import make_lock
from benchc.runtime.outcome import Done, Outcome
from benchc.runtime.provenance import environment, git_state, process_json, without_secrets
from benchc.runtime.results import Object, exit_code, make_results, read_step, schema_faults
from benchc.runtime.run_folder import RUN_FORMAT, RunFolder, create_run_folder
from benchc.runtime.steps import StepFunction, implementation
from benchc.runtime.store import Store
from benchc.runtime.work import Progress, no_variable

CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user, the machine and the tests choose. `now` is wall time with its zone, `clock` monotonic seconds."""

    out: Path | None
    store: Store
    place: Callable[[str], Path]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    device: str = "auto"
    allow_code_execution: bool = False
    batch_tokens: int | None = None
    listener: Listener = lambda event: None
    progress: Callable[[Step, Progress], None] = lambda step, progress: None
    command: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None
    write_page: Callable[[Path], Path] | None = None  # the HTML report
    implementation: Callable[[str], StepFunction] = implementation
    disk: Disk = field(default_factory=Disk)
    variable: Callable[[str], str | None] = no_variable  # of the environment


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """What the compiler made: the spec's path, all texts by path, the lints as JSON, the plan and its own JSON text."""

    spec: str
    sources: Mapping[str, Source]
    lints: Sequence[Json]
    plan: Plan
    plan_text: str


@dataclass(frozen=True, slots=True)
class FinishedRun:
    folder: Path
    results: Object
    page: Path | None
    exit_code: int
    page_fault: str | None = None  # the bug that kept the page from being made


class BrokenResultsError(Exception):
    """results.json, which was written all the same, is not what its schema promises: a bug in benchc."""


def run_plan(planned: PlannedRun, options: RunOptions) -> FinishedRun:
    """Raises FolderTakenError, OSError when folder or store cannot be written, KeyboardInterrupt once run.json says so."""
    started = options.now()
    bench = str(planned.plan.bench["name"])
    folder = create_run_folder(options.out, bench, Path(planned.spec).stem, started, options.disk)
    record = _start(folder, planned, options, started)
    log = EventLog(folder.path / "events.jsonl", options.now)
    try:
        outcome = execute(planned.plan, options.store, _surroundings(folder, log, options))
        results = _write_results(folder, planned, outcome, options)
    except BaseException as end:
        status = "interrupted" if isinstance(end, KeyboardInterrupt) else "broken off"
        folder.write_json("run.json", {**record, "status": status, **_finish(options, started, log)})
        raise
    finally:
        log.close()
    code = exit_code(results)
    counts: Mapping[str, Json] = {"exit_code": code, "steps": _counts(outcome)}
    folder.write_json(
        "run.json", {**record, "status": "finished", **_finish(options, started, log), **counts, "environment": results["environment"]}
    )
    if options.write_page is None:
        return FinishedRun(folder.path, results, None, code)
    try:
        return FinishedRun(folder.path, results, options.write_page(folder.path), code)
    except Exception as bug:  # noqa: BLE001 - the numbers are safe in results.json, and the user must hear where
        _note_bug(folder, "report", bug)
        return FinishedRun(folder.path, results, None, code, f"{type(bug).__name__}: {bug}")


def _start(folder: RunFolder, planned: PlannedRun, options: RunOptions, started: datetime) -> Object:
    root = folder.write_sources(planned.spec, planned.sources)
    folder.write_text("plan.json", planned.plan_text)
    folder.write_text("bench.lock", canonical(make_lock(planned.plan)) + "\n")
    record: Object = {
        "format": RUN_FORMAT,
        "bench": planned.plan.bench["name"],
        "status": "running",
        "spec": root,
        "spec_path": planned.spec,
        "command": without_secrets(options.command),
        "settings": dict(options.settings),
        "only": options.only,
        "device": options.device,
        "batch_tokens": options.batch_tokens,
        "seeds": sorted({cell.seed for cell in planned.plan.cells}),
        "started": started.isoformat(timespec="seconds"),
        "process": process_json(),
        "git": git_state(Path(planned.spec).absolute().parent),
    }
    folder.write_json("run.json", record)
    return record


def _finish(options: RunOptions, started: datetime, log: EventLog) -> Object:
    finished = options.now()
    lost: Object = {} if log.failure is None else {"events_incomplete": log.failure}
    return {"finished": finished.isoformat(timespec="seconds"), "seconds": round((finished - started).total_seconds(), 3), **lost}


def _surroundings(folder: RunFolder, log: EventLog, options: RunOptions) -> Surroundings:
    return Surroundings(
        place=options.place,
        device=options.device,
        allow_code_execution=options.allow_code_execution,
        batch_tokens=options.batch_tokens,
        clock=options.clock,
        checkpoint_seconds=CHECKPOINT_SECONDS,
        event=to_all(log, options.listener),
        progress=options.progress,
        bug_reports=folder.path / "errors",
        implementation=options.implementation,
        variable=options.variable,
    )


def _write_results(folder: RunFolder, planned: PlannedRun, outcome: Outcome, options: RunOptions) -> Object:
    plan = planned.plan
    done = {cell.id: end.folder for cell in plan.cells if isinstance(end := outcome.steps[cell.answers_step], Done)}
    predictions = folder.add_predictions({cell: path / "predictions.parquet" for cell, path in done.items()})
    uses = [use for step in plan.steps for use in _uses(step, outcome)]
    extras = make_extras(plan, outcome, lambda part, error: _note_bug(folder, part, error))
    results = make_results(
        plan, outcome, replace(extras, predictions=predictions, lints=planned.lints, environment=environment(options.device, uses))
    )
    folder.write_json("results.json", results)
    if faults := schema_faults(results):
        raise BrokenResultsError("; ".join(faults[:3]))
    return results


def _uses(step: Step, outcome: Outcome) -> list[Object]:
    """What a step says that it ran on."""
    name = {"train": "train.json", "predict": "predict.json"}.get(step.kind)
    found = None if name is None else read_step(outcome.steps[step.key], name)
    return [] if found is None else [found]


def _note_bug(folder: RunFolder, part: str, error: Exception) -> None:
    folder.write_text(f"errors/{part}.txt", "".join(traceback.format_exception(error)))


def _counts(outcome: Outcome) -> Object:
    ends = list(outcome.steps.values())
    reused = sum(isinstance(end, Done) and end.reused for end in ends)
    return {"reused": reused, "computed": sum(isinstance(end, Done) for end in ends) - reused, "all": len(ends)}
