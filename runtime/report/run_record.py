"""A run's folder as typed values.

In: the folder that `benchc run` leaves. Out: `RunRecord`. Not here: any judgement about what the numbers say (`summarize.py`).

Only results.json is needed; plan.json, run.json and spec/ are shown when they are there, and what is missing is said in the report.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.json_fields import (
    DocumentError,
    Record,
    integer,
    number,
    part,
    record,
    records,
    text,
    texts,
    truth,
)
from benchc.runtime.report.naming import variant_names

LARGEST_SOURCE = 400_000  # characters of one spec file


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval. `value` is None where the metric is undefined; `notes` then say why."""

    value: float | None
    low: float | None
    high: float | None
    method: str
    notes: tuple[str, ...] = ()
    by_label: tuple[tuple[str, "Estimate"], ...] = ()
    by_group: tuple[tuple[str, "Estimate"], ...] = ()
    n: int | None = None


@dataclass(frozen=True, slots=True)
class CellResult:
    """One cell of results.json. `variant` is the name that tells its model from the others of the same task."""

    id: str
    run: str
    task: str
    model: str
    train: str | None
    params: Mapping[str, Json]
    seed: int | None
    fold: int | None
    status: str
    error: str
    split: str
    n: int | None
    metrics: Mapping[str, Estimate]
    variant: str
    raw: Record


@dataclass(frozen=True, slots=True)
class AggregateResult:
    """One metric of a variant over its seeds and folds."""

    run: str
    task: str
    metric: str
    variant: str
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    n: int
    method: str


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    run: str
    task: str
    metric: str
    a: str
    b: str
    variant_a: str  # what `a` is called as a variant
    variant_b: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    significant: bool | None
    test: str
    correction: str
    n: int | None
    effect_name: str
    effect: float | None
    smallest_detectable: float | None
    notes: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """What the plan says of a task's metric."""

    name: str
    primary: bool
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class TaskResults:
    """All that belongs to one task of one run. `metrics` in the spec's order, the primary one among them."""

    run: str
    task: str
    kind: str
    metrics: tuple[MetricFacts, ...]
    cells: tuple[CellResult, ...]
    aggregates: tuple[AggregateResult, ...]
    comparisons: tuple[ComparisonResult, ...]

    @property
    def primary(self) -> MetricFacts | None:
        return next((metric for metric in self.metrics if metric.primary), None)


@dataclass(frozen=True, slots=True)
class SourceFile:
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    name: str
    results: Record
    plan: Record
    run: Record
    tasks: tuple[TaskResults, ...]
    sources: tuple[SourceFile, ...]  # the root spec first


def read_run(folder: Path) -> RunRecord:
    """Raises FileNotFoundError without results.json, DocumentError when a file is not what it should be."""
    results = _read_json(folder / "results.json")
    plan = _read_json(folder / "plan.json") if (folder / "plan.json").exists() else {}
    run = _read_json(folder / "run.json") if (folder / "run.json").exists() else {}
    return RunRecord(folder.name, results, plan, run, _tasks(results, plan), _sources(folder / "spec", run))


def _read_json(path: Path) -> Record:
    try:
        return record(json.loads(path.read_bytes().decode("utf-8", "replace")), path.name)
    except json.JSONDecodeError as fault:
        raise DocumentError(f"{path.name} is not JSON: {fault}") from fault


def _tasks(results: Record, plan: Record) -> tuple[TaskResults, ...]:
    groups: dict[tuple[str, str], list[Record]] = {}
    for cell in records(results, "cells"):
        groups.setdefault((text(cell, "run"), text(cell, "task")), []).append(cell)
    return tuple(_task(run, task, cells, plan, results) for (run, task), cells in groups.items())


def _task(run: str, task: str, raw_cells: list[Record], plan: Record, results: Record) -> TaskResults:
    names = variant_names([_variant(one) for one in raw_cells])
    cells = tuple(_cell(one, name) for one, name in zip(raw_cells, names, strict=True))
    variants = {cell.id: cell.variant for cell in cells}
    aggregates = tuple(_aggregate(one, run, variants) for one in records(results, "aggregates") if _belongs(one, run, task))
    comparisons = tuple(_comparison(one, run, variants) for one in records(results, "comparisons") if _belongs(one, run, task))
    planned = {text(cell, "id"): cell for cell in records(plan, "cells")}
    known = [planned[cell.id] for cell in cells if cell.id in planned]
    kind = next((text(cell, "task_kind") for cell in [*known, *raw_cells] if text(cell, "task_kind")), "")
    return TaskResults(run, task, kind, _metrics(known, cells), cells, aggregates, comparisons)


def _belongs(part: Record, run: str, task: str) -> bool:
    return text(part, "task") == task and text(part, "run") in ("", run)


