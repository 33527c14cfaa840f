"""What people see while a run goes on: what runs, how far, how fast, how long still.

In: the plan, events and progress of steps. Out: lines on a stream, or a live display on a terminal. Not here: events.jsonl.
Three displays with the same three functions: `LiveDisplay`, `PlainDisplay` (sparse lines, for logs) and `QuietDisplay`.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Protocol, TextIO

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step
from benchc.runtime.events import Event
from benchc.runtime.plan_graph import step_names
from benchc.runtime.work import Progress

LONG: Final = frozenset({"train", "predict", "encode"})  # kinds of step that are not guessed at
SHORT_SECONDS: Final = 0.5  # what another step is taken to need before one of its sort has been seen
PLAIN_SECONDS: Final = 30.0  # least time between two lines about one step
SHOWN_SECONDS: Final = 1.0  # steps that took less are not worth a line of their own


class Display(Protocol):
    """Shows a run. `event` and `progress` are called from the thread that runs the steps."""

    def event(self, event: Event) -> None: ...

    def progress(self, step: Step, progress: Progress) -> None: ...

    def shown(self) -> AbstractContextManager[object]: ...


class QuietDisplay:
    """Says nothing."""

    def event(self, event: Event) -> None:
        return

    def progress(self, step: Step, progress: Progress) -> None:
        return

    def shown(self) -> AbstractContextManager[object]:
        return nullcontext()


class PlainDisplay:
    """Writes a line when a step that takes time starts, ends or is a while further."""

    def __init__(self, plan: Plan, stream: TextIO, clock: Callable[[], float]) -> None:
        self.names = step_names(plan)
        self.stream = stream
        self.clock = clock
        self.remaining = Remaining.of(plan)
        self.last_line = clock()
        self.pace = Pace(clock)

    def shown(self) -> AbstractContextManager[object]:
        return nullcontext()

    def event(self, event: Event) -> None:
        self.remaining.event(event)
        if event.get("event") == "step_started":
            self.last_line = self.clock()
            self.pace = Pace(self.clock)
        line = describe_event(event, self.names)
        if line is not None:
            self.say(f"{line}{self._still(event)}")

    def _still(self, event: Event) -> str:
        left = self.remaining.seconds() if event.get("event") == "step_finished" else None
        return "" if left is None else f"; {self.remaining.done} of {self.remaining.total} steps, about {duration(left)} left"

    def progress(self, step: Step, progress: Progress) -> None:
        rate = self.pace.rate(progress.done)
        if self.clock() - self.last_line >= PLAIN_SECONDS:
            self.last_line = self.clock()
            self.say(f"{self.names[step.key]}: {describe_progress(progress, rate)}")

    def say(self, line: str) -> None:
        print(line, file=self.stream, flush=True)


class LiveDisplay:
    """Two bars at the bottom of a terminal, the run and its present step; what is worth keeping scrolls above them."""

    def __init__(self, plan: Plan, stream: TextIO, clock: Callable[[], float]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        self.names = step_names(plan)
        self.clock = clock
        self.remaining = Remaining.of(plan)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[words]}", markup=False),
        )
        self.bars: Bars = Bars(*columns, console=Console(file=stream, highlight=False), transient=True)
        self.whole = self.bars.add_task("steps", total=self.remaining.total, words="")
        self.part = self.bars.add_task("", total=None, words="", visible=False)
        self.pace = Pace(clock)

    def shown(self) -> AbstractContextManager[object]:
        return self.bars

    def event(self, event: Event) -> None:
        self.remaining.event(event)
        if event.get("event") == "step_started":
            self.pace = Pace(self.clock)
            self.bars.reset(self.part, description=self.names[str(event["key"])], total=None, words="", visible=True)
        line = describe_event(event, self.names)
        if line is not None and event["event"] != "step_started":
            self.bars.console.print(line, markup=False, soft_wrap=True)
        left = self.remaining.seconds()
        words = f"{self.remaining.done} of {self.remaining.total}" + ("" if left is None else f", about {duration(left)} left")
        self.bars.update(self.whole, total=self.remaining.total, completed=self.remaining.done, words=words)
        if event.get("event") == "run_finished":
            self.bars.update(self.part, visible=False)

    def progress(self, step: Step, progress: Progress) -> None:
        words = describe_progress(progress, self.pace.rate(progress.done))
        self.bars.update(self.part, total=progress.total, completed=progress.done, words=words)


class Pace:
    """How fast a step goes, counted from its first report: one that was resumed has not done its first part now."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.first: tuple[int, float] | None = None

    def rate(self, done: int) -> float:
        """Units a second; 0 while that is not known."""
        now = self.clock()
        if self.first is None or done < self.first[0]:
            self.first = (done, now)
        before, since = self.first
        return (done - before) / (now - since) if now > since else 0.0


