"""Metrics of ranking: area under the ROC curve, average precision.

Both look at the order of scores alone. With several labels each is had for one label against the rest (or for pairs of labels), from
that label's column of scores. Labels for which it is undefined (no example, or nothing but examples) leave the average, with a note.
"""

from collections.abc import Callable
from itertools import combinations
from typing import TypeAlias

import numpy as np

from benchc.runtime.metrics.counts import positive_class
from benchc.runtime.metrics.examples import ClassExamples, Examples, Floats, Indices, Truths
from benchc.runtime.metrics.metric import Metric, Note, Settings, Statistic, Weights, of_classes, ratio, scores_of

_Ranking: TypeAlias = Callable[[Floats, Truths], Statistic]


def area_under_roc(scores: Floats, positive: Truths) -> Statistic:
    """Chance that a positive example (n,) has a higher score than a negative one, ties counting half. NaN without both."""
    order = np.argsort(scores, kind="stable")
    starts = _tie_starts(scores[order])
    first = positive[order]

    def statistic(weights: Weights) -> Floats:
        sorted_weights = weights[:, order]
        positives = _tie_sums(sorted_weights * first, starts)
        negatives = _tie_sums(sorted_weights * ~first, starts)
        below = np.cumsum(negatives, axis=1) - negatives / 2
        total = positives.sum(axis=1) * negatives.sum(axis=1)
        return ratio((positives * below).sum(axis=1), total)

    return statistic


def steps_precision(scores: Floats, positive: Truths) -> Statistic:
    """Sum over thresholds of (recall gained) x (precision there). NaN without positive examples (n,)."""
    order = np.argsort(-scores, kind="stable")
    starts = _tie_starts(scores[order])
    first = positive[order]

    def statistic(weights: Weights) -> Floats:
        sorted_weights = weights[:, order]
        positives = _tie_sums(sorted_weights * first, starts)
        found = np.cumsum(positives, axis=1)
        seen = np.cumsum(_tie_sums(sorted_weights, starts), axis=1)
        precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
        return ratio((positives * precision).sum(axis=1), found[:, -1])

    return statistic


def _tie_starts(sorted_scores: Floats) -> Indices:
    return np.flatnonzero(np.concatenate([[True], sorted_scores[1:] != sorted_scores[:-1]]))


def _tie_sums(columns: Weights, starts: Indices) -> Floats:
    if len(starts) == columns.shape[1]:
        return columns.astype(np.float64)
    return np.add.reduceat(columns, starts, axis=1, dtype=np.float64)


def _statistic(ranking: _Ranking, examples: Examples, settings: Settings) -> Statistic:
    known = of_classes(examples)
    scores = scores_of(known)
    if known.count == 0:
        return _undefined
    if _is_binary(known, settings):
        positive = positive_class(known, settings)
        return ranking(scores[:, positive], known.target == positive)
    if settings.get("multiclass") == "ovo":
        return _each_pair(ranking, known, scores, settings["average"] == "weighted")
    return _each_class(ranking, known, scores, settings["average"] == "weighted")


def _is_binary(examples: ClassExamples, settings: Settings) -> bool:
    return settings.get("positive") is not None or len(examples.labels) == 2


def _each_class(ranking: _Ranking, examples: ClassExamples, scores: Floats, weighted: bool) -> Statistic:
    members = [(examples.target == index) for index in np.unique(examples.target)]
    parts = [ranking(scores[:, index], member) for index, member in zip(np.unique(examples.target), members, strict=True)]

    def statistic(weights: Weights) -> Floats:
        values = np.stack([part(weights) for part in parts], axis=1)
        sizes = np.stack([weights @ member.astype(weights.dtype) for member in members], axis=1).astype(np.float64)
        return _mean_of_defined(values, sizes if weighted else np.ones_like(values))

    return statistic


def _each_pair(ranking: _Ranking, examples: ClassExamples, scores: Floats, weighted: bool) -> Statistic:
    """Hand and Till's M: for each pair of labels, the mean of ranking one above the other by the one's score and the reverse."""
    parts = []
    for one, other in combinations(np.unique(examples.target), 2):
        rows = np.flatnonzero((examples.target == one) | (examples.target == other))
        is_one = examples.target[rows] == one
        parts.append((rows, ranking(scores[rows, one], is_one), ranking(scores[rows, other], ~is_one)))
    if not parts:
        return _undefined

    def statistic(weights: Weights) -> Floats:
        total = weights.sum(axis=1, dtype=np.float64)
        values, sizes = [], []
        for rows, above, below in parts:
            pair = weights[:, rows]
            values.append((above(pair) + below(pair)) / 2)
            sizes.append(pair.sum(axis=1, dtype=np.float64) / total)
        shares = np.stack(sizes, axis=1) if weighted else np.ones((len(weights), len(parts)))
        return _mean_of_defined(np.stack(values, axis=1), shares)

    return statistic


def _mean_of_defined(values: Floats, shares: Floats) -> Floats:
    defined = ~np.isnan(values)
    shares = np.where(defined, shares, 0.0)
    return ratio((np.where(defined, values, 0.0) * shares).sum(axis=1), shares.sum(axis=1))


def _undefined(weights: Weights) -> Floats:
    return np.full(len(weights), np.nan)


def _remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    known = of_classes(examples)
    if known.count == 0:
        return ()
    if _is_binary(known, settings):
        return _binary_remarks(known, positive_class(known, settings))
    if len(np.unique(known.target)) == 1:
        return (f"every target is `{known.labels[known.target[0]]}`",)
    absent = [label for index, label in enumerate(known.labels) if not (known.target == index).any()]
    return tuple(f"label `{label}` is the target of no example and left out of the average" for label in absent)


def _binary_remarks(examples: ClassExamples, positive: int) -> tuple[str, ...]:
    share = (examples.target == positive).mean()
    if share == 0:
        return (f"undefined: `{examples.labels[positive]}` is the target of no example",)
    return (f"every target is `{examples.labels[positive]}`",) if share == 1 else ()


AUROC = Metric(
    Note(
        "share of (positive, negative) pairs of examples in which the positive one has the higher score, ties half; "
        "several labels: mean over labels against the rest (ovr) or over pairs of labels (ovo)",
        "Hanley and McNeil 1982; ovo: Hand and Till 2001",
    ),
    lambda examples, settings: _statistic(area_under_roc, examples, settings),
    _remarks,
)

AVERAGE_PRECISION = Metric(
    Note("sum over thresholds of (R_i - R_(i-1)) P_i, from the highest score down; no interpolation", "Manning et al. 2008, chapter 8"),
    lambda examples, settings: _statistic(steps_precision, examples, {**settings, "multiclass": "ovr"}),
    _remarks,
)
