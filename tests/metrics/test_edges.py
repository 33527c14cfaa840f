"""What metrics say where their formula divides by nothing: no value and a note, or a convention and a note."""

from typing import Any

import numpy as np
import pytest
from made_examples import Case, call, cases, examples_for

from benchc.runtime.metrics.examples import ClassExamples, Examples, ValueExamples, take
from benchc.runtime.metrics.metric import MetricMisfitError
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.metrics.registry import measure, metric_of
from benchc.runtime.statistics.estimate import Sampling, estimate


def answers(target: str, prediction: str, labels: str = "ab") -> ClassExamples:
    """One letter an example. The answer has probability 0.8."""
    chosen = np.array([labels.index(one) for one in prediction], dtype=np.int64)
    scores = np.full((len(prediction), len(labels)), 0.2 / (len(labels) - 1))
    scores[np.arange(len(prediction)), chosen] = 0.8
    return ClassExamples(tuple(labels), np.array([labels.index(one) for one in target], dtype=np.int64), chosen, scores, True)


def check(metric: dict[str, Any], examples: Examples, value: float | None, note: str) -> None:
    assert measure(metric, examples) == (None if value is None else pytest.approx(value))
    assert any(note in remark for remark in metric_of(metric).remarks(examples, metric)), metric_of(metric).remarks(examples, metric)


def test_precision_of_a_label_never_answered_is_undefined() -> None:
    check(call("precision", average="binary", positive="b"), answers("ab", "aa"), None, "never answered")


def test_recall_of_a_label_without_examples_is_undefined() -> None:
    check(call("recall", average="binary", positive="b"), answers("aa", "ab"), None, "target of no example")


def test_f1_of_a_label_that_is_nowhere_is_undefined() -> None:
    check(call("f1", average="binary", positive="b"), answers("aa", "aa"), None, "neither")


def test_in_an_average_a_label_never_answered_counts_as_0() -> None:
    check(call("precision"), answers("ab", "aa"), 0.25, "counts as 0")


def test_a_label_that_is_nowhere_leaves_the_average() -> None:
    check(call("f1"), answers("ab", "ab", "abc"), 1.0, "`c` is in neither")


def test_mcc_of_constant_answers_is_0_by_convention() -> None:
    check(call("mcc"), answers("abab", "aaaa"), 0.0, "by convention")


def test_mcc_and_kappa_of_one_class_are_undefined() -> None:
    check(call("mcc"), answers("aaa", "aaa"), None, "every target is `a`")
    check(call("kappa"), answers("aaa", "aaa"), None, "every target and every answer")


def test_auroc_of_one_class_is_undefined() -> None:
    check(call("auroc"), answers("aaa", "aba"), None, "undefined")
    check(call("auroc"), answers("aaa", "abc", "abc"), None, "every target is `a`")
    check(call("auroc", multiclass="ovo"), answers("aaa", "abc", "abc"), None, "every target is `a`")


def test_average_precision_without_a_positive_example_is_undefined() -> None:
    check(call("average_precision"), answers("aaa", "aba"), None, "target of no example")


def test_a_label_without_examples_leaves_the_ranking_average() -> None:
    check(call("auroc"), answers("abab", "abab", "abc"), 1.0, "`c` is the target of no example")


def test_log_loss_of_a_certain_mistake_is_large_and_finite() -> None:
    examples = ClassExamples(("a", "b"), np.array([0]), np.array([1]), np.array([[0.0, 1.0]]), True)
    check(call("log_loss"), examples, 36.04365338911715, "1 targets had a probability below")


@pytest.mark.parametrize("name", ["pearson", "spearman", "kendall"])
def test_correlation_with_a_constant_is_undefined(name: str) -> None:
    varied = np.array([0.1, 0.2, 0.4])
    check(call(name), ValueExamples(varied, np.full(3, 0.1)), None, "every prediction is 0.1")
    check(call(name), ValueExamples(np.full(3, 0.1), varied), None, "every target is 0.1")


def test_r2_of_constant_targets_is_undefined() -> None:
    check(call("r2"), ValueExamples(np.full(3, 0.1), np.array([1.0, 2, 3])), None, "every target is 0.1")


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_nothing_has_no_value(case: Case) -> None:
    assert measure(case.call, take(examples_for(case, 1), np.zeros(0, dtype=np.int64))) is None


def test_a_large_offset_costs_no_digits_of_a_correlation() -> None:
    x, y = np.array([1.0, 2, 3, 5]), np.array([2.0, 1, 4, 5])
    plain = measure(call("pearson"), ValueExamples(x, y))
    assert measure(call("pearson"), ValueExamples(x + 1e9, y)) == pytest.approx(plain, abs=1e-7)


def test_a_binary_metric_of_three_labels_asks_for_the_positive_one() -> None:
    with pytest.raises(MetricMisfitError, match="needs `positive`"):
        measure(call("f1", average="binary"), answers("abc", "abc", "abc"))
    with pytest.raises(MetricMisfitError, match="`positive` is `z`"):
        measure(call("f1", average="binary", positive="z"), answers("abc", "abc", "abc"))


def test_booleans_and_numbers_name_labels_by_their_text() -> None:
    truths = ClassExamples(("false", "true"), np.array([1, 0]), np.array([1, 1]))
    assert measure(call("recall", average="binary", positive=True), truths) == 1.0
    digits = ClassExamples(("1", "2"), np.array([1, 0]), np.array([0, 0]))
    assert measure(call("recall", average="binary", positive=1), digits) == 1.0


def test_a_metric_of_probabilities_refuses_labels_alone_and_scores() -> None:
    labels_alone = ClassExamples(("a", "b"), np.array([0]), np.array([0]))
    with pytest.raises(MetricMisfitError, match="labels alone"):
        measure(call("brier"), labels_alone)
    with pytest.raises(MetricMisfitError, match="gives scores"):
        measure(call("brier"), ClassExamples(("a", "b"), np.array([0]), np.array([0]), np.array([[3.0, -3.0]])))


def test_a_value_too_large_for_a_number_is_null_with_a_note() -> None:
    huge = ValueExamples(np.array([0.0, 1.0]), np.array([1e200, 0.0]))
    with np.errstate(over="ignore", invalid="ignore"):
        made = estimate(call("mse"), Predictions(np.array(["a", "b"], dtype=object), None, huge), Sampling(0.95, 100, 1))
    assert (made.value, made.low) == (None, None)
    assert made.notes == ("undefined: too large, or nothing to divide by",)
