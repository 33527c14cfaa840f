"""The paired bootstrap test."""

import numpy as np

from benchc.runtime.metrics.metric import Note
from benchc.runtime.statistics.verdict import Question, Test, Verdict

ROUNDING = 1e-12  # differences that are equal on paper may differ by this in float64


def _paired_bootstrap(question: Question) -> Verdict:
    """Share of resamples whose difference lies at least as far from the observed one as that lies from 0. Undefined ones count as far."""
    deviation = np.abs(question.resampled - question.difference)
    far = int(np.count_nonzero(~(deviation < abs(question.difference) - ROUNDING)))
    noun = question.pairing.units.noun
    return Verdict((far + 1) / (question.samples + 1), f"paired bootstrap, {question.samples} resamples of {noun}")


PAIRED_BOOTSTRAP = Test(
    Note(
        "p = (1 + number of resamples with |d* - d| >= |d|) / (1 + resamples); d the difference of the metric, d* that on a resample "
        "of the examples, the same for both models",
        "Efron and Tibshirani 1993, chapter 16; Berg-Kirkpatrick et al. 2012",
    ),
    _paired_bootstrap,
)
