"""How the numbers of a run were made, for the report: which metric, interval, test and correction.

In: the plan and the results of its steps. Out: JSON for the `method` of results.json. Not here: prose; the report writes that.
"""

from collections.abc import Iterable, Mapping

from benchc.compiler.catalog import CATALOG
from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step
from benchc.runtime.outcome import Outcome
from benchc.runtime.results import read_step


def describe_method(plan: Plan, outcome: Outcome) -> dict[str, Json]:
    """`metrics`, `comparisons`, `aggregates` and `splits`, each item once, in the plan's order."""
    steps = {step.key: step for step in plan.steps}
    metrics: dict[tuple[str, str], Json] = {}
    for cell in plan.cells:
        for metric in cell.metrics:
            if (cell.task, metric.name) not in metrics:
                entry: Json = {"task": cell.task, "name": metric.name, "higher_is_better": metric.higher_is_better}
                assert isinstance(entry, Mapping)
                metrics[cell.task, metric.name] = {**entry, **_metric(steps[metric.score], outcome)}
    return {
        "metrics": list(metrics.values()),
        "comparisons": _comparisons(plan, steps),
        "aggregates": _distinct(read_step(outcome.steps[one.step]) for one in plan.aggregates),
        "evaluated_on": sorted({cell.split for cell in plan.cells}),
    }


def _metric(step: Step, outcome: Outcome) -> dict[str, Json]:
    call = step.params["metric"]
    name = call["call"] if isinstance(call, Mapping) else call
    result = read_step(outcome.steps[step.key]) or {}
    entry = CATALOG.families["metric"].get(str(name))
    return {
        "call": call,
        "doc": None if entry is None else entry.doc,
        "interval": result.get("method"),
        "confidence": step.params.get("confidence"),
        "resamples": step.params.get("resamples"),
    }


def _comparisons(plan: Plan, steps: Mapping[str, Step]) -> list[Json]:
    found: list[Json] = []
    for one in plan.comparisons:
        test, corrected = steps[one.step].params, steps[one.corrected].params
        item: Json = {
            "run": one.run,
            "test": test.get("test"),
            "confidence": test.get("confidence"),
            "correction": corrected.get("correction"),
            "alpha": corrected.get("alpha"),
            "family": len(steps[one.corrected].inputs["values"]),
        }
        if item not in found:
            found.append(item)
    return found


def _distinct(results: Iterable[Mapping[str, Json] | None]) -> list[Json]:
    methods = {str(result["method"]) for result in results if result is not None and result.get("method") is not None}
    return [*sorted(methods)]
