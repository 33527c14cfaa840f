"""Every metric's value equals scikit-learn's or SciPy's on random data: many shapes, missing classes, ties.

Tolerance 1e-9 relative: both sides compute in float64, sums in another order.
"""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from benchc.compiler.catalog import CATALOG
from benchc.runtime.metrics.correlation import KENDALL
from benchc.runtime.metrics.examples import ClassExamples, ValueExamples
from benchc.runtime.metrics.registry import measure

LABELS = ("a", "b", "c", "d", "e")
QUICK = settings(deadline=None, max_examples=40)


def call(name: str, **settings: Any) -> dict[str, Any]:
    return {"call": name, **{key.name: key.default for key in CATALOG.entry("metric", name).keys}, **settings}


@st.composite
def answers(draw: st.DrawFn, least_labels: int = 2, most_labels: int = 5) -> ClassExamples:
    size = draw(st.integers(least_labels, most_labels))
    n = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    used = rng.choice(size, size=draw(st.integers(1, size)), replace=False)  # some labels may be nobody's target
    target = rng.choice(used, size=n)
    scores = rng.random((n, size)) + 0.01
    if draw(st.booleans()):
        scores = np.ceil(scores * 4)  # ties
    scores /= scores.sum(axis=1, keepdims=True)
    return ClassExamples(LABELS[:size], target, scores.argmax(axis=1), scores, True)


@st.composite
def numbers(draw: st.DrawFn) -> ValueExamples:
    n = draw(st.integers(2, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    target, noise = rng.normal(3, 2, n), rng.normal(0, draw(st.floats(0.1, 3)), n)
    prediction = target + noise
    if draw(st.booleans()):
        target, prediction = np.round(target), np.round(prediction)
    return ValueExamples(target, prediction)


def agree(ours: float | None, theirs: float) -> None:
    if ours is None:
        assert np.isnan(theirs)
    else:
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def quiet(function: Any, *arguments: Any, **settings: Any) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(function(*arguments, **settings))


@QUICK
@given(answers())
def test_accuracy_and_balanced_accuracy(examples: ClassExamples) -> None:
    agree(measure(call("accuracy"), examples), sk.accuracy_score(examples.target, examples.prediction))
    agree(measure(call("balanced_accuracy"), examples), quiet(sk.balanced_accuracy_score, examples.target, examples.prediction))


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
@QUICK
@given(examples=answers())
def test_averages_of_precision_recall_f1(average: str, examples: ClassExamples) -> None:
    for name, reference in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        agree(measure(call(name, average=average), examples), quiet(reference, examples.target, examples.prediction, average=average))


@QUICK
@given(answers())
def test_precision_recall_f1_of_one_label(examples: ClassExamples) -> None:
    for name, reference in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        for index, label in enumerate(examples.labels):
            theirs = reference(examples.target == index, examples.prediction == index, zero_division=np.nan)
            agree(measure(call(name, average="binary", positive=label), examples), theirs)


@QUICK
@given(answers())
def test_mcc_where_targets_vary(examples: ClassExamples) -> None:
    if len(np.unique(examples.target)) > 1:
        agree(measure(call("mcc"), examples), sk.matthews_corrcoef(examples.target, examples.prediction))


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@QUICK
@given(examples=answers())
def test_kappa(weights: str, examples: ClassExamples) -> None:
    if len(np.union1d(examples.target, examples.prediction)) > 1:
        labels = np.arange(len(examples.labels))
        named = None if weights == "none" else weights
        theirs = quiet(sk.cohen_kappa_score, examples.target, examples.prediction, labels=labels, weights=named)
        agree(measure(call("kappa", weights=weights), examples), theirs)


@QUICK
@given(answers(most_labels=2))
def test_ranking_of_two_labels(examples: ClassExamples) -> None:
    assert examples.scores is not None
    positive = examples.target == 1
    theirs = quiet(sk.roc_auc_score, positive, examples.scores[:, 1]) if len(np.unique(positive)) > 1 else float("nan")
    agree(measure(call("auroc"), examples), theirs)
    precision = sk.average_precision_score(positive, examples.scores[:, 1]) if positive.any() else float("nan")
    agree(measure(call("average_precision"), examples), precision)


@pytest.mark.parametrize("average", ["macro", "weighted"])
@QUICK
@given(examples=answers(least_labels=3))
def test_ranking_of_several_labels(average: str, examples: ClassExamples) -> None:
    assert examples.scores is not None
    present = np.unique(examples.target)
    if len(present) == len(examples.labels):
        for scheme in ("ovr", "ovo"):
            theirs = sk.roc_auc_score(examples.target, examples.scores, average=average, multi_class=scheme)
            agree(measure(call("auroc", average=average, multiclass=scheme), examples), theirs)
    indicator = examples.target[:, None] == present[None, :]
    precision = sk.average_precision_score(indicator, examples.scores[:, present], average=average)
    agree(measure(call("average_precision", average=average), examples), precision)


@QUICK
@given(answers())
def test_log_loss_and_brier(examples: ClassExamples) -> None:
    labels = np.arange(len(examples.labels))
    agree(measure(call("log_loss"), examples), sk.log_loss(examples.target, examples.scores, labels=labels))
    ours = measure(call("brier"), examples)
    assert examples.scores is not None
    if len(labels) == 2:
        agree(ours, sk.brier_score_loss(examples.target, examples.scores[:, 1], pos_label=1, labels=[0, 1]))
    else:
        indicator = examples.target[:, None] == labels
        agree(ours, float(np.square(examples.scores - indicator).sum(axis=1).mean()))


def test_brier_of_several_labels_is_scikit_learns_unhalved_score() -> None:
    scores = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]])
    examples = ClassExamples(("a", "b", "c"), np.array([0, 2, 0]), scores.argmax(axis=1), scores, True)
    try:
        theirs = sk.brier_score_loss(examples.target, scores, labels=[0, 1, 2], scale_by_half=False)
    except TypeError:
        theirs = (0.14 + 0.06 + 0.74) / 3  # scikit-learn before 1.7 has no Brier score of several labels: by hand
    agree(measure(call("brier"), examples), theirs)


