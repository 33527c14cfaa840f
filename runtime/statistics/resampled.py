"""The paired bootstrap test."""

import numpy as np

from benchc.runtime.metrics.metric import Note
from benchc.runtime.statistics.pairing import movable_units, seed_pairs
from benchc.runtime.statistics.verdict import Question, Test, Verdict

ROUNDING = 1e-12  # differences that are equal on paper may differ by this in float64


def _paired_bootstrap(question: Question) -> Verdict:
    """Share of resamples whose difference lies at least as far from the observed one as that lies from 0. Undefined ones count as far.

    Few examples that all say the same give resamples that hardly vary, and so a p that is far too small: it is never told to be less
    than 2 / 2^k, the least that the swaps of the k examples answered differently could give.
    """
    deviation = np.abs(question.resampled - question.difference)
    far = int(np.count_nonzero(~(deviation < abs(question.difference) - ROUNDING)))
    noun = question.pairing.units.noun
    p, method = (far + 1) / (question.samples + 1), f"paired bootstrap, {question.samples} resamples of {noun}"
    different = len(movable_units(question.pairing, seed_pairs(question.pairing)))
    least = min(2.0 ** (1 - different), 1.0)
    if p >= least:
        return Verdict(p, method)
    return Verdict(least, method, notes=(f"p is held at that of an exact test of the {different} {noun} answered differently",))


PAIRED_BOOTSTRAP = Test(
    Note(
        "p = (1 + number of resamples with |d* - d| >= |d|) / (1 + resamples); d the difference of the metric, d* that on a resample "
        "of the examples, the same for both models; not below 2 / 2^k for k examples answered differently",
        "Efron and Tibshirani 1993, chapter 16; Berg-Kirkpatrick et al. 2012",
    ),
    _paired_bootstrap,
)
