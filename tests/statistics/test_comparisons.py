"""Tests between two models, against SciPy, by hand, and by simulation."""

from collections.abc import Callable

import numpy as np
import pytest
from paired_data import ACCURACY, MACRO_F1, answers, identified, right_wrong, test_call
from scipy import stats

from benchc.compiler.catalog import CATALOG
from benchc.runtime.metrics.examples import ClassExamples, ValueExamples, take
from benchc.runtime.metrics.metric import MetricMisfitError
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.metrics.registry import METRICS
from benchc.runtime.statistics.comparison import TESTS, Comparison, compare
from benchc.runtime.statistics.corrections import adjust, alpha_alone, smallest_detectable
from benchc.runtime.statistics.estimate import Call
from benchc.runtime.statistics.mcnemar import majority
from benchc.runtime.statistics.method_notes import CORRECTIONS, SUMMARIES, method_note
from benchc.runtime.work import StepFailed

MSE = {"call": "mse"}


def compared(a: ClassExamples | ValueExamples, b: ClassExamples | ValueExamples, test: str, metric: Call) -> Comparison:
    return compare(metric, test_call(test), ([identified(a)], [identified(b)]), 0.95, 1)


def two_models(seed: int, n: int, first: float = 0.7, second: float = 0.7) -> tuple[ClassExamples, ClassExamples]:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 3, n)
    return answers(target, first, rng), answers(target, second, rng)


def test_catalog_and_registry_name_the_same_tests() -> None:
    assert set(TESTS) == set(CATALOG.families["comparison"])


def test_every_number_has_a_note() -> None:
    suites = CATALOG.families["suite_score"]
    for name in (*TESTS, *METRICS, *suites, *CORRECTIONS, *SUMMARIES, "Wilson score"):
        assert method_note(name) is not None
    assert method_note("nothing") is None


def test_difference_is_the_first_less_the_second() -> None:
    result = compared(right_wrong("1110"), right_wrong("1000"), "paired_bootstrap", ACCURACY)
    assert (result.value_a, result.value_b, result.difference) == (0.75, 0.25, 0.5)


@pytest.mark.parametrize("test", sorted(TESTS))
def test_swapping_sides_turns_the_sign_and_keeps_p(test: str) -> None:
    a, b = two_models(1, 80, 0.8, 0.6)
    there, back = compared(a, b, test, ACCURACY), compared(b, a, test, ACCURACY)
    assert there.difference == pytest.approx(-(back.difference or 0))
    assert there.p == pytest.approx(back.p)


@pytest.mark.parametrize("test", sorted(TESTS))
def test_equal_answers_are_no_difference(test: str) -> None:
    a, _ = two_models(2, 30)
    result = compared(a, a, test, ACCURACY)
    assert (result.difference, result.p) == (0.0, 1.0)
    assert result.standard_error is None


@pytest.mark.parametrize("test", sorted(TESTS))
def test_p_is_never_0(test: str) -> None:
    result = compared(right_wrong("1" * 400), right_wrong("0" * 400), test, ACCURACY)
    assert result.p is not None
    assert 0 < result.p < 0.01


def test_a_bootstrap_of_few_examples_claims_no_more_than_an_exact_test() -> None:
    """Five examples, all answered better by one side: every resample says the same, but chance does as much once in sixteen times."""
    few = compared(right_wrong("11111"), right_wrong("00000"), "paired_bootstrap", ACCURACY)
    assert few.p == pytest.approx(stats.binomtest(5, 5).pvalue)
    assert any("5 examples answered differently" in note for note in few.notes)
    many = compared(right_wrong("1" * 60), right_wrong("0" * 60), "paired_bootstrap", ACCURACY)
    assert many.p is not None
    assert many.p < 0.01
    assert not any("answered differently" in note for note in many.notes)


def test_mcnemar_of_few_discordant_examples_is_the_binomial_test() -> None:
    result = compared(right_wrong("1" * 12 + "0" * 3 + "1" * 20), right_wrong("0" * 12 + "1" * 3 + "1" * 20), "mcnemar", ACCURACY)
    assert result.p == pytest.approx(stats.binomtest(3, 15).pvalue)
    assert result.effect.value == pytest.approx(12 / 15 - 0.5)


