"""Intervals against SciPy's, and what they say where there is none."""

import numpy as np
import pytest
from paired_data import ACCURACY, MACRO_F1, answers, identified
from scipy import stats
from sklearn.metrics import f1_score

from benchc.runtime.metrics.examples import ClassExamples, Floats, ValueExamples
from benchc.runtime.metrics.metric import Weights
from benchc.runtime.statistics.bootstrap import bootstrap, jackknife
from benchc.runtime.statistics.estimate import Sampling, estimate, estimate_all
from benchc.runtime.statistics.intervals import Bounds, bias_corrected, fisher_z, wilson
from benchc.runtime.statistics.units import single_units

USUAL = Sampling(0.95, 1000, 3)


@pytest.mark.parametrize(("successes", "trials"), [(0, 7), (3, 7), (7, 7), (499, 500), (1, 1)])
def test_wilson_is_scipys(successes: int, trials: int) -> None:
    theirs = stats.binomtest(successes, trials).proportion_ci(0.9, method="wilson")
    ours = wilson(successes, trials, 0.9)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_fisher_z_is_scipys() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=30)
    y = x + rng.normal(size=30)
    result = stats.pearsonr(x, y)
    theirs = result.confidence_interval(0.95)
    ours = fisher_z(float(result.statistic), 30, 0.95)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_bca_is_scipys_within_resampling_noise() -> None:
    """5000 resamples each: ends agree to a tenth of the interval's width."""
    values = np.random.default_rng(1).exponential(size=60)

    def spread(weights: Weights) -> Floats:
        total = weights.sum(axis=1)
        return np.asarray(weights @ values**2 / total - (weights @ values / total) ** 2)

    units = single_units(60)
    resamples, left_out = bootstrap([spread], units, 1, 5000)[:, 0], jackknife([spread], units)[:, 0]
    ours = bias_corrected(float(values.var()), resamples, left_out, 0.9)
    theirs = stats.bootstrap((values,), np.var, n_resamples=5000, confidence_level=0.9, rng=np.random.default_rng(2)).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=(theirs.high - theirs.low) / 10)
    assert ours.high == pytest.approx(theirs.high, abs=(theirs.high - theirs.low) / 10)


def test_methods_are_named() -> None:
    rng = np.random.default_rng(2)
    labelled = identified(answers(rng.integers(0, 3, 80), 0.7, rng))
    recall = {"call": "recall", "average": "binary", "positive": "a"}
    methods = [one.method for one in estimate_all([ACCURACY, recall, MACRO_F1], labelled, USUAL)]
    assert methods == ["Wilson score", "Wilson score", "BCa bootstrap, 1000 resamples"]
    values = identified(ValueExamples(rng.normal(size=20), rng.normal(size=20)))
    assert estimate({"call": "pearson"}, values, USUAL).method == "Fisher z"


def test_groups_are_drawn_as_wholes() -> None:
    """Twenty copies of each of 30 examples know no more than the 30: the interval by group is as wide as theirs alone."""
    rng = np.random.default_rng(3)
    few = answers(rng.integers(0, 3, 30), 0.7, rng)
    many = ClassExamples(few.labels, np.repeat(few.target, 20), np.repeat(few.prediction, 20))
    names = np.repeat([f"g{index:02}" for index in range(30)], 20)
    grouped, alone = (estimate(MACRO_F1, predictions, USUAL) for predictions in (identified(many, names), identified(few)))
    assert (grouped.low, grouped.high) == pytest.approx((alone.low, alone.high))
    assert grouped.method == "BCa bootstrap, 1000 resamples of 30 groups"


def test_a_share_is_bootstrapped_where_there_are_groups() -> None:
    rng = np.random.default_rng(3)
    names = np.repeat([f"g{index}" for index in range(10)], 4)
    assert "BCa" in estimate(ACCURACY, identified(answers(rng.integers(0, 3, 40), 0.7, rng), names), USUAL).method


def test_one_example_has_no_interval() -> None:
    made = estimate(ACCURACY, identified(ClassExamples(("a", "b"), np.array([0]), np.array([0]))), USUAL)
    assert (made.value, made.low, made.high) == (1.0, None, None)
    assert made.method == "none: one of the examples alone"


def test_a_perfect_score_of_few_examples_is_not_certain() -> None:
    """No resample has an error, but twenty right answers do not show that none is ever wrong."""
    target = np.array([0, 1] * 10)
    made = estimate(MACRO_F1, identified(ClassExamples(("a", "b"), target, target)), USUAL)
    expected = stats.binomtest(20, 20).proportion_ci(method="wilson")
    assert (made.low, made.high) == pytest.approx((expected.low, 1.0))
    assert made.method == "Wilson score of 20 examples that all say the same"


def test_undefined_resamples_are_counted() -> None:
    """One positive example in eight: about (7/8)^8 = 34% of resamples have none."""
    target, prediction = np.array([1] + [0] * 7), np.array([1, 1] + [0] * 6)
    made = estimate({"call": "mcc"}, identified(ClassExamples(("a", "b"), target, prediction)), USUAL)
    assert any("of 1000 resamples" in note for note in made.notes)


def test_intervals_of_macro_f1_hold_the_truth_about_as_often_as_they_say() -> None:
    """300 data sets of 150: the share of 95% intervals with the truth in it lies between 92% and 98% (4 standard errors are 5%)."""
    rng = np.random.default_rng(4)
    big = answers(rng.integers(0, 3, 2_000_000), 0.75, rng)
    truth = estimate_value(big)
    held = 0
    for number in range(300):
        made = estimate(MACRO_F1, identified(answers(rng.integers(0, 3, 150), 0.75, rng)), Sampling(0.95, 400, number))
        assert made.low is not None
        assert made.high is not None
        held += made.low <= truth <= made.high
    assert 0.92 <= held / 300 <= 0.98


def estimate_value(examples: ClassExamples) -> float:
    return float(f1_score(examples.target, examples.prediction, average="macro"))


def test_an_interval_holds_the_value_of_a_metric_that_resampling_biases() -> None:
    generator = np.random.default_rng(5)
    resamples = 0.03 + np.abs(generator.normal(0.04, 0.02, 1000))  # a calibration error: larger on every resample
    interval = bias_corrected(0.03, resamples, np.linspace(0.029, 0.031, 100), 0.95, Bounds(0.0, 1.0))
    assert interval.method == "percentile bootstrap centred on the value"
    assert interval.low == 0.0
    assert interval.high == pytest.approx(0.03 + 1.96 * 0.02, abs=0.01)
