"""Names that may have been meant.

In: a word and the names that would fit. Out: at most a few near ones, nearest first. Near is an edit distance (insertions, deletions,
replacements, swaps of neighbours) of at most a third of the longer word's length, or a difference in case alone.
"""

from collections.abc import Iterable


def near(word: str, candidates: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The candidates near `word`, without `word` itself, by distance and then by name."""
    found = []
    for candidate in dict.fromkeys(candidates):
        limit = max(len(word), len(candidate)) // 3
        if candidate == word or abs(len(word) - len(candidate)) > limit:
            continue
        distance = 0 if candidate.lower() == word.lower() else edit_distance(word, candidate, limit)
        if distance <= limit:
            found.append((distance, candidate))
    return tuple(candidate for _, candidate in sorted(found)[:most])


def edit_distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance, `limit + 1` as soon as it is known to exceed `limit`."""
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        row = [i]
        for j, right in enumerate(b, start=1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                best = min(best, before_last[j - 2] + 1)
            row.append(best)
        if min(row) > limit and (not last or min(last) > limit):
            return limit + 1
        before_last, last = last, row
    return last[-1]
