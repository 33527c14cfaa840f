"""`compare`: one model against another on one metric.

In: predictions of both sides, one for each seed and fold. Out: result.json, {"difference", "low", "high", "p", "test", "method", "n",
"effect_size", "standard_error", "value_a", "value_b", "notes"}; the difference is `a` less `b`.
"""

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.metrics.metric import MetricMisfitError
from benchc.runtime.metrics.predictions import read_predictions
from benchc.runtime.statistics.comparison import Comparison, compare
from benchc.runtime.statistics.result_file import call, write_result
from benchc.runtime.work import Inputs, StepFailed, Work


def run(step: Step, inputs: Inputs, work: Work) -> None:
    metric, test = call(step.params, "metric"), call(step.params, "test")
    confidence, seed = step.params["confidence"], step.params["seed"]
    assert isinstance(confidence, int | float)
    assert isinstance(seed, int)
    if metric.get("average") == "none":
        raise StepFailed("metric_misfit", f"`{metric['call']}` gives one value for each label", "compare an average of the labels")
    read = {folder: read_predictions(folder) for folder in {*inputs["a"], *inputs["b"]}}
    sides = tuple(read[folder] for folder in inputs["a"]), tuple(read[folder] for folder in inputs["b"])
    try:
        result = compare(metric, test, sides, float(confidence), seed)
    except MetricMisfitError as misfit:
        raise StepFailed("metric_misfit", f"`{test['call']}` of `{metric['call']}`: {misfit}") from misfit
    write_result(work.folder, _as_json(result, str(test["call"])))


def _as_json(result: Comparison, test: str) -> dict[str, Json]:
    return {
        "difference": result.difference,
        "low": result.low,
        "high": result.high,
        "p": result.p,
        "test": test,
        "method": result.method,
        "n": result.n,
        "effect_size": {"name": result.effect.name, "value": result.effect.value},
        "standard_error": result.standard_error,
        "value_a": result.value_a,
        "value_b": result.value_b,
        "notes": list(result.notes),
    }
