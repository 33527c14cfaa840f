"""Batches for prediction: rows of like length together, so many that their padded tokens fit a budget.

The batches follow from the lengths and the budget alone, so that the same texts always meet in the same batch.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from benchc.runtime.device import Device

Ints = npt.NDArray[np.int64]

BUDGETS: Mapping[str, int] = {
    "cpu": 2_048,
    "mps": 16_384,
    "xpu": 32_768,
    "cuda": 65_536,
}  # tokens; for a processor, what its caches hold best


def budget_of(device: Device) -> int:
    """Most tokens of one batch on a device, padding included."""
    return device.batch_tokens or BUDGETS[device.name]


def prediction_batches(lengths: Ints, budget_tokens: int) -> Iterator[Ints]:
    """Row numbers of each batch, longest texts first, so that memory runs out at once or never. A text above the budget goes alone."""
    order = np.argsort(-lengths, kind="stable")
    at = 0
    while at < len(order):
        longest = max(int(lengths[order[at]]), 1)
        count = max(budget_tokens // longest, 1)
        yield order[at : at + count]
        at += count
