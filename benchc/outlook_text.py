"""The outlook of a plan, for people and as JSON.

In: `Plan`, `Outlook`. Out: text, or JSON of the form `benchc-outlook/1`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchc.compiler.estimate import Estimate, estimate_json
from benchc.compiler.estimate_requests import Asking
from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Cell, Plan, Step
from benchc.plan_outlook import Outlook, State

OUTLOOK_FORMAT = "benchc-outlook/1"
KINDS = ("load", "split", "encode", "train", "predict", "extract", "examine", "score", "compare", "aggregate", "gate")
MOST_REASONS = 12
COLUMNS = ("step", "stored", "to run", "examples", "tokens", "time", "memory", "disk")


def outlook_text(plan: Plan, outlook: Outlook, *, each: bool) -> str:
    """`each`: every step that runs on a line of its own, instead of reasons with counts."""
    running = [step for step in outlook.steps if outlook.states[step.key] is State.RUNS]
    lines = [*_runs(plan), "", *_table(outlook, running), "", *_servers(outlook, running)]
    if running:
        lines += ["why", *(_each(running, outlook) if each else _grouped(running, outlook)), "", *_footnote(outlook)]
    else:
        lines.append("the store has everything: a run would only write the report")
    return "\n".join(lines).rstrip() + "\n"


def outlook_json(plan: Plan, outlook: Outlook, *, each: bool) -> Mapping[str, Json]:
    running = [step for step in outlook.steps if outlook.states[step.key] is State.RUNS]
    kinds = {kind: _kind_json(outlook, kind) for kind in KINDS if any(step.kind == kind for step in outlook.steps)}
    reasons: list[Json] = [{"kind": kind, "reason": text, "steps": count} for (kind, text), count in _counted(running, outlook).items()]
    listed: list[Json] = [
        {"key": step.key, "kind": step.kind, "about": about(step), "reason": outlook.reasons[step.key].text} for step in running
    ]
    return {
        "format": OUTLOOK_FORMAT,
        "runs": {run: {"cells": len(cells)} for run, cells in _by_run(plan).items()},
        "steps": kinds,
        "total": estimate_json(_sum([outlook.estimates[step.key] for step in running])),
        "servers": {model: _asked_json(asked) for model, asked in _by_server(outlook, running).items()},
        "reasons": reasons,
        **({"to_run": listed} if each else {}),
    }


def about(step: Step) -> str:
    """What a step is called for people, after its kind."""
    hints = step.hints
    match step.kind:
        case "load" | "split":
            parts = [hints.get("dataset")]
        case "encode":
            parts = [hints.get("dataset"), "for", hints.get("model")]
        case "examine" | "score":
            parts = [hints.get("cell"), hints.get("metric")]
        case "compare":
            parts = [hints.get("a"), "and", hints.get("b")]
        case "gate":
            parts = [hints.get("expression")]
        case _:
            parts = [
                hints.get("cell") or hints.get("suite") or hints.get("task") or hints.get("run"),
                None if hints.get("cell") else hints.get("model"),
            ]
    return " ".join(str(part) for part in parts if part)


def _runs(plan: Plan) -> Iterator[str]:
    for run, cells in _by_run(plan).items():
        yield f"run {run}: {_count(len(cells), 'cell')} ({', '.join(_dimensions(cells))})"


def _by_run(plan: Plan) -> Mapping[str, Sequence[Cell]]:
    runs: dict[str, list[Cell]] = {}
    for cell in plan.cells:
        runs.setdefault(cell.run, []).append(cell)
    return runs


def _dimensions(cells: Sequence[Cell]) -> Iterator[str]:
    """How many values each dimension has; those with one are left out, but for tasks and models."""
    yield _count(len({cell.task for cell in cells}), "task")
    yield _count(len({cell.model for cell in cells}), "model")
    trains = {cell.train for cell in cells if cell.train is not None}
    if len(trains) > 1:
        yield _count(len(trains), "training setting")
    seeds, folds = {cell.seed for cell in cells}, {cell.fold for cell in cells}
    if len(seeds) > 1:
        yield _count(len(seeds), "seed")
    if len(folds) > 1:
        yield _count(len(folds), "fold")
    for name in sorted(cells[0].params):
        yield _count(len({str(cell.params[name]) for cell in cells}), f"value of {name}", f"values of {name}")


def _table(outlook: Outlook, running: Sequence[Step]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [COLUMNS]
    for kind in KINDS:
        if any(step.kind == kind for step in outlook.steps):
            rows.append(_row(outlook, kind))
    total = _sum([outlook.estimates[step.key] for step in running])
    stored = sum(state is State.STORED for state in outlook.states.values())
    rows.append(("all", str(stored), str(len(running)), "", "", *_cost(total, bool(running))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        first, *others = (
            cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join((first, *others)).rstrip()


def _row(outlook: Outlook, kind: str) -> tuple[str, ...]:
    running = outlook.of_kind(kind, State.RUNS)
    total = _sum([outlook.estimates[step.key] for step in running])
    examples = (
        f"{total.examples:,.0f}"
        if running and total.examples and kind in ("load", "split", "encode", "train", "predict", "extract")
        else ""
    )
    tokens = f"{total.tokens:,.0f}" if running and total.tokens else ""
    return (kind, str(len(outlook.of_kind(kind, State.STORED))), str(len(running)), examples, tokens, *_cost(total, bool(running)))


def _cost(total: Estimate, any_runs: bool) -> tuple[str, str, str]:
    return (seconds_text(total.seconds), bytes_text(total.memory_bytes), bytes_text(total.disk_bytes)) if any_runs else ("", "", "")


def _sum(estimates: Sequence[Estimate]) -> Estimate:
    """One step after another: times and disk add up, the largest memory counts."""
    return Estimate(
        seconds=sum(one.seconds for one in estimates),
        memory_bytes=max((one.memory_bytes for one in estimates), default=0),
        disk_bytes=sum(one.disk_bytes for one in estimates),
        examples=sum(one.examples for one in estimates),
        tokens=sum(one.tokens for one in estimates),
    )


def _kind_json(outlook: Outlook, kind: str) -> Json:
    running = outlook.of_kind(kind, State.RUNS)
    counts = {state.value.replace(" ", "_"): len(outlook.of_kind(kind, state)) for state in State}
    return {**counts, "estimate": estimate_json(_sum([outlook.estimates[step.key] for step in running]))}


def _counted(running: Iterable[Step], outlook: Outlook) -> Mapping[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for step in running:
        reason = (step.kind, outlook.reasons[step.key].text)
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def _by_server(outlook: Outlook, running: Sequence[Step]) -> Mapping[str, Sequence[Asking]]:
    """What each model behind a server is asked, by the model's name."""
    found: dict[str, list[Asking]] = {}
    for step in running:
        asked = outlook.estimates[step.key].asked
        if asked is not None:
            found.setdefault(str(step.hints["model"]), []).append(asked)
    return found


