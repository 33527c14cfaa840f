"""What every registered metric must satisfy, whatever it measures."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import Choice, MetricFacts
from benchc.runtime.metrics.examples import ClassExamples, Examples, ValueExamples, concatenate, take
from benchc.runtime.metrics.metric import Weights
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.metrics.registry import METRICS, measure, metric_of
from benchc.runtime.statistics.diagnostics import as_json
from benchc.runtime.statistics.estimate import Sampling, estimate

LABELS = ("a", "b", "c")


def calls() -> Iterator[dict[str, Any]]:
    """Each metric with its defaults, and with every choice of every key."""
    for name, entry in CATALOG.families["metric"].items():
        plain = {"call": name, **{key.name: key.default for key in entry.keys}}
        yield plain
        for key in entry.keys:
            for choice in key.type.names if isinstance(key.type, Choice) else ():
                if choice not in (key.default, "none"):
                    yield {**plain, key.name: choice, **({"positive": "b"} if choice == "binary" else {})}


EVERY = pytest.mark.parametrize(
    "call", list(calls()), ids=lambda call: " ".join(str(value) for value in call.values() if value is not None)
)


def facts(call: dict[str, Any]) -> MetricFacts:
    found = CATALOG.entry("metric", call["call"]).facts
    assert isinstance(found, MetricFacts)
    return found


def examples_for(call: dict[str, Any], seed: int, n: int = 40) -> Examples:
    rng = np.random.default_rng(seed)
    if "regression" in facts(call).tasks:
        values = np.round(rng.normal(0, 2, n), 1)
        return ValueExamples(values, np.round(values + rng.normal(0, 1, n), 1))
    target = rng.integers(0, 3, n)
    scores = np.round(rng.random((n, 3)) + 0.1, 1)
    scores[np.arange(n), target] += 0.4
    scores /= scores.sum(axis=1, keepdims=True)
    return ClassExamples(LABELS, target, scores.argmax(axis=1), scores, True)


def predictions_for(call: dict[str, Any], seed: int, n: int = 40, groups: bool = False) -> Predictions:
    ids = np.array([f"row {index:04}" for index in range(n)], dtype=object)
    names = np.array([f"g{index % 8}" for index in range(n)])
    return Predictions(ids, names if groups else None, examples_for(call, seed, n))


def test_catalog_and_registry_name_the_same_metrics() -> None:
    assert set(METRICS) == set(CATALOG.families["metric"])


@EVERY
def test_order_does_not_matter(call: dict[str, Any]) -> None:
    examples = examples_for(call, 1)
    shuffled = take(examples, np.random.default_rng(2).permutation(examples.count))
    assert measure(call, shuffled) == pytest.approx(measure(call, examples), rel=1e-12, abs=1e-13)


@EVERY
def test_every_example_twice_gives_the_same_value(call: dict[str, Any]) -> None:
    examples = examples_for(call, 1)
    assert measure(call, concatenate(examples, examples)) == pytest.approx(measure(call, examples), rel=1e-12, abs=1e-13)


@EVERY
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_value_lies_in_the_range_that_the_catalog_gives(call: dict[str, Any], seed: int) -> None:
    value, known = measure(call, examples_for(call, seed)), facts(call)
    assert value is not None
    assert known.low is None or value >= known.low
    assert known.high is None or value <= known.high


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_batch_of_resamples_equals_a_loop_over_drawn_examples(call: dict[str, Any], dtype: type) -> None:
    if call.get("scheme") or call["call"] == "ece":
        pytest.skip("bins of calibration are those of the whole data, by definition")
    examples = examples_for(call, 3)
    drawn = np.random.default_rng(4).integers(0, examples.count, (12, examples.count))
    weights: Weights = np.stack([np.bincount(rows, minlength=examples.count) for rows in drawn]).astype(dtype)
    batch = metric_of(call).statistic(examples, call)(weights)
    loop = [measure(call, take(examples, rows)) for rows in drawn]
    np.testing.assert_allclose(batch, [np.nan if one is None else one for one in loop], rtol=1e-6, atol=1e-9)


@EVERY
def test_sums_do_not_depend_on_how_many_resamples_are_multiplied_at_once(call: dict[str, Any]) -> None:
    """To the last bit: BLAS adds in another order for other shapes and numbers of threads."""
    examples = examples_for(call, 10, 700)
    weights: Weights = np.random.default_rng(11).integers(0, 3, (9, 700)).astype(np.float32)
    statistic = metric_of(call).statistic(examples, call)
    one_by_one = [statistic(weights[row : row + 1])[0] for row in range(9)]
    assert statistic(weights).tolist() == one_by_one


@EVERY
def test_weights_of_a_resample_of_one_example_never_raise(call: dict[str, Any]) -> None:
    examples = examples_for(call, 5)
    weights: Weights = np.zeros((1, examples.count), dtype=np.float32)
    weights[0, 3] = examples.count
    value = metric_of(call).statistic(examples, call)(weights)
    assert value.shape == (1,)
    assert np.isfinite(value[0]) or np.isnan(value[0])


@EVERY
@pytest.mark.parametrize("groups", [False, True])
def test_interval_holds_the_value_and_is_json(call: dict[str, Any], groups: bool) -> None:
    made = estimate(call, predictions_for(call, 6, groups=groups), Sampling(0.95, 200, 7))
    assert made.value is not None
    assert made.low is not None
    assert made.high is not None
    assert made.low <= made.value <= made.high
    assert made.method
    assert ("groups" in made.method) == groups
    assert json.loads(json.dumps(as_json(made), allow_nan=False))["value"] == made.value


@EVERY
def test_a_wider_confidence_gives_a_wider_interval(call: dict[str, Any]) -> None:
    predictions = predictions_for(call, 8)
    narrow, wide = (estimate(call, predictions, Sampling(level, 300, 1)) for level in (0.8, 0.99))
    assert narrow.low is not None
    assert wide.low is not None
    assert wide.low <= narrow.low


@EVERY
def test_the_note_tells_formula_and_source(call: dict[str, Any]) -> None:
    note = metric_of(call).note
    assert note.formula
    assert note.source


@EVERY
def test_per_example_numbers_have_the_value_as_their_mean(call: dict[str, Any]) -> None:
    examples = examples_for(call, 9)
    losses = metric_of(call).per_example(examples, call)
    assert (losses is not None) == facts(call).mean_over_examples
    if losses is not None:
        assert float(losses.mean()) == pytest.approx(measure(call, examples))
