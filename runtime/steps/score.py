"""`score`: one metric of one model's predictions, with its interval, or what the report draws of them.

In: predictions. Out: result.json, {"value", "low", "high", "method", "n", "notes", "range"}; `average = none` gives "values", one such
record for each label, and a null value. "range" holds the ends of the metric's range, null where it has none. Where the predictions have
at most `MOST_GROUPS` groups, "groups" holds such a record for each. Where programs were run, "passed" counts those that passed.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.metrics.examples import ClassExamples, TextExamples, take
from benchc.runtime.metrics.metric import MetricMisfitError
from benchc.runtime.metrics.precision_recall import classes_apart
from benchc.runtime.metrics.predictions import Predictions, read_predictions
from benchc.runtime.metrics.writing import read_writing
from benchc.runtime.statistics.diagnostics import as_json, diagnostics
from benchc.runtime.statistics.estimate import Call, Sampling, bounds_of, estimate, estimate_all
from benchc.runtime.statistics.language_diagnostics import of_passed, of_writing
from benchc.runtime.statistics.result_file import call, write_result
from benchc.runtime.work import Inputs, StepFailed, Work

MOST_GROUPS = 50  # more are units of sampling, not something to read


def run(step: Step, inputs: Inputs, work: Work) -> None:
    predictions = read_predictions(inputs["predictions"][0])
    sampling = _sampling(step.params)
    metric = call(step.params, "metric")
    try:
        if metric["call"] == "diagnostics":
            result = {**diagnostics(predictions, sampling), **_written(inputs["predictions"][0], predictions)}
        else:
            bounds = bounds_of(metric)
            result = {**_scored(metric, predictions, sampling), "range": [bounds.low, bounds.high]}
    except MetricMisfitError as misfit:
        raise StepFailed("metric_misfit", f"`{metric['call']}`: {misfit}") from misfit
    write_result(work.folder, result)


def _written(folder: Path, predictions: Predictions) -> Mapping[str, Json]:
    """Of a generation task, how the texts came about."""
    writing = read_writing(folder) if isinstance(predictions.examples, TextExamples) else None
    return {} if writing is None else of_writing(writing)


def _sampling(params: Mapping[str, Json]) -> Sampling:
    confidence, samples, seed = params["confidence"], params["resamples"], params["seed"]
    assert isinstance(confidence, int | float)
    assert isinstance(samples, int)
    assert isinstance(seed, int)
    return Sampling(float(confidence), samples, seed)


def _by_group(metric: Call, predictions: Predictions, sampling: Sampling) -> Mapping[str, Json]:
    """The metric on each group by itself, in the order of their names; examples of a group are resampled one by one."""
    groups = predictions.groups
    names = np.unique(groups) if groups is not None else np.zeros(0, dtype=np.str_)
    if groups is None or not 2 <= len(names) <= MOST_GROUPS:
        return {}
    members = {str(name): np.flatnonzero(groups == name) for name in names}
    made = {
        name: estimate(metric, Predictions(predictions.ids[rows], None, take(predictions.examples, rows)), sampling)
        for name, rows in members.items()
    }
    return {"groups": [{"group": name, **as_json(one)} for name, one in made.items()]}


def _scored(metric: Call, predictions: Predictions, sampling: Sampling) -> Mapping[str, Json]:
    examples = predictions.examples
    apart = classes_apart(metric, examples.labels) if isinstance(examples, ClassExamples) else None
    if apart is None:
        passed = {"passed": of_passed(examples)} if isinstance(examples, TextExamples) and metric["call"] == "pass_at" else {}
        return {**as_json(estimate(metric, predictions, sampling)), **_by_group(metric, predictions, sampling), **passed}
    made = estimate_all(tuple(apart.values()), predictions, sampling)
    values: dict[str, Json] = {label: as_json(one) for label, one in zip(apart, made, strict=True)}
    notes: Json = ["one value for each label"]
    return {"value": None, "low": None, "high": None, "method": "by label", "n": examples.count, "notes": notes, "values": values}
