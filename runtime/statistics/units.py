"""What is drawn when a data set is resampled: its examples in the order of their ids, or its groups in the order of their names."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchc.runtime.metrics.examples import Indices
from benchc.runtime.metrics.predictions import Predictions


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """`of`: (n,) the unit that each example belongs to, 0 to `count` - 1. `grouped`: units are groups of examples."""

    of: Indices
    count: int
    grouped: bool

    def spread(self, unit_weights: NDArray[np.float32]) -> NDArray[np.float32]:
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
    names, numbers = np.unique(predictions.groups, return_inverse=True)
    return Units(numbers.astype(np.int64), len(names), grouped=True)