def _variant(raw: Record) -> tuple[str, str | None, Record]:
    return text(raw, "model"), text(raw, "train") or None, part(raw, "params")


def _metrics(planned: list[Record], cells: tuple[CellResult, ...]) -> tuple[MetricFacts, ...]:
    """As the plan has them; without a plan, those of the results, higher taken as better."""
    found: dict[str, MetricFacts] = {}
    for cell in planned:
        for one in records(cell, "metrics"):
            fact = MetricFacts(text(one, "name"), truth(one, "primary") or False, truth(one, "higher_is_better") is not False)
            found.setdefault(fact.name, fact)
    for done in cells:
        for name in done.metrics:
            found.setdefault(name, MetricFacts(name, text(done.raw, "primary") == name, True))
    return tuple(found.values())


def estimate(raw: Record) -> Estimate:
    by_label = tuple((label, estimate(record(one, label))) for label, one in part(raw, "values").items())
    by_group = tuple((text(one, "group"), estimate(one)) for one in records(raw, "groups"))
    ends = number(raw, "low"), number(raw, "high")
    return Estimate(number(raw, "value"), *ends, text(raw, "method"), texts(raw, "notes"), by_label, by_group, integer(raw, "n"))


def _cell(raw: Record, variant: str) -> CellResult:
    return CellResult(
        id=text(raw, "id"),
        run=text(raw, "run"),
        task=text(raw, "task"),
        model=text(raw, "model"),
        train=text(raw, "train") or None,
        params=part(raw, "params"),
        seed=integer(raw, "seed"),
        fold=integer(raw, "fold"),
        status=text(raw, "status"),
        error=_error(raw.get("error")),
        split=text(raw, "split"),
        n=integer(raw, "n"),
        metrics={name: estimate(record(one, name)) for name, one in part(raw, "metrics").items()},
        variant=variant,
        raw=raw,
    )


def _error(raw: Json) -> str:
    if raw is None or isinstance(raw, str):
        return raw or ""
    fault = record(raw, "error")
    said = text(fault, "message") or text(fault, "code") or "failed without a message"
    return f"{said}: {text(fault, 'help')}" if text(fault, "help") else said


def _aggregate(raw: Record, run: str, variants: Mapping[str, str]) -> AggregateResult:
    return AggregateResult(
        run=run,
        task=text(raw, "task"),
        metric=text(raw, "metric"),
        variant=_variant_of(texts(raw, "cells"), variants, text(raw, "model")),
        mean=number(raw, "mean"),
        sd=number(raw, "sd"),
        low=number(raw, "low"),
        high=number(raw, "high"),
        n=integer(raw, "n") or 0,
        method=text(raw, "method"),
    )


def _variant_of(cells: tuple[str, ...], variants: Mapping[str, str], otherwise: str) -> str:
    """The variant that the named cells belong to."""
    return next((variants[cell] for cell in cells if cell in variants), otherwise)


def _comparison(raw: Record, run: str, variants: Mapping[str, str]) -> ComparisonResult:
    effect = part(raw, "effect_size")
    a, b = text(raw, "a"), text(raw, "b")
    return ComparisonResult(
        run=run,
        task=text(raw, "task"),
        metric=text(raw, "metric"),
        a=a,
        b=b,
        variant_a=_variant_of(texts(raw, "cells_a"), variants, a),
        variant_b=_variant_of(texts(raw, "cells_b"), variants, b),
        difference=number(raw, "difference"),
        low=number(raw, "low"),
        high=number(raw, "high"),
        p=number(raw, "p"),
        p_adjusted=number(raw, "p_adjusted"),
        significant=truth(raw, "significant"),
        test=text(raw, "test"),
        correction=text(raw, "correction"),
        n=integer(raw, "n"),
        effect_name=text(effect, "name"),
        effect=number(effect, "value"),
        smallest_detectable=number(raw, "smallest_detectable_difference"),
        notes=texts(raw, "notes"),
        error=_error(raw.get("error")),
    )


def _sources(folder: Path, run: Record) -> tuple[SourceFile, ...]:
    """The spec's files, the one that was run first, the rest by path. Nothing outside `folder` is read."""
    if not folder.is_dir():
        return ()
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found = [SourceFile(path.relative_to(folder).as_posix(), _source_text(path)) for path in files]
    root = text(run, "spec").replace("\\", "/")
    return tuple(sorted(found, key=lambda one: (not _is_root(one, root), one.path)))


def _is_root(source: SourceFile, root: str) -> bool:
    if root:
        return source.path == root or source.path.endswith("/" + root) or root.endswith("/" + source.path)
    return any(line.startswith("bench ") for line in source.text.splitlines())


def _source_text(path: Path) -> str:
    whole = path.read_text("utf-8", errors="replace")
    return whole if len(whole) <= LARGEST_SOURCE else whole[:LARGEST_SOURCE] + "\n# the rest of this file is not shown"