def _asked_json(asked: Sequence[Asking]) -> Json:
    return {
        "requests": int(sum(one.requests for one in asked)),
        "input_tokens": int(sum(one.input_tokens for one in asked)),
        "output_tokens": int(sum(one.output_tokens for one in asked)),
        "cost": _cost_of(asked),
    }


def _cost_of(asked: Sequence[Asking]) -> float | None:
    costs = [one.cost for one in asked if one.cost is not None]
    return round(sum(costs), 6) if costs else None


def _servers(outlook: Outlook, running: Sequence[Step]) -> Iterator[str]:
    found = _by_server(outlook, running)
    for model, asked in found.items():
        requests, read, written = (sum(getattr(one, name) for one in asked) for name in ("requests", "input_tokens", "output_tokens"))
        cost = _cost_of(asked)
        price = "" if cost is None else f", cost at most about {cost:,.4g}"
        yield f"{model} is asked {requests:,.0f} times: about {read:,.0f} tokens to read, at most {written:,.0f} to write{price}"
    if found:
        yield "a token is taken as four characters; equal requests, and those that an earlier try got answered, are asked no more"
        yield ""


def _grouped(running: Sequence[Step], outlook: Outlook) -> Iterator[str]:
    """Causes first; what only follows from them behind."""
    causes = [step for step in running if not outlook.reasons[step.key].inherited]
    counts = {**_counted(causes, outlook), **_counted(running, outlook)}
    for place, ((kind, text), count) in enumerate(counts.items()):
        if place == MOST_REASONS:
            yield f"  and {len(counts) - MOST_REASONS} more reasons; `--why` shows all"
            return
        yield f"  {kind} ({count}): {text}"


def _each(running: Sequence[Step], outlook: Outlook) -> Iterator[str]:
    return (f"  {step.kind} {about(step)}: {outlook.reasons[step.key].text}" for step in running)


def _footnote(outlook: Outlook) -> Iterator[str]:
    yield "examples, tokens, time, memory and disk are estimates from file sizes, model sizes and earlier runs; docs/estimates.md says how"
    unneeded = sum(state is State.NOT_NEEDED for state in outlook.states.values())
    if unneeded:
        yield f"{_count(unneeded, 'step')} that the store lacks {'is' if unneeded == 1 else 'are'} not needed: what follows is stored"


def seconds_text(seconds: float) -> str:
    if seconds < 1:
        return "< 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def bytes_text(size: float) -> str:
    if size < 1e6:
        return f"{max(size, 0) / 1e3:.0f} kB"
    return f"{size / 1e6:.0f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


def _count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