def test_mcnemar_of_many_is_chi_square_with_continuity() -> None:
    result = compared(right_wrong("1" * 30 + "0" * 10), right_wrong("0" * 30 + "1" * 10), "mcnemar", ACCURACY)
    assert result.p == pytest.approx(stats.chi2.sf((30 - 10 - 1) ** 2 / 40, 1))


def test_majority_breaks_ties_for_the_earliest_seed() -> None:
    seeds = [np.array([0, 1, 2]), np.array([1, 1, 0]), np.array([1, 0, 1])]
    assert majority(seeds).tolist() == [1, 1, 2]


def test_exact_permutation_is_scipys() -> None:
    rng = np.random.default_rng(5)
    target = rng.normal(size=9)
    a, b = (ValueExamples(target, target + rng.normal(0, spread, 9)) for spread in (1.0, 1.5))
    ours = compared(a, b, "permutation", MSE)
    losses = ((a.prediction - target) ** 2, (b.prediction - target) ** 2)
    theirs = stats.permutation_test(
        losses, lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=np.inf, vectorized=False
    ).pvalue
    assert ours.p == pytest.approx(theirs)
    assert "exact" in ours.method


def test_permutation_swaps_only_what_differs() -> None:
    """Three discordant examples of a hundred: 8 swaps, of which all for and all against are as far."""
    result = compared(right_wrong("111" + "1" * 97), right_wrong("000" + "1" * 97), "permutation", ACCURACY)
    assert result.p == pytest.approx(2 / 8)


def test_random_permutation_nears_the_exact_test() -> None:
    """12 discordant examples of 2^12 swaps against 1000 random ones: p within 4 standard errors."""
    a, b = right_wrong("1" * 9 + "0" * 3), right_wrong("0" * 9 + "1" * 3)
    exact = compare(ACCURACY, test_call("permutation", samples=5000), ([identified(a)], [identified(b)]), 0.95, 1)
    random = compared(a, b, "permutation", ACCURACY)
    assert "exact" in exact.method
    assert "random" in random.method
    assert exact.p == pytest.approx(stats.binomtest(3, 12).pvalue)
    assert random.p == pytest.approx(exact.p, abs=4 * 0.011)


def test_paired_t_and_wilcoxon_are_scipys() -> None:
    rng = np.random.default_rng(6)
    target = rng.normal(size=40)
    a, b = (ValueExamples(target, target + rng.normal(0, spread, 40)) for spread in (1.0, 1.4))
    losses = ((a.prediction - target) ** 2, (b.prediction - target) ** 2)
    assert compared(a, b, "paired_t", MSE).p == pytest.approx(stats.ttest_rel(*losses).pvalue)
    assert compared(a, b, "wilcoxon", MSE).p == pytest.approx(stats.wilcoxon(*losses).pvalue)


@pytest.mark.parametrize("test", ["paired_t", "wilcoxon"])
def test_a_metric_that_is_no_mean_is_refused_by_tests_of_means(test: str) -> None:
    with pytest.raises(MetricMisfitError, match="no mean over examples"):
        compared(*two_models(3, 20), test, MACRO_F1)


def test_effect_of_a_mean_is_cohens_d_of_the_differences() -> None:
    """The bootstrap's standard error from 1000 resamples is exact to a few percent."""
    rng = np.random.default_rng(7)
    target = rng.normal(size=300)
    a, b = (ValueExamples(target, target + rng.normal(0, spread, 300)) for spread in (1.0, 1.4))
    differences = (a.prediction - target) ** 2 - (b.prediction - target) ** 2
    result = compared(a, b, "paired_bootstrap", MSE)
    assert result.effect.value == pytest.approx(differences.mean() / differences.std(ddof=1), rel=0.1)
    assert result.standard_error == pytest.approx(differences.std(ddof=1) / np.sqrt(300), rel=0.1)


def test_several_seeds_are_averaged_and_need_not_be_equally_many() -> None:
    sides = [identified(right_wrong(one)) for one in ("1110", "1100")], [identified(right_wrong("1000"))]
    for test in ("paired_bootstrap", "permutation"):
        result = compare(ACCURACY, test_call(test), sides, 0.95, 1)
        assert (result.value_a, result.value_b) == (0.625, 0.25)
        assert any("seeds are held fixed" in note for note in result.notes)


