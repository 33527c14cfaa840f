"""Division of rows into parts of given shares.

In: a random rank for each row, shares, and where asked a stratum or a group for each row. Out: the part of each row.

Sizes are exact: the shares of all rows by largest remainder, and each stratum's part within one row of its own share. Which rows of a
stratum go where is decided by their ranks alone, so a new row moves only the few rows at the boundaries. Groups stay whole: sizes are
then as near as groups in random order come to them.
"""

from collections.abc import Sequence

import numpy as np

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
Ranks = np.ndarray[tuple[int], np.dtype[np.uint64]]


def largest_remainder(count: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that add up to `count`, each within one of its share; ties go to the earlier part."""
    exact = [_near_whole(count * share) for share in shares]
    sizes = [int(value) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda part: (sizes[part] - exact[part], part))
    for part in by_remainder[: count - sum(sizes)]:
        sizes[part] += 1
    return sizes


def divide(ranks: Ranks, shares: Sequence[float], strata: Numbers) -> Numbers:
    """The part of each row. `strata`: a number from 0 for each row, all 0 where nothing is stratified."""
    counts = np.bincount(strata, minlength=1)
    sizes = stratum_sizes(counts.tolist(), shares)
    order = np.lexsort((ranks, strata))
    parts = np.repeat(np.tile(np.arange(len(shares)), len(counts)), np.array(sizes).ravel())
    divided = np.empty(len(ranks), dtype=np.int64)
    divided[order] = parts
    return divided


def stratum_sizes(counts: Sequence[int], shares: Sequence[float]) -> list[list[int]]:
    """For each stratum the size of each part: rows add up to the strata, columns to the exact sizes of the parts.

    Every size starts as the whole part of its share; the rows left over go, by largest remainder, where both a stratum and a part lack one.
    """
    exact = [[_near_whole(count * share) for share in shares] for count in counts]
    sizes = [[int(value) for value in row] for row in exact]
    row_need = [count - sum(row) for count, row in zip(counts, sizes, strict=True)]
    part_need = [total - sum(row[part] for row in sizes) for part, total in enumerate(largest_remainder(sum(counts), shares))]
    remainders = [(sizes[row][part] - value, row, part) for row, values in enumerate(exact) for part, value in enumerate(values)]
    for _, row, part in sorted(remainders):
        if row_need[row] > 0 and part_need[part] > 0:
            sizes[row][part] += 1
            row_need[row] -= 1
            part_need[part] -= 1
    for row, need in enumerate(row_need):  # seldom: what a part still lacks comes from a stratum that gave it one already
        for _ in range(need):
            part = max(range(len(shares)), key=lambda part: part_need[part])
            sizes[row][part] += 1
            part_need[part] -= 1
    return sizes


def divide_groups(ranks: Ranks, shares: Sequence[float], strata: Numbers, groups: Numbers) -> Numbers:
    """The part of each row, groups kept whole. `ranks` is one for each group, `groups` a number from 0 for each row.

    Groups come in the order of their ranks. Each goes to the part that lacks most of what the group brings, relative to that part's
    own size, among those that it brings nearer to their size; the first part wins a tie.
    """
    counts = np.zeros((len(ranks), int(strata.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(counts, (groups, strata), 1)
    targets = np.outer(np.array(shares), counts.sum(axis=0))
    need = targets.copy()
    chosen = np.empty(len(ranks), dtype=np.int64)
    for group in np.argsort(ranks, kind="stable"):
        part = _part_for(counts[group], need, targets)
        chosen[group] = part
        need[part] -= counts[group]
    return chosen[groups]


def _part_for(
    brings: Numbers, need: np.ndarray[tuple[int, int], np.dtype[np.float64]], targets: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> int:
    lacking = need.sum(axis=1)
    relative = (need / np.maximum(targets, 1e-9)) @ brings
    nearer = (2 * lacking >= brings.sum()) & (targets.sum(axis=1) > 0)
    candidates = np.where(nearer, relative, -np.inf) if nearer.any() else lacking
    return int(np.argmax(candidates))


def _near_whole(value: float) -> float:
    """A value without the error of binary fractions: 0.1 of 30 is 3."""
    whole = round(value)
    return float(whole) if abs(value - whole) < 1e-6 else value