@QUICK
@given(answers(), st.integers(1, 20))
def test_ece_of_equal_width_by_its_definition(examples: ClassExamples, bins: int) -> None:
    assert examples.scores is not None
    confidence = examples.scores[np.arange(examples.count), examples.prediction]
    total = 0.0
    for index in range(bins):
        inside = [i for i, c in enumerate(confidence) if index < np.ceil(c * bins) <= index + 1]
        if inside:
            total += abs(sum(examples.correct[i] - confidence[i] for i in inside)) / examples.count
    agree(measure(call("ece", bins=bins), examples), total)


@QUICK
@given(numbers())
def test_correlations(examples: ValueExamples) -> None:
    x, y = examples.prediction, examples.target
    for name, reference in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr), ("kendall", stats.kendalltau)):
        agree(measure(call(name), examples), quiet(lambda x, y, of=reference: of(x, y).statistic, x, y))


@QUICK
@given(numbers())
def test_errors(examples: ValueExamples) -> None:
    x, y = examples.target, examples.prediction
    agree(measure(call("mse"), examples), sk.mean_squared_error(x, y))
    agree(measure(call("rmse"), examples), sk.root_mean_squared_error(x, y))
    agree(measure(call("mae"), examples), sk.mean_absolute_error(x, y))
    agree(measure(call("r2"), examples), sk.r2_score(x, y) if np.ptp(x) > 0 else float("nan"))


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32))
def test_many_labels_count_like_few(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = tuple(str(index) for index in range(300))
    examples = ClassExamples(labels, rng.integers(0, 300, 2000), rng.integers(0, 300, 2000))
    agree(measure(call("f1"), examples), quiet(sk.f1_score, examples.target, examples.prediction, average="macro"))
    agree(measure(call("mcc"), examples), sk.matthews_corrcoef(examples.target, examples.prediction))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32), st.integers(3, 70), st.integers(1, 12))
def test_kendall_of_resamples_is_scipys_of_the_examples_written_out(seed: int, count: int, distinct: int) -> None:
    rng = np.random.default_rng(seed)
    examples = ValueExamples(rng.integers(0, distinct + 1, count) / 7, rng.integers(0, distinct + 1, count) / 3)
    weights = rng.multinomial(count, [1 / count] * count, size=4).astype(np.float32)
    found = KENDALL.statistic(examples, {})(weights)
    for value, row in zip(found, weights.astype(int), strict=True):
        written_out = np.repeat(examples.prediction, row), np.repeat(examples.target, row)
        agree(
            None if np.isnan(value) else float(value),
            quiet(lambda x, y: stats.kendalltau(x, y, method="asymptotic").statistic, *written_out),
        )