def test_drawing_seeds_again_widens_the_interval() -> None:
    rng = np.random.default_rng(8)
    target = rng.integers(0, 3, 300)
    unsteady = [identified(answers(target, accuracy, rng)) for accuracy in (0.5, 0.7, 0.9)]
    steady = [identified(answers(target, 0.7, rng))]
    fixed, drawn = (
        compare(ACCURACY, test_call("paired_bootstrap", seeds=seeds), (unsteady, steady), 0.95, 1) for seeds in ("fixed", "resample")
    )
    assert fixed.high is not None and fixed.low is not None and drawn.high is not None and drawn.low is not None  # noqa: PT018
    assert drawn.high - drawn.low > 1.5 * (fixed.high - fixed.low)


def test_equal_seeds_count_once() -> None:
    side = [identified(right_wrong("1110"))] * 3
    result = compare(ACCURACY, test_call("mcnemar"), (side, [identified(right_wrong("1000"))]), 0.95, 1)
    assert not any("majority" in note for note in result.notes)


def test_folds_are_put_together() -> None:
    a, b = two_models(9, 40, 0.8, 0.6)
    whole = compared(a, b, "mcnemar", ACCURACY)
    odd_even = [np.arange(0, 40, 2), np.arange(1, 40, 2)]
    sides = tuple([Predictions(identified(side).ids[rows], None, take(side, rows)) for rows in odd_even] for side in (a, b))
    assert compare(ACCURACY, test_call("mcnemar"), (sides[0], sides[1]), 0.95, 1) == whole


def test_rows_that_only_one_side_has_are_named() -> None:
    a, b = identified(right_wrong("1110")), identified(right_wrong("11"))
    with pytest.raises(StepFailed, match="2 only in the first, `r00002`, `r00003`"):
        compare(ACCURACY, test_call("mcnemar"), ([a], [b]), 0.95, 1)


def test_other_targets_are_named() -> None:
    a, b = right_wrong("11"), ClassExamples(("a", "b"), np.array([0, 1]), np.array([0, 0]))
    with pytest.raises(StepFailed, match="1 rows have different targets on the two sides, `r00001`"):
        compared(a, b, "mcnemar", ACCURACY)


def test_an_undefined_metric_gives_no_p() -> None:
    varied, constant = ValueExamples(np.arange(5.0), np.arange(5.0) ** 2), ValueExamples(np.arange(5.0), np.ones(5))
    result = compared(varied, constant, "permutation", {"call": "spearman"})
    assert (result.difference, result.p, result.value_b) == (None, None, None)
    assert result.value_a == pytest.approx(1.0)
    assert "the metric is undefined on a side" in result.notes


def test_groups_that_copy_one_example_count_as_one() -> None:
    """Ten discordant examples copied a hundredfold: with groups the exact test over 2^10 swaps, whatever the number of copies."""
    a, b = (np.repeat([int(one) for one in text], 100) for text in ("0000000111", "1111111000"))
    zeros, names = np.zeros(1000, dtype=np.int64), np.repeat([f"g{index}" for index in range(10)], 100)
    sides = [[identified(ClassExamples(("a", "b"), zeros, side), names)] for side in (a, b)]
    result = compare(ACCURACY, test_call("permutation", samples=2000), (sides[0], sides[1]), 0.95, 1)
    assert result.p == pytest.approx(stats.binomtest(3, 10).pvalue)
    t = compare(ACCURACY, test_call("paired_t"), (sides[0], sides[1]), 0.95, 1)
    assert t.p == pytest.approx(stats.ttest_1samp([1] * 7 + [-1] * 3, 0).pvalue)


