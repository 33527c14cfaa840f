"""The answer that most samples of an example give (Wang et al. 2023, self-consistency)."""

from collections import Counter
from collections.abc import Sequence


def vote(answers: Sequence[str | None]) -> str | None:
    """The most frequent answer, the one that came first of equals; None when there is none at all."""
    counts = Counter(answer for answer in answers if answer is not None)
    return max(counts, key=counts.__getitem__, default=None)
