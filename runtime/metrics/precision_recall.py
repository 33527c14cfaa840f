"""Precision, recall and F1, for one label and averaged over labels.

A label that stands in neither targets nor predictions takes no part in an average. A label's ratio without a denominator (precision
of a label never answered, recall of a label that is nobody's target) counts as 0 in an average, with a note, as in scikit-learn; alone
it is undefined. `average = none` is not computed here: it is asked for label by label as `binary` (see `classes_apart`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.accuracy import accuracy_proportion
from benchc.runtime.metrics.counts import Counts, counter, occurring, positive_class
from benchc.runtime.metrics.examples import ClassExamples, Examples, Floats
from benchc.runtime.metrics.metric import Metric, Note, Proportion, Settings, Statistic, Weights, of_classes, ratio


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A metric of one class as numerator / denominator, from its counts."""

    numerator: Callable[[Counts], Floats]
    denominator: Callable[[Counts], Floats]


_PRECISION = _Ratio(lambda counts: counts.hits, lambda counts: counts.answers)
_RECALL = _Ratio(lambda counts: counts.hits, lambda counts: counts.targets)
_F1 = _Ratio(lambda counts: 2 * counts.hits, lambda counts: counts.answers + counts.targets)


def classes_apart(settings: Settings, labels: tuple[str, ...]) -> Mapping[str, Mapping[str, Json]] | None:
    """For `average = none`, the settings that ask for each label alone; None for any other average."""
    if settings.get("average") != "none":
        return None
    return {label: {**settings, "average": "binary", "positive": label} for label in labels}


def _statistic(parts: _Ratio, examples: ClassExamples, settings: Settings) -> Statistic:
    match settings["average"]:
        case "binary":
            return _one_class(parts, examples, positive_class(examples, settings))
        case "micro":
            return _micro(examples)
        case "macro":
            return _averaged(parts, examples, lambda counts: ((counts.answers > 0) | (counts.targets > 0)).astype(np.float64))
        case "weighted":
            return _averaged(parts, examples, lambda counts: counts.targets)
        case average:
            raise ValueError(f"no average of classes is called {average!r}")


def _one_class(parts: _Ratio, examples: ClassExamples, positive: int) -> Statistic:
    count = counter(examples, np.array([positive]))

    def statistic(weights: Weights) -> Floats:
        counts = count(weights)
        return ratio(parts.numerator(counts)[:, 0], parts.denominator(counts)[:, 0])

    return statistic


def _micro(examples: ClassExamples) -> Statistic:
    count = counter(examples, occurring(examples))

    def statistic(weights: Weights) -> Floats:
        counts = count(weights)
        return ratio(counts.hits.sum(axis=1), counts.total)

    return statistic


def _averaged(parts: _Ratio, examples: ClassExamples, shares: Callable[[Counts], Floats]) -> Statistic:
    count = counter(examples, occurring(examples))

    def statistic(weights: Weights) -> Floats:
        counts = count(weights)
        numerator, denominator, share = parts.numerator(counts), parts.denominator(counts), shares(counts)
        values = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)
        return ratio((values * share).sum(axis=1), share.sum(axis=1))

    return statistic


def _remarks(name: str, parts: _Ratio, examples: ClassExamples, settings: Settings) -> tuple[str, ...]:
    if examples.count == 0 or settings["average"] == "micro":
        return ()
    counts = counter(examples, np.arange(len(examples.labels)))(np.ones((1, examples.count)))
    empty = parts.denominator(counts)[0] == 0
    if settings["average"] == "binary":
        positive = positive_class(examples, settings)
        return (f"{name} of `{examples.labels[positive]}` is undefined: {_missing(counts, positive)}",) if empty[positive] else ()
    absent = (counts.answers[0] == 0) & (counts.targets[0] == 0)
    return tuple(
        f"label `{label}` is in neither targets nor answers and left out of the average"
        if absent[index]
        else f"label `{label}`: {_missing(counts, index)}, its {name} counts as 0 in the average"
        for index, label in enumerate(examples.labels)
        if empty[index]
    )


def _missing(counts: Counts, index: int) -> str:
    if counts.answers[0, index] == 0 and counts.targets[0, index] == 0:
        return "it is in neither targets nor answers"
    return "it is never answered" if counts.answers[0, index] == 0 else "it is the target of no example"


def _proportion(parts: _Ratio, examples: Examples, settings: Settings) -> Proportion | None:
    known = of_classes(examples)
    if settings["average"] == "micro":
        return accuracy_proportion(known, settings)
    if settings["average"] != "binary" or parts is _F1:
        return None
    counts = counter(known, np.array([positive_class(known, settings)]))(np.ones((1, known.count)))
    return Proportion(int(parts.numerator(counts)[0, 0]), int(parts.denominator(counts)[0, 0]))


def _metric(name: str, parts: _Ratio, note: Note) -> Metric:
    return Metric(
        note,
        lambda examples, settings: _statistic(parts, of_classes(examples), settings),
        lambda examples, settings: _remarks(name, parts, of_classes(examples), settings),
        lambda examples, settings: _proportion(parts, examples, settings),
    )


_AVERAGES = "; macro: plain mean over the labels that occur; weighted: mean by number of targets; micro: over all labels together"

PRECISION = _metric("precision", _PRECISION, Note("TP / (TP + FP) of a label" + _AVERAGES, "van Rijsbergen 1979"))
RECALL = _metric("recall", _RECALL, Note("TP / (TP + FN) of a label" + _AVERAGES, "van Rijsbergen 1979"))
F1 = _metric("F1", _F1, Note("2 TP / (2 TP + FP + FN) of a label" + _AVERAGES, "van Rijsbergen 1979; macro as the mean of the labels' F1"))