@dataclass(slots=True)
class Remaining:
    """How long a run still takes: each step as long as those of its kind and model have taken in this run.

    `seconds` is None until every sort of step that takes long has been seen, or the plan has estimates.
    """

    sorts: Mapping[str, tuple[str, str]]
    estimates: Mapping[str, float]
    waiting: set[str]
    total: int
    done: int = 0
    took: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    @staticmethod
    def of(plan: Plan) -> "Remaining":
        steps = [step for step in plan.steps if step.kind != "report"]
        sorts = {step.key: (step.kind, str(step.hints.get("model", ""))) for step in steps}
        return Remaining(sorts, {step.key: seconds for step in steps if (seconds := _estimate(step)) > 0}, set(sorts), len(sorts))

    def event(self, event: Event) -> None:
        name, key = event.get("event"), str(event.get("key"))
        if name in ("step_reused", "step_finished", "step_failed", "step_skipped") and key in self.waiting:
            self.waiting.discard(key)
            self.done += 1
            if name == "step_finished":
                self.took.setdefault(self.sorts[key], []).append(_seconds(event))

    def seconds(self) -> float | None:
        parts = [self._expected(key) for key in self.waiting]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) and parts else None

    def _expected(self, key: str) -> float | None:
        seen = self.took.get(self.sorts[key])
        if seen:
            return sum(seen) / len(seen)
        return self.estimates.get(key, None if self.sorts[key][0] in LONG else SHORT_SECONDS)


def _estimate(step: Step) -> float:
    estimate = step.hints.get("estimate")
    seconds = estimate.get("seconds") if isinstance(estimate, Mapping) else None
    return float(seconds) if isinstance(seconds, int | float) else 0.0


def describe_event(event: Event, names: Mapping[str, str]) -> str | None:
    """A line for people; None for what is not worth one."""
    name = names.get(str(event.get("key")), "")
    match event.get("event"):
        case "run_started":
            return f"{event['steps']} steps, {event['stored']} of them in the store"
        case "step_started" if event["kind"] in ("train", "predict", "load"):
            return name
        case "step_finished" if _seconds(event) >= SHOWN_SECONDS:
            return f"done in {duration(_seconds(event))}: {name}"
        case "step_failed":
            help = f"; {event['help']}" if event.get("help") else ""  # noqa: A001 - the word of the results
            return f"failed: {name}: {event['message']}{help}"
        case "step_waits":
            return f"waiting for process {event.get('pid', '?')} on {event.get('host', '?')}, which computes: {name}"
        case "entry_damaged":
            return f"damaged in the store, computed again: {name}: {event['reason']}"
        case "step_skipped" if event.get("code") == "over_budget":
            return f"left out: {name}: {event['message']}"
        case _:
            return None


def _seconds(event: Event) -> float:
    seconds: Json = event["seconds"]
    assert isinstance(seconds, int | float)
    return float(seconds)


def describe_progress(progress: Progress, rate: float) -> str:
    """`120 of 500 steps, 31.2 a second, 12 s left, loss 0.41`; a rate of 0 is one that is not known yet."""
    of = f"{progress.done:,} of {progress.total:,}" if progress.total is not None else f"{progress.done:,}"
    words = [f"{of} {progress.unit}"]
    if rate > 0:
        words.append(f"{rate:,.1f} a second")
        if progress.total is not None:
            words.append(f"{duration((progress.total - progress.done) / rate)} left")
    return ", ".join([*words, progress.note] if progress.note else words)


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`"""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
