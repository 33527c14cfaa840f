"""What the report draws of a model's answers: confusion, scores of each label, calibration; residuals and a scatter of numbers;
other kinds are in `language_diagnostics`.

In: predictions. Out: JSON. The shapes are read by the report alone.
"""

from collections.abc import Mapping
from typing import assert_never

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.examples import ChoiceExamples, ClassExamples, Floats, PassageExamples, TextExamples, ValueExamples
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.metrics.probability import confidence_of_answers
from benchc.runtime.statistics.estimate import Call, Estimate, Sampling, estimate_all
from benchc.runtime.statistics.language_diagnostics import (
    RELIABILITY_BINS,
    has_probabilities,
    of_choices,
    of_passages,
    of_texts,
    reliability,
    some_rows,
)

RESIDUAL_BINS = 30
MOST_POINTS = 400
PER_CLASS = ("precision", "recall", "f1")
CALIBRATION: tuple[Call, ...] = (
    {"call": "brier", "normalize": "none"},
    {"call": "ece", "normalize": "none", "bins": RELIABILITY_BINS, "scheme": "equal_width"},
)


def diagnostics(predictions: Predictions, sampling: Sampling) -> Mapping[str, Json]:
    match predictions.examples:
        case ClassExamples() as examples:
            return _of_classes(examples, predictions, sampling)
        case ValueExamples() as examples:
            return _of_values(examples, predictions)
        case ChoiceExamples() as examples:
            return {**of_choices(examples), "calibration": _calibration(examples, predictions, sampling)}
        case TextExamples() as examples:
            return of_texts(examples)
        case PassageExamples() as examples:
            return of_passages(examples, list(predictions.ids))
        case other:
            assert_never(other)


def _of_classes(examples: ClassExamples, predictions: Predictions, sampling: Sampling) -> Mapping[str, Json]:
    return {
        "labels": list(examples.labels),
        "confusion": _confusion(examples),
        "per_class": _per_class(examples, predictions, sampling),
        "reliability": reliability(confidence_of_answers(examples), examples.correct) if examples.probabilities else [],
    }


def _calibration(examples: ChoiceExamples, predictions: Predictions, sampling: Sampling) -> Json:
    """Brier score and calibration error of the choices' own probabilities, whatever the task asks for; none for a model without."""
    if not has_probabilities(examples):
        return []
    made = estimate_all(CALIBRATION, predictions, sampling)
    return [{"name": call["call"], "bins": call.get("bins"), **as_json(one)} for call, one in zip(CALIBRATION, made, strict=True)]


def as_json(made: Estimate) -> dict[str, Json]:
    """An estimate as results hold it."""
    return {
        "value": made.value,
        "low": made.low,
        "high": made.high,
        "method": made.method,
        "n": made.n,
        "notes": list(made.notes),
    }


def _confusion(examples: ClassExamples) -> Json:
    """Rows are targets, columns answers, both in the order of the labels."""
    size = len(examples.labels)
    counts: Json = np.bincount(examples.target * size + examples.prediction, minlength=size * size).reshape(size, size).tolist()
    return counts


def _per_class(examples: ClassExamples, predictions: Predictions, sampling: Sampling) -> Json:
    calls = [{"call": name, "average": "binary", "positive": label} for label in examples.labels for name in PER_CLASS]
    made = iter(estimate_all(calls, predictions, sampling))
    support = np.bincount(examples.target, minlength=len(examples.labels)).tolist()
    return [
        {"label": label, **{name: as_json(next(made)) for name in PER_CLASS}, "support": support[index]}
        for index, label in enumerate(examples.labels)
    ]


def _of_values(examples: ValueExamples, predictions: Predictions) -> Mapping[str, Json]:
    if examples.count == 0:
        return {"residuals": {"edges": [], "counts": []}, "scatter": [], "range": None}
    residuals = examples.prediction - examples.target
    counts, edges = np.histogram(residuals, RESIDUAL_BINS, _bounds(residuals))
    both: Floats = np.concatenate([examples.target, examples.prediction])
    return {
        "residuals": {"edges": edges.tolist(), "counts": counts.tolist()},
        "scatter": [
            [float(examples.target[row]), float(examples.prediction[row])] for row in some_rows(list(predictions.ids), MOST_POINTS)
        ],
        "range": [float(both.min()), float(both.max())],
    }


def _bounds(residuals: Floats) -> tuple[float, float]:
    """Ends of the histogram; one wide when all residuals are equal but for rounding."""
    low, high = float(residuals.min()), float(residuals.max())
    return (low, high) if high - low > 1e-9 * max(abs(low), abs(high)) else (low - 0.5, high + 0.5)
