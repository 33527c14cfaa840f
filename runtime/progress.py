"""What people see while a run goes on: what runs, how far, how fast, how long still.

In: the plan, events and progress of steps. Out: lines on a stream, or a live display on a terminal. Not here: events.jsonl.
Three displays with the same three functions: `LiveDisplay`, `PlainDisplay` (sparse lines, for logs) and `QuietDisplay`.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step
from benchc.runtime.events import Event
from benchc.runtime.plan_graph import step_names
from benchc.runtime.work import Progress

if TYPE_CHECKING:
    pass

# relative cost of kinds of step where the plan has no estimate
WEIGHTS: Final = {"train": 100.0, "predict": 10.0, "encode": 3.0, "compare": 3.0, "load": 3.0}
PLAIN_SECONDS: Final = 30.0  # least time between two lines about one step
SHOWN_SECONDS: Final = 1.0  # steps that took less are not worth a line of their own
WEIGHTS: Final = {
    "train": 100.0,
    "predict": 10.0,
    "encode": 3.0,
    "compare": 3.0,
    "load": 3.0,
}  # relative cost of kinds, when nothing is known


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
        self.remaining = Remaining.of(plan, clock)
        self.last_line = clock()
        self.step_started = clock()

    def shown(self) -> AbstractContextManager[object]:
        return nullcontext()

    def event(self, event: Event) -> None:
        self.remaining.event(event)
        if event.get("event") == "step_started":
            self.step_started = self.last_line = self.clock()
        line = describe_event(event, self.names)
        if line is not None:
            self.say(f"{line}{self._still(event)}")

    def _still(self, event: Event) -> str:
        left = self.remaining.seconds() if event.get("event") == "step_finished" else None
        return "" if left is None else f"; {self.remaining.done} of {self.remaining.total} steps, about {duration(left)} left"

    def progress(self, step: Step, progress: Progress) -> None:
        if self.clock() - self.last_line >= PLAIN_SECONDS:
            self.last_line = self.clock()
            self.say(f"{self.names[step.key]}: {describe_progress(progress, self.clock() - self.step_started)}")

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
        self.remaining = Remaining.of(plan, clock)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[words]}", markup=False),
        )
        self.bars: Bars = Bars(*columns, console=Console(file=stream, highlight=False), transient=True)
        self.whole = self.bars.add_task("steps", total=self.remaining.total, words="")
        self.part = self.bars.add_task("", total=None, words="", visible=False)
        self.step_started = clock()

    def shown(self) -> AbstractContextManager[object]:
        return self.bars

    def event(self, event: Event) -> None:
        self.remaining.event(event)
        if event.get("event") == "step_started":
            self.step_started = self.clock()
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
        words = describe_progress(progress, self.clock() - self.step_started)
        self.bars.update(self.part, total=progress.total, completed=progress.done, words=words)


@dataclass(slots=True)
class Remaining:
    """How long a run still takes, from what its steps have taken so far.

    A step's weight is the plan's estimate in seconds, else what its kind usually costs; the time for one unit of weight is what the
    steps that ran have needed.
    """

    weights: Mapping[str, float]
    clock: Callable[[], float]
    waiting: set[str]
    total: int
    done: int = 0
    spent_seconds: float = 0.0
    spent_weight: float = 0.0

    @staticmethod
    def of(plan: Plan, clock: Callable[[], float]) -> "Remaining":
        weights = {step.key: _weight(step) for step in plan.steps if step.kind != "report"}
        return Remaining(weights, clock, set(weights), len(weights))

    def event(self, event: Event) -> None:
        name, key = event.get("event"), event.get("key")
        if name in ("step_reused", "step_finished", "step_failed", "step_skipped") and key in self.waiting:
            self.waiting.discard(str(key))
            self.done += 1
        if name == "step_finished":
            self.spent_seconds += float(str(event["seconds"]))
            self.spent_weight += self.weights[str(key)]

    def seconds(self) -> float | None:
        """None while nothing is known."""
        if self.spent_weight == 0 or not self.waiting:
            return None
        return sum(self.weights[key] for key in self.waiting) * self.spent_seconds / self.spent_weight


def _weight(step: Step) -> float:
    estimate = step.hints.get("estimate")
    seconds = estimate.get("seconds") if isinstance(estimate, Mapping) else None
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else WEIGHTS.get(step.kind, 1.0)


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


def describe_progress(progress: Progress, seconds: float) -> str:
    """`120 of 500 steps, 31.2 a second, 12 s left, loss 0.41`"""
    rate = progress.done / seconds if seconds > 0 else 0.0
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
