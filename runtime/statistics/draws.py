"""Random draws that are a function of the seed and the number of the resample alone.

In: a seed, numbers of resamples, how many units there are (sorted by id, so that a unit's place is its identity's). Out: weights and
flips. The same on any machine, whatever is computed together: each small block of resamples has its own counter-based generator (Philox,
Salmon et al. 2011), of which only raw bits are used (NumPy keeps those stable, its distributions not).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchc.runtime.seeds import derive_seed

CELLS_AT_ONCE = 1 << 20  # weights computed together: bounds memory, changes no value
BITS_AT_ONCE = 1 << 13  # words from one generator, for speed with few units; part of the definition of the draws


def chunks(samples: int, width: int) -> Iterator[range]:
    """Numbers of resamples, in ranges whose weights for `width` examples fit memory comfortably."""
    step = max(1, CELLS_AT_ONCE // max(width, 1))
    return (range(start, min(start + step, samples)) for start in range(0, samples, step))


def drawn_counts(units: int, seed: int, numbers: range) -> NDArray[np.float32]:
    """(len(numbers), units): how often each unit comes in a draw of `units` with replacement.

    A unit is taken as floor(bits * units / 2^32): uneven by less than units / 2^32.
    """
    counts = np.empty((len(numbers), units), dtype=np.float32)
    for rows, bits in _rows_of_bits(units, seed, "resample", numbers):
        places = (bits * (units / 2.0**32)).astype(np.intp) + np.arange(len(bits))[:, None] * units
        counts[rows] = np.bincount(places.ravel(), minlength=bits.size).reshape(bits.shape)
    return counts


def coin_flips(units: int, seed: int, numbers: range) -> NDArray[np.float32]:
    """(len(numbers), units) of 0 and 1, each with probability one half."""
    flips = np.empty((len(numbers), units), dtype=np.float32)
    for rows, bits in _rows_of_bits(units, seed, "flip", numbers):
        flips[rows] = bits >> np.uint32(31)
    return flips


def _rows_of_bits(units: int, seed: int, purpose: str, numbers: range) -> Iterator[tuple[slice, NDArray[np.uint32]]]:
    """For consecutive rows of the result, 32 random bits for each unit. One generator makes a block of resamples, whose size depends
    on the number of units alone; a block that is wanted in part is made whole."""
    block = max(1, BITS_AT_ONCE // max(units, 1))
    for index in range(numbers.start // block, (numbers.stop + block - 1) // block):
        first, last = max(numbers.start, index * block), min(numbers.stop, (index + 1) * block)
        bits = _bits(seed, purpose, index, block * units).reshape(block, units)
        yield slice(first - numbers.start, last - numbers.start), bits[first - index * block : last - index * block]


def drawn_places(places: int, seed: int, purpose: str, samples: int) -> NDArray[np.intp]:
    """(samples, places): draws of `places` out of as many, with replacement."""
    bits = _bits(seed, purpose, samples, samples * places).reshape(samples, places)
    return np.asarray((bits * (places / 2.0**32)).astype(np.intp))


def _bits(seed: int, purpose: str, number: int, count: int) -> NDArray[np.uint32]:
    raw = np.random.Philox(key=derive_seed(seed, purpose, number)).random_raw((count + 1) // 2)
    return np.asarray(raw).astype("<u8", copy=False).view("<u4")[:count]