@pytest.mark.parametrize("test", ["paired_bootstrap", "permutation", "mcnemar", "paired_t"])
def test_under_the_null_p_is_below_a_level_about_as_often_as_the_level(test: str) -> None:
    """300 pairs of equally good models on 120 examples: share of p <= 0.1 at most 0.1 + 3 standard errors. McNemar's test, exact or with
    continuity correction, is conservative by construction, so it has no lower bound here."""
    rejected = _share_rejected(lambda seed: compared_quickly(*two_models(seed, 120), test), 300)
    assert rejected <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 300)
    assert test == "mcnemar" or rejected >= 0.1 - 3 * np.sqrt(0.1 * 0.9 / 300)


@pytest.mark.parametrize("test", ["paired_bootstrap", "permutation"])
def test_macro_f1_is_calibrated_under_the_null_too(test: str) -> None:
    share = _share_rejected(lambda seed: compared_quickly(*two_models(seed, 120), test, MACRO_F1), 200)
    assert abs(share - 0.1) <= 3 * np.sqrt(0.1 * 0.9 / 200)


def test_intervals_of_differences_hold_the_truth_about_as_often_as_they_say() -> None:
    """Accuracies 0.8 and 0.7, 300 times on 150 examples: the 95% interval holds 0.1 in 92% to 98% of them."""
    results = [compared_quickly(*two_models(seed, 150, 0.8, 0.7), "paired_bootstrap") for seed in range(300)]
    held = [result.low is not None and result.high is not None and result.low <= 0.1 <= result.high for result in results]
    assert 0.92 <= np.mean(held) <= 0.98


def test_a_difference_of_the_smallest_detectable_size_is_found_four_times_of_five() -> None:
    """Accuracies 0.8 and 0.7 on 300 examples: where that is the detectable difference, power is near 0.80."""
    results = [compared_quickly(*two_models(seed, 300, 0.8, 0.7), "paired_bootstrap") for seed in range(150)]
    errors = [result.standard_error for result in results if result.standard_error is not None]
    detectable = np.mean([smallest_detectable(error, 0.05) for error in errors])
    power = np.mean([result.p is not None and result.p <= 0.05 for result in results])
    assert detectable == pytest.approx(0.1, rel=0.1)
    assert power == pytest.approx(0.8, abs=0.1)


def compared_quickly(a: ClassExamples, b: ClassExamples, test: str, metric: Call = ACCURACY) -> Comparison:
    return compare(metric, test_call(test, samples=200), ([identified(a)], [identified(b)]), 0.95, 1)


def _share_rejected(result: Callable[[int], Comparison], times: int) -> float:
    p = [result(seed).p for seed in range(times)]
    return float(np.mean([one is not None and one <= 0.1 for one in p]))


def test_corrections_by_hand_and_by_scipy() -> None:
    p = [0.01, 0.04, 0.03, 0.005]
    assert adjust("holm", p) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert adjust("bonferroni", p) == pytest.approx((0.04, 0.16, 0.12, 0.02))
    assert adjust("benjamini_hochberg", p) == pytest.approx(tuple(stats.false_discovery_control(p)))
    assert adjust("none", p) == tuple(p)


@pytest.mark.parametrize("correction", ["holm", "benjamini_hochberg", "bonferroni", "none"])
def test_an_undefined_p_stays_so_and_is_not_counted(correction: str) -> None:
    assert adjust(correction, [0.01, None]) == (0.01, None)
    assert adjust(correction, []) == ()
    assert all(p is not None and p <= 1.0 for p in adjust(correction, [0.9, 0.8, 0.7]))


def test_the_smallest_detectable_difference_has_a_power_of_four_fifths() -> None:
    """Power of a two-sided z test, less the far tail, which is below 1e-6 here."""
    detectable = smallest_detectable(0.02, 0.05)
    assert stats.norm.sf(stats.norm.ppf(0.975) - detectable / 0.02) == pytest.approx(0.80)


def test_the_only_finding_of_a_corrected_family_must_pass_a_share_of_alpha() -> None:
    for correction in ("holm", "benjamini_hochberg", "bonferroni", "none"):
        alone = alpha_alone(correction, 0.05, 4)
        just_found = adjust(correction, [alone * 0.999, 0.9, 0.9, 0.9])[0]
        just_missed = adjust(correction, [alone * 1.001, 0.9, 0.9, 0.9])[0]
        assert just_found is not None
        assert just_missed is not None
        assert just_found <= 0.05 < just_missed
