"""What a run may cost: steps of cells that do not fit the run's budget are left out, and it is said so.

In: the plan, with its budgets and estimates; seconds as they are spent. Out: `Skipped` for a step that does not fit.
Not here: the estimates. A step that several runs need is done as long as one of them can pay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step
from benchc.runtime.outcome import Skipped
from benchc.runtime.plan_graph import runs_of_steps


@dataclass(frozen=True, slots=True)
class Budgets:
    """`limits` by run: {"time": seconds or null, "memory": bytes or null}. `spent_seconds` by run grows as steps are done."""

    limits: Mapping[str, Mapping[str, Json]]
    runs: Mapping[str, frozenset[str]]
    spent_seconds: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def of(plan: Plan) -> "Budgets":
        limits = {run: limit for run, limit in plan.budget.items() if isinstance(limit, Mapping)}
        return Budgets(limits, runs_of_steps(plan) if limits else {})

    def spend(self, step: Step, seconds: float) -> None:
        for run in self.runs.get(step.key, ()):
            self.spent_seconds[run] = self.spent_seconds.get(run, 0.0) + seconds

    def left_out(self, step: Step) -> Skipped | None:
        """Why no run that needs the step can pay for it; None when one can."""
        reasons = [self._over(run, step) for run in sorted(self.runs.get(step.key, ()))]
        if not reasons or None in reasons:
            return None
        return Skipped(
            "over_budget", "; ".join(str(reason) for reason in reasons), "raise the run's budget, or run it again to go on", None
        )

    def _over(self, run: str, step: Step) -> str | None:
        limit = self.limits.get(run, {})
        seconds, memory = limit.get("time"), limit.get("memory")
        spent = self.spent_seconds.get(run, 0.0)
        if isinstance(seconds, int | float) and spent + _estimate(step, "seconds") > seconds:
            return f"run `{run}` may take {seconds:g} s, and {spent:.0f} s are spent"
        needed = _estimate(step, "memory_bytes")
        if isinstance(memory, int | float) and needed > memory:
            return f"run `{run}` may use {memory / 2**20:,.0f} MiB, and this step needs about {needed / 2**20:,.0f} MiB"
        return None


def _estimate(step: Step, name: str) -> float:
    """The plan's estimate, 0 where it has none."""
    estimate = step.hints.get("estimate")
    value = estimate.get(name) if isinstance(estimate, Mapping) else None
    return float(value) if isinstance(value, int | float) else 0.0
