"""Pearson's, Spearman's and Kendall's correlation of predictions and targets.

All are undefined when targets or predictions are constant.
"""

import numpy as np

from benchc.runtime.metrics.examples import Examples, Floats, Indices
from benchc.runtime.metrics.metric import Metric, Note, Settings, Statistic, Weights, exactly_summable, of_values, ratio, weighted_sums
from benchc.runtime.metrics.rank_pairs import RankPairs

RELATIVE_ZERO = 1e-13  # a variance below this share of the mean square is rounding: the resample drew one value alone


def _pearson(examples: Examples, settings: Settings) -> Statistic:
    known = of_values(examples)
    x, y = standardised(known.prediction), standardised(known.target)
    moments = exactly_summable(np.stack([x, y, x * x, y * y, x * y], axis=1))

    def statistic(weights: Weights) -> Floats:
        total = weights.sum(axis=1, dtype=np.float64)[:, None]
        mean_x, mean_y, xx, yy, xy = ratio(weighted_sums(weights, moments), total).T
        variance_x, variance_y = (_variance(square, mean) for square, mean in ((xx, mean_x), (yy, mean_y)))
        return _within_one(ratio(xy - mean_x * mean_y, np.sqrt(variance_x) * np.sqrt(variance_y)))

    return statistic


def standardised(values: Floats) -> Floats:
    """Values (n,) with mean 0 and largest magnitude 1, so that squares neither cancel nor overflow; all 0 when they are constant."""
    if len(values) == 0 or values.min() == values.max():
        return np.zeros_like(values)
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean()
    return np.asarray(centred / np.abs(centred).max())


def _variance(mean_square: Floats, mean: Floats) -> Floats:
    variance = mean_square - mean**2
    return np.where(variance > RELATIVE_ZERO * mean_square, variance, 0.0)


def _within_one(values: Floats) -> Floats:
    return np.asarray(np.clip(values, -1.0, 1.0))


def _spearman(examples: Examples, settings: Settings) -> Statistic:
    known = of_values(examples)
    if known.count == 0:
        return lambda weights: np.full(len(weights), np.nan)
    x, y = _Ranks.of(known.prediction), _Ranks.of(known.target)

    def statistic(weights: Weights) -> Floats:
        exact = weights.astype(np.float64, copy=False)
        ranks_x, ranks_y = x.centred(exact), y.centred(exact)
        weighted_x = exact * ranks_x
        variance_x = (weighted_x * ranks_x).sum(axis=1)
        variance_y = np.einsum("ij,ij,ij->i", exact, ranks_y, ranks_y)
        covariance = (weighted_x * ranks_y).sum(axis=1)
        return _within_one(ratio(covariance, np.sqrt(variance_x) * np.sqrt(variance_y)))

    return statistic


class _Ranks:
    """Middle ranks of the same values under different weights. Holds the sort order, which weights do not change."""

    __slots__ = ("group", "order", "starts")

    def __init__(self, order: Indices, starts: Indices, group: Indices) -> None:
        self.order, self.starts, self.group = order, starts, group

    @staticmethod
    def of(values: Floats) -> "_Ranks":
        order = np.argsort(values, kind="stable")
        in_order = values[order]
        new = np.concatenate([[True], in_order[1:] != in_order[:-1]])
        group = np.empty(len(values), dtype=np.int64)
        group[order] = np.cumsum(new) - 1
        return _Ranks(order, np.flatnonzero(new), group)

    def centred(self, weights: Floats) -> Floats:
        """(resamples, n): middle rank less the mean rank, an exact multiple of one half."""
        sizes = np.add.reduceat(weights[:, self.order], self.starts, axis=1)
        middle = np.cumsum(sizes, axis=1) - sizes / 2 - sizes.sum(axis=1, keepdims=True) / 2
        return np.asarray(middle[:, self.group])


def _kendall(examples: Examples, settings: Settings) -> Statistic:
    known = of_values(examples)
    if known.count == 0:
        return lambda weights: np.full(len(weights), np.nan)
    pairs = RankPairs(known.prediction, known.target)

    def statistic(weights: Weights) -> Floats:
        found = pairs.count(weights)
        agreed_less_discordant = found.pairs - found.tied_x - found.tied_y + found.tied_both - 2 * found.discordant
        by_x = ratio(agreed_less_discordant, np.sqrt(found.pairs - found.tied_x))
        return _within_one(ratio(by_x, np.sqrt(found.pairs - found.tied_y)))

    return statistic


def _remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    known = of_values(examples)
    if known.count == 0:
        return ()
    named = (("target", known.target), ("prediction", known.prediction))
    return tuple(f"undefined: every {name} is {values[0]:g}" for name, values in named if values.min() == values.max())


PEARSON = Metric(Note("covariance of predictions and targets / product of their standard deviations", "Pearson 1895"), _pearson, _remarks)

SPEARMAN = Metric(Note("Pearson's correlation of the ranks, ties at their middle rank", "Spearman 1904"), _spearman, _remarks)

KENDALL = Metric(
    Note(
        "(concordant - discordant pairs) / sqrt((pairs not tied in predictions)(pairs not tied in targets)), tau-b",
        "Kendall 1945",
    ),
    _kendall,
    _remarks,
)
