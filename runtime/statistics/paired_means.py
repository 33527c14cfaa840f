"""Tests for metrics that are means over examples: Student's paired t and Wilcoxon's signed ranks."""

import math

import numpy as np
from scipy import special, stats

from benchc.runtime.metrics.examples import Floats
from benchc.runtime.metrics.metric import MetricMisfitError, Note
from benchc.runtime.metrics.registry import metric_of
from benchc.runtime.statistics.pairing import Pairing
from benchc.runtime.statistics.verdict import Question, Test, Verdict

SMALLEST_P = float(np.finfo(np.float64).tiny)


def _paired_t(question: Question) -> Verdict:
    differences, units = _differences(question.pairing), question.pairing.units
    sizes = np.bincount(units.of, minlength=units.count)
    residuals = np.bincount(units.of, differences, units.count) - differences.mean() * sizes
    spread = float(np.square(residuals).sum()) * units.count / max(units.count - 1, 1)
    if spread == 0:
        return Verdict(1.0 if differences.mean() == 0 else SMALLEST_P, "paired t", notes=("all differences are equal",))
    t = abs(float(differences.sum())) / math.sqrt(spread)
    p = max(2 * float(special.stdtr(units.count - 1, -t)), SMALLEST_P)
    return Verdict(p, f"paired t, {units.count - 1} degrees of freedom, over {units.noun}")


def _wilcoxon(question: Question) -> Verdict:
    differences, units = _differences(question.pairing), question.pairing.units
    means = np.bincount(units.of, differences, units.count) / np.bincount(units.of, minlength=units.count)
    if not np.any(means):
        return Verdict(1.0, "Wilcoxon signed ranks", notes=("all differences are 0",))
    p = float(stats.wilcoxon(means, zero_method="wilcox").pvalue)
    return Verdict(max(p, SMALLEST_P), f"Wilcoxon signed ranks over {np.count_nonzero(means)} {units.noun} that differ")


def _differences(pairing: Pairing) -> Floats:
    """(n,) what each example adds to the metric of `a`, mean over seeds, less that of `b`."""
    metric = metric_of(pairing.call)
    sides = []
    for seeds in (pairing.a, pairing.b):
        losses = [metric.per_example(examples, pairing.call) for examples in seeds]
        known = [one for one in losses if one is not None]
        if len(known) < len(losses):
            raise MetricMisfitError(f"`{pairing.call['call']}` is no mean over examples; use permutation or paired_bootstrap")
        sides.append(np.mean(known, axis=0))
    return np.asarray(sides[0] - sides[1])


PAIRED_T = Test(
    Note(
        "t = mean(d) / standard error of mean(d), d the difference on each example; with groups the cluster-robust standard error",
        "Student 1908; groups: Liang and Zeger 1986",
    ),
    _paired_t,
)

WILCOXON = Test(
    Note("ranks of |d| summed by the sign of d, d the difference on each example (mean of a group); zeros left out", "Wilcoxon 1945"),
    _wilcoxon,
)
