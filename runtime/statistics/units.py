"""What is drawn when a data set is resampled: its examples, or its groups as wholes."""

from dataclasses import dataclass

import numpy as np

from benchc.runtime.metrics.examples import Indices
from benchc.runtime.metrics.metric import Weights
from benchc.runtime.metrics.predictions import Predictions


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """`of`: (n,) the unit that each example belongs to, 0 to `count` - 1. `grouped`: units are groups of examples."""

    of: Indices
    count: int
    grouped: bool

    def spread(self, unit_weights: Weights) -> Weights:
        """From (resamples, count) to (resamples, n): every example counts as often as its unit."""
        return unit_weights[:, self.of] if self.grouped else unit_weights

    @property
    def noun(self) -> str:
        return "groups" if self.grouped else "examples"


def single_units(count: int) -> Units:
    return Units(np.arange(count), count, grouped=False)


def units_of(predictions: Predictions) -> Units:
    """Groups where the predictions have them, else examples."""
    if predictions.groups is None:
        return single_units(len(predictions.ids))
    return Units(predictions.groups, int(predictions.groups.max(initial=-1)) + 1, grouped=True)
