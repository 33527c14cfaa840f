"""`aggregate`: several results as one. Over seeds or folds, over the tasks of a suite, or a family of comparisons corrected together.

In: results of score, compare or aggregate steps. Out: result.json; see `_over`, `_suite` and `verdicts` for its shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.statistics.corrections import verdicts
from benchc.runtime.statistics.intervals import Bounds
from benchc.runtime.statistics.over_seeds import OverSeeds, over_folds, over_seeds
from benchc.runtime.statistics.result_file import call, number, read_result, write_result
from benchc.runtime.statistics.suite_score import Part, SuiteScore, geometric_mean, weighted_mean
from benchc.runtime.work import Inputs, Work


def run(step: Step, inputs: Inputs, work: Work) -> None:
    results = [read_result(folder) for folder in inputs["values"]]
    write_result(work.folder, _aggregated(step.params, results))


def _aggregated(params: Mapping[str, Json], results: Sequence[Mapping[str, Json]]) -> Mapping[str, Json]:
    match params["of"]:
        case "seeds" | "folds":
            return _over(params, results)
        case "suite":
            return _suite(params, results)
        case "comparisons":
            return verdicts(params, results)
        case other:
            raise ValueError(f"nothing is aggregated over {other!r}")


def _over(params: Mapping[str, Json], results: Sequence[Mapping[str, Json]]) -> Mapping[str, Json]:
    """{"mean", "sd", "low", "high", "n", "method", "range"}; "values" with one such record by label for a metric had by label."""
    ends = results[0]["range"]
    bounds = _bounds(ends)
    whole: dict[str, Json] = {**asdict(_summary(params, results, bounds)), "range": ends}
    labels = results[0].get("values")
    if not isinstance(labels, Mapping):
        return whole
    by_label: dict[str, Json] = {}
    for label in labels:
        by_label[label] = asdict(_summary(params, [call(call(result, "values"), label) for result in results], bounds))
    return {**whole, "method": "by label", "values": by_label}


def _bounds(ends: Json) -> Bounds:
    assert isinstance(ends, Sequence)
    low, high = (float(end) if isinstance(end, int | float) else None for end in ends)
    return Bounds(low, high)


def _summary(params: Mapping[str, Json], results: Sequence[Mapping[str, Json]], bounds: Bounds) -> OverSeeds:
    confidence = params["confidence"]
    assert isinstance(confidence, int | float)
    values = [number(result, "value", "mean") for result in results]
    return (over_folds if params["of"] == "folds" else over_seeds)(values, float(confidence), bounds)


def _suite(params: Mapping[str, Json], results: Sequence[Mapping[str, Json]]) -> Mapping[str, Json]:
    """{"value", "low", "high", "method", "range"}."""
    parts = [Part(number(result, "value", "mean"), number(result, "low"), number(result, "high")) for result in results]
    return {**asdict(_suite_score(params, parts)), "range": _widest([result["range"] for result in results])}


def _widest(ranges: Sequence[Json]) -> Json:
    """Where a mean of values of these ranges lies; null for an end that one of them lacks."""
    bounds = [_bounds(ends) for ends in ranges]
    lows, highs = [one.low for one in bounds if one.low is not None], [one.high for one in bounds if one.high is not None]
    return [min(lows) if len(lows) == len(bounds) else None, max(highs) if len(highs) == len(bounds) else None]


def _suite_score(params: Mapping[str, Json], parts: Sequence[Part]) -> SuiteScore:
    weights = params["weights"]
    match call(params, "aggregate")["call"]:
        case "mean":
            return weighted_mean(parts, [1.0] * len(parts))
        case "weighted":
            assert isinstance(weights, Sequence)
            return weighted_mean(parts, [float(str(weight)) for weight in weights])
        case "geometric":
            return geometric_mean(parts)
        case other:
            raise ValueError(f"no score of suites is called {other!r}")
