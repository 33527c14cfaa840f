"""McNemar's test: of the examples that just one model gets right, does each get half?

Several seeds of a model are taken as one model that answers by majority; a tie goes to the earliest seed's answer among those tied.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special

from benchc.runtime.metrics.examples import ClassExamples, Examples, Indices, Truths
from benchc.runtime.metrics.metric import MetricMisfitError, Note
from benchc.runtime.statistics.verdict import Effect, Question, Test, Verdict

FEW = 25  # discordant examples below which the exact test is used


def _mcnemar(question: Question) -> Verdict:
    pairing = question.pairing
    a_right, b_right = _majority_right(pairing.a), _majority_right(pairing.b)
    only_a, only_b = int((a_right & ~b_right).sum()), int((b_right & ~a_right).sum())
    notes = [f"only the first is right on {only_a} examples, only the second on {only_b}"]
    if question.pairing.call["call"] != "accuracy":
        notes.append("the test asks whether the two are right equally often, whatever the metric")
    if len(pairing.a) > 1 or len(pairing.b) > 1:
        notes.append("each side answers by majority of its seeds")
    if pairing.units.grouped:
        notes.append("examples of one group are taken as independent")
    p, method = _p(only_a, only_b)
    return Verdict(p, method, _cohens_g(only_a, only_b), tuple(notes))


def _p(only_a: int, only_b: int) -> tuple[float, str]:
    discordant = only_a + only_b
    if discordant == 0:
        return 1.0, "McNemar, no discordant examples"
    if discordant < FEW:
        tail = float(special.bdtr(min(only_a, only_b), discordant, 0.5))
        return min(1.0, 2 * tail), "McNemar, exact binomial"
    statistic = max(0, abs(only_a - only_b) - 1) ** 2 / discordant
    return max(float(special.chdtrc(1, statistic)), float(np.finfo(np.float64).tiny)), "McNemar, chi-square with continuity correction"


def _cohens_g(only_a: int, only_b: int) -> Effect:
    discordant = only_a + only_b
    return Effect("Cohen's g", only_a / discordant - 0.5 if discordant else None)


def _majority_right(seeds: Sequence[Examples]) -> Truths:
    known = [examples for examples in seeds if isinstance(examples, ClassExamples)]
    if len(known) < len(seeds):
        raise MetricMisfitError("McNemar's test needs labels, the predictions hold numbers")
    return np.asarray(majority([examples.prediction for examples in known]) == known[0].target)


def majority(answers: Sequence[Indices]) -> Indices:
    """(n,) the most frequent answer to each example among seeds; of those tied, the one that the earliest seed gave."""
    stacked = np.stack(answers)
    votes = (stacked[:, None, :] == stacked[None, :, :]).sum(axis=1)
    return np.asarray(np.take_along_axis(stacked, votes.argmax(axis=0)[None, :], axis=0)[0])


MCNEMAR = Test(
    Note(
        f"b, c: examples that only one of the two gets right. Fewer than {FEW}: exact binomial with 1/2; else chi-square, 1 degree of "
        "freedom, of (|b - c| - 1)^2 / (b + c). Effect: Cohen's g = b / (b + c) - 1/2",
        "McNemar 1947; Edwards 1948; Cohen 1988",
    ),
    _mcnemar,
)
