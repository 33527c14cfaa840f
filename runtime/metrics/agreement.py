"""Agreement beyond chance: Matthews' correlation coefficient and Cohen's kappa."""

import numpy as np

from benchc.runtime.metrics.counts import counter, occurring
from benchc.runtime.metrics.examples import ClassExamples, Examples, Floats
from benchc.runtime.metrics.metric import Metric, Note, Settings, Statistic, Weights, of_classes, ratio, weighted_sums


def _mcc(examples: Examples, settings: Settings) -> Statistic:
    known = of_classes(examples)
    count = counter(known, occurring(known))

    def statistic(weights: Weights) -> Floats:
        counts = count(weights)
        covariance = counts.hits.sum(axis=1) * counts.total - (counts.answers * counts.targets).sum(axis=1)
        answers = counts.total**2 - (counts.answers**2).sum(axis=1)
        targets = counts.total**2 - (counts.targets**2).sum(axis=1)
        value = ratio(covariance, np.sqrt(answers) * np.sqrt(targets))
        return np.where((answers == 0) & (targets > 0), 0.0, value)

    return statistic


def _mcc_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    known = of_classes(examples)
    if _one_target(known):
        return (f"undefined: every target is `{known.labels[known.target[0]]}`",)
    if len(np.unique(known.prediction)) == 1:
        return (f"every answer is `{known.labels[known.prediction[0]]}`: 0 by convention",)
    return ()


def _kappa(examples: Examples, settings: Settings) -> Statistic:
    known = of_classes(examples)
    classes = occurring(known)
    count = counter(known, classes)
    costs = _costs(str(settings["weights"]), len(known.labels))
    cost = costs[known.target, known.prediction][:, None]
    between = costs[np.ix_(classes, classes)]

    def statistic(weights: Weights) -> Floats:
        counts = count(weights)
        observed = weighted_sums(weights, cost)[:, 0]
        expected = ((counts.targets @ between) * counts.answers).sum(axis=1)
        return 1.0 - ratio(observed * counts.total, expected)

    return statistic


def _costs(weights: str, labels: int) -> Floats:
    """(labels, labels): what a confusion of two labels costs, by their distance in the declared order."""
    distance = np.abs(np.subtract.outer(np.arange(labels), np.arange(labels))).astype(np.float64)
    match weights:
        case "none":
            return (distance > 0).astype(np.float64)
        case "linear":
            return distance
        case "quadratic":
            return distance**2
        case other:
            raise ValueError(f"no weights of kappa are called {other!r}")


def _kappa_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    known = of_classes(examples)
    if known.count and len(occurring(known)) == 1:
        return (f"undefined: every target and every answer is `{known.labels[known.target[0]]}`",)
    return ()


def _one_target(examples: ClassExamples) -> bool:
    return len(np.unique(examples.target)) == 1


MCC = Metric(
    Note(
        "(c s - sum p_k t_k) / sqrt((s^2 - sum p_k^2)(s^2 - sum t_k^2)); c right answers of s, p_k answers and t_k targets of label k",
        "Matthews 1975; several classes: Gorodkin 2004",
    ),
    _mcc,
    _mcc_remarks,
)

KAPPA = Metric(
    Note(
        "1 - (observed cost) / (cost expected if answers and targets were independent); cost of a confusion: 1, |i - j| or (i - j)^2 "
        "by the labels' places in their order",
        "Cohen 1960, 1968",
    ),
    _kappa,
    _kappa_remarks,
)
