"""Does what a plan says.

In: `Plan`, `Store`, `Surroundings`. Out: `Outcome`: how each step ended, and where its files are.
Not here: what a step does (`steps/`), what the numbers are (`results`), what people see (`progress`).

Steps are done in the plan's order. What the store has is taken from it. A step that fails takes those that need it along, and no
others. A model or an encoding that is gone from the store is made again only when a prediction that needs it must be made too.
"""

import contextlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step
from benchc.runtime.budget import Budgets
from benchc.runtime.claims import Owner
from benchc.runtime.events import Listener
from benchc.runtime.outcome import Done, Failed, NotNeeded, Outcome, Repaired, Skipped, StepOutcome
from benchc.runtime.plan_graph import closure
from benchc.runtime.steps import StepFunction, TogetherFunction, implementation_together
from benchc.runtime.store import CONVERTED, Claim, Damage, Entry, Store
from benchc.runtime.trouble import describe_failure
from benchc.runtime.work import Inputs, Progress, Work, no_variable

ON_DEMAND: Final = frozenset({"encode", "train"})  # large, and of use only to the steps behind them
NOT_STORED: Final = frozenset({"report"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run is given besides the plan: places, device, time, listeners. `bug_reports` is a folder for tracebacks, made when needed."""

    place: Callable[[str], Path]
    device: str
    clock: Callable[[], float]
    checkpoint_seconds: float
    event: Listener
    progress: Callable[[Step, Progress], None]
    bug_reports: Path
    implementation: Callable[[str], StepFunction]
    implementation_together: Callable[[str], TogetherFunction] = implementation_together
    allow_code_execution: bool = False
    variable: Callable[[str], str | None] = no_variable
    batch_tokens: int | None = None


def execute(plan: Plan, store: Store, around: Surroundings) -> Outcome:
    """Raises OSError when the store cannot be written at all, and KeyboardInterrupt, after which everything finished is in the store."""
    steps = tuple(step for step in plan.steps if step.kind not in NOT_STORED)
    with store.in_use(step.key for step in steps):
        return _Execution(plan, store, around, {step.key: step for step in steps}).run()


class _Execution:
    """One walk through a plan; lives as long as `execute`."""

    def __init__(self, plan: Plan, store: Store, around: Surroundings, steps: Mapping[str, Step]) -> None:
        self.store = store
        self.around = around
        self.steps = steps
        self.budgets = Budgets.of(plan)
        self.outcomes: dict[str, StepOutcome] = {}
        self.repaired: list[Repaired] = []

    def run(self) -> Outcome:
        needed, stored = self.look()
        self.around.event({"event": "run_started", "steps": len(needed | stored), "stored": len(stored)})
        for step in self.steps.values():
            if step.key not in self.outcomes:
                self.go_on(step, needed, stored)
        self.around.event({"event": "run_finished", **self.counts()})
        return Outcome({key: self.outcomes[key] for key in self.steps}, tuple(self.repaired))

    def go_on(self, step: Step, needed: set[str], stored: set[str]) -> None:
        """Does a step, and with it those that are to be done together with it, after what they need."""
        if step.key not in needed | stored:
            self.outcomes[step.key] = NotNeeded()
            return
        group = self.companions(step, needed - stored)
        if len(group) < 2:
            self.outcomes[step.key] = self.obtain(step)
            return
        before = closure(self.steps, (key for one in group for keys in one.inputs.values() for key in keys))
        for key, earlier in self.steps.items():
            if key in before and key not in self.outcomes:
                self.outcomes[key] = self.obtain(earlier) if key in needed | stored else NotNeeded()
        self.outcomes.update(self.obtain_together(group))

    def companions(self, step: Step, wanted: set[str]) -> list[Step]:
        """The steps to compute, this one among them, that bear its hint `together`."""
        text = step.hints.get("together")
        if text is None or step.key not in wanted:
            return [step]
        same = (one for one in self.steps.values() if one.kind == step.kind and one.hints.get("together") == text)
        return [one for one in same if one.key in wanted and one.key not in self.outcomes]

    def look(self) -> tuple[set[str], set[str]]:
        """Keys of the steps whose results are wanted, and of those that the store has."""
        stored = {key for key in self.steps if isinstance(self.store.find(key), Entry)}
        needed = {key for key, step in self.steps.items() if step.kind not in ON_DEMAND}
        for step in reversed(tuple(self.steps.values())):
            if step.key in needed and step.key not in stored:
                needed.update(key for keys in step.inputs.values() for key in keys)
        return needed, stored

    def counts(self) -> dict[str, Json]:
        ends = list(self.outcomes.values())
        return {
            "computed": sum(isinstance(end, Done) and not end.reused for end in ends),
            "reused": sum(isinstance(end, Done) and end.reused for end in ends),
            "failed": sum(isinstance(end, Failed) for end in ends),
            "skipped": sum(isinstance(end, Skipped) for end in ends),
        }

    def obtain(self, step: Step) -> StepOutcome:
        try:
            return self.take_or_compute(step)
        except Exception as error:  # noqa: BLE001 - one failing step never stops the others; bugs are recorded as bugs
            return self.fail(step, error)

    def take_or_compute(self, step: Step) -> StepOutcome:
        found = self.store.find(step.key)
        if isinstance(found, Entry):
            return self.reuse(step, found)
        skipped = self.left_out(step)
        if skipped is not None:
            return skipped
        return self.compute(step)

    def reuse(self, step: Step, entry: Entry) -> Done:
        self.store.mark_used(entry)
        self.tell("step_reused", step, {"seconds": entry.seconds})
        return Done(entry.folder, entry.seconds, reused=True)

    def left_out(self, step: Step) -> Skipped | None:
        """Why a step is not tried: a failure that it needs, or a budget."""
        skipped = self.blocked(step) or self.budgets.left_out(step)
        if skipped is not None:
            self.tell("step_skipped", step, {"code": skipped.code, "message": skipped.message})
        return skipped

    def blocked(self, step: Step) -> Skipped | None:
        """Why a step cannot be tried: the failure that one of its inputs goes back to."""
        for keys in step.inputs.values():
            for key in keys:
                match self.outcomes[key]:
                    case Failed() as cause:
                        return Skipped("input_failed", f"{self.steps[key].kind} failed: {cause.message}", cause.help, cause)
                    case Skipped() as skipped:
                        return skipped
        return None

    def compute(self, step: Step) -> Done:
        with self.store.claim(step.key, lambda owner: self.tell_waiting(step, owner)) as claim:
            found = self.store.find_checked(step.key)  # another process may have made it meanwhile
            if isinstance(found, Entry):
                return self.reuse(step, found)
            if isinstance(found, Damage):
                self.set_aside(step, found)
            folders = {role: tuple(self.check_input(key) for key in keys) for role, keys in step.inputs.items()}
            self.tell("step_started", step, {})
            started = self.around.clock()
            self.around.implementation(step.kind)(step, folders, self.work(step, claim))
            seconds = self.around.clock() - started
            entry = self.store.keep(claim, step, seconds)
        self.budgets.spend(step, seconds)
        self.tell("step_finished", step, {"seconds": round(seconds, 3), "bytes": entry.size_bytes})
        return Done(entry.folder, seconds, reused=False)

    def obtain_together(self, steps: Sequence[Step]) -> dict[str, StepOutcome]:
        """Steps of one kind, computed in one go; each ends for itself. Claims are taken in the keys' order, so that two processes with
        the same steps never wait for each other."""
        ends: dict[str, StepOutcome] = {}
        computed: list[tuple[Step, Claim, Inputs]] = []
        with contextlib.ExitStack() as claims:
            for step in sorted(steps, key=lambda one: one.key):
                try:
                    made = self.prepare(step, claims)
                except Exception as error:  # noqa: BLE001 - as in `obtain`
                    ends[step.key] = self.fail(step, error)
                    continue
                if isinstance(made, tuple):
                    computed.append((step, *made))
                else:
                    ends[step.key] = made
            for (step, claim, _), end in zip(computed, self.run_together(computed), strict=True):
                ends[step.key] = self.keep(step, claim, end)
        return ends

    def prepare(self, step: Step, claims: contextlib.ExitStack) -> tuple[Claim, Inputs] | Done | Skipped:
        """The claim and the inputs of a step that must be computed, or how it ended without."""
        skipped = self.left_out(step)
        if skipped is not None:
            return skipped
        claim = claims.enter_context(self.store.claim(step.key, lambda owner: self.tell_waiting(step, owner)))
        found = self.store.find_checked(step.key)
        if isinstance(found, Entry):
            return self.reuse(step, found)
        if isinstance(found, Damage):
            self.set_aside(step, found)
        return claim, {role: tuple(self.check_input(key) for key in keys) for role, keys in step.inputs.items()}

    def run_together(self, computed: Sequence[tuple[Step, Claim, Inputs]]) -> Sequence[float | Exception]:
        if not computed:
            return ()
        for step, _, _ in computed:
            self.tell("step_started", step, {})
        steps = [step for step, _, _ in computed]
        try:
            run = self.around.implementation_together(steps[0].kind)
            return run(steps, [inputs for _, _, inputs in computed], [self.work(step, claim) for step, claim, _ in computed])
        except Exception as error:  # noqa: BLE001 - as in `obtain`
            return [error] * len(computed)

    def keep(self, step: Step, claim: Claim, end: float | Exception) -> Done | Failed:
        if isinstance(end, Exception):
            return self.fail(step, end)
        try:
            entry = self.store.keep(claim, step, end)
        except Exception as error:  # noqa: BLE001 - as in `obtain`
            return self.fail(step, error)
        self.budgets.spend(step, end)
        self.tell("step_finished", step, {"seconds": round(end, 3), "bytes": entry.size_bytes})
        return Done(entry.folder, end, reused=False)

    def check_input(self, key: str) -> Path:
        """The folder of an input, all its files checked; a damaged or vanished one is made again first."""
        found = self.store.find_checked(key)
        if isinstance(found, Entry):
            return found.folder
        outcome = self.compute(self.steps[key])
        self.outcomes[key] = outcome
        return outcome.folder

    def set_aside(self, step: Step, damage: Damage) -> None:
        self.store.set_aside(step.key)
        self.repaired.append(Repaired(step.key, step.kind, damage.reason))
        self.tell("entry_damaged", step, {"reason": damage.reason})

    def work(self, step: Step, claim: Claim) -> Work:
        return Work(
            folder=claim.folder,
            checkpoint=claim.checkpoint,
            place=self.around.place,
            device=self.around.device,
            progress=lambda progress: self.around.progress(step, progress),
            event=lambda event: self.around.event({**event, "kind": step.kind, "key": step.key}),
            clock=self.around.clock,
            checkpoint_seconds=self.around.checkpoint_seconds,
            allow_code_execution=self.around.allow_code_execution,
            converted=self.store.folder / CONVERTED,
            variable=self.around.variable,
            batch_tokens=self.around.batch_tokens,
        )

    def fail(self, step: Step, error: Exception) -> Failed:
        failure = describe_failure(error, step.key) or self.report_bug(step, error)
        details: dict[str, Json] = {"code": failure.code, "message": failure.message, "help": failure.help}
        self.tell("step_failed", step, details if failure.details is None else {**details, "details": failure.details})
        return failure

    def report_bug(self, step: Step, error: Exception) -> Failed:
        path = self.around.bug_reports / f"{step.kind}-{step.key[:12]}.txt"
        message = f"bug in benchc: {type(error).__name__}: {error}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
        except OSError as trouble:
            return Failed(step.key, "internal_error", message, f"please report it; the details could not be saved: {trouble}")
        return Failed(step.key, "internal_error", message, "please report it, with the file that holds the details", str(path))

    def tell(self, event: str, step: Step, more: Mapping[str, Json]) -> None:
        self.around.event({"event": event, "kind": step.kind, "key": step.key, **more})

    def tell_waiting(self, step: Step, owner: Owner | None) -> None:
        who: Mapping[str, Json] = {} if owner is None else {"pid": owner.pid, "host": owner.host}
        self.tell("step_waits", step, who)
