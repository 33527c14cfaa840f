"""Two models' predictions of the same examples, side by side.

In: predictions of each model, one for each seed and fold. Out: a `Pairing`: for each seed, the examples in one order for both models.
Folds of a seed are put together, since they answer different rows of the same data. Seeds that give the same predictions count once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import MetricFacts
from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.examples import ClassExamples, Examples, concatenate, take
from benchc.runtime.metrics.metric import Statistic
from benchc.runtime.metrics.predictions import Predictions, named
from benchc.runtime.metrics.registry import metric_of
from benchc.runtime.statistics.units import Units, units_of
from benchc.runtime.work import StepFailed

Call: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """`a`, `b`: examples for each seed, in the same order on both sides and in `units`. They need not have equally many seeds."""

    call: Call
    a: tuple[Examples, ...]
    b: tuple[Examples, ...]
    units: Units

    @property
    def count(self) -> int:
        return len(self.units.of)

    def statistics(self) -> tuple[Statistic, ...]:
        """The metric on each seed of `a`, then on each of `b`."""
        metric = metric_of(self.call)
        return tuple(metric.statistic(examples, self.call) for examples in (*self.a, *self.b))


def pair(call: Call, a: Sequence[Predictions], b: Sequence[Predictions]) -> Pairing:
    """Raises StepFailed when the two sides do not hold the same ids with the same targets, naming those that differ."""
    left, right = _by_seed(a), _by_seed(b)
    first = left[0]
    for other in (*left[1:], *right):
        _refuse_other_ids(first.ids, other.ids)
        _refuse_other_targets(first, other)
    return Pairing(call, _seen(call, left), _seen(call, right), units_of(first))


def _by_seed(predictions: Sequence[Predictions]) -> tuple[Predictions, ...]:
    """Predictions with the same ids are seeds, those with different ids folds; the i-th of each fold are put together."""
    folds: dict[tuple[object, ...], list[Predictions]] = {}
    for one in predictions:
        folds.setdefault(tuple(one.ids), []).append(one)
    seeds = min(len(members) for members in folds.values())
    return tuple(_joined([members[seed] for members in folds.values()]) for seed in range(seeds))


def _joined(folds: Sequence[Predictions]) -> Predictions:
    if len(folds) == 1:
        return folds[0]
    ids = np.concatenate([fold.ids for fold in folds])
    order = np.argsort(ids, kind="stable")
    repeated = ids[order][1:][ids[order][1:] == ids[order][:-1]]
    if len(repeated):
        raise StepFailed("overlapping_folds", f"{len(repeated)} rows stand in several folds, {named(repeated)}")
    examples = folds[0].examples
    for fold in folds[1:]:
        examples = concatenate(examples, fold.examples)
    groups = [fold.groups for fold in folds if fold.groups is not None]
    return Predictions(ids[order], np.concatenate(groups)[order] if len(groups) == len(folds) else None, take(examples, order))


def _refuse_other_ids(ids: NDArray[np.object_], others: NDArray[np.object_]) -> None:
    if len(ids) == len(others) and bool((ids == others).all()):
        return
    sides = ((np.setdiff1d(ids, others), "the first"), (np.setdiff1d(others, ids), "the second"))
    only = "; ".join(f"{len(some)} only in {side}, {named(some)}" for some, side in sides if len(some))
    raise StepFailed("different_rows", f"the two sides answer different rows: {only}", "compare models on the same split of the same data")


def _refuse_other_targets(one: Predictions, other: Predictions) -> None:
    strange = one.ids[one.examples.target != other.examples.target]
    if len(strange):
        raise StepFailed("different_targets", f"{len(strange)} rows have different targets on the two sides, {named(strange)}")


def _seen(call: Call, predictions: Sequence[Predictions]) -> tuple[Examples, ...]:
    """What the metric sees of each seed; one alone when all are equal."""
    facts = CATALOG.entry("metric", str(call["call"])).facts
    assert isinstance(facts, MetricFacts)
    seen = [_without_scores(one.examples) if facts.needs == "labels" else one.examples for one in predictions]
    return tuple(seen[:1]) if not any(differing(seen[0], other).any() for other in seen[1:]) else tuple(seen)


def _without_scores(examples: Examples) -> Examples:
    return ClassExamples(examples.labels, examples.target, examples.prediction) if isinstance(examples, ClassExamples) else examples


def differing(a: Examples, b: Examples) -> NDArray[np.bool_]:
    """(n,) whether the two answer an example differently, scores included where both have them."""
    different = np.asarray(a.prediction != b.prediction)
    if isinstance(a, ClassExamples) and isinstance(b, ClassExamples) and a.scores is not None and b.scores is not None:
        different = different | (a.scores != b.scores).any(axis=1)
    return different


def seed_pairs(pairing: Pairing) -> tuple[tuple[Examples, Examples], ...]:
    """Seeds of both sides one to one; with unequal numbers each side is repeated, which keeps its mean."""
    count = math.lcm(len(pairing.a), len(pairing.b))
    return tuple((pairing.a[seed % len(pairing.a)], pairing.b[seed % len(pairing.b)]) for seed in range(count))


def movable_units(pairing: Pairing, pairs: Sequence[tuple[Examples, Examples]]) -> NDArray[np.intp]:
    """Units that the two sides answer differently, so that a swap of their answers changes something."""
    different = np.any([differing(a, b) for a, b in pairs], axis=0)
    return np.asarray(np.unique(pairing.units.of[different]))
