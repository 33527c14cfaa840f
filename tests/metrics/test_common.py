"""What every registered metric must satisfy, whatever it measures."""

import json
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_examples import Case, cases, examples_for, facts

from benchc.compiler.catalog import CATALOG
from benchc.runtime.metrics.examples import concatenate, take
from benchc.runtime.metrics.metric import Weights
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.metrics.registry import METRICS, measure, metric_of
from benchc.runtime.statistics.diagnostics import as_json
from benchc.runtime.statistics.estimate import Sampling, estimate

ALL: Iterable[Case] = list(cases())
EVERY = pytest.mark.parametrize("case", ALL, ids=str)


def predictions_for(case: Case, seed: int, n: int = 40, groups: bool = False) -> Predictions:
    ids = np.array([f"row {index:04}" for index in range(n)], dtype=object)
    names = np.array([f"g{index % 8}" for index in range(n)])
    return Predictions(ids, names if groups else None, examples_for(case, seed, n))


def test_catalog_and_registry_name_the_same_metrics() -> None:
    assert set(METRICS) == set(CATALOG.families["metric"])


@EVERY
def test_order_does_not_matter(case: Case) -> None:
    examples = examples_for(case, 1)
    shuffled = take(examples, np.random.default_rng(2).permutation(examples.count))
    assert measure(case.call, shuffled) == pytest.approx(measure(case.call, examples), rel=1e-12, abs=1e-13)


@EVERY
def test_every_example_twice_gives_the_same_value(case: Case) -> None:
    if case.call.get("smooth") == "add_k":
        pytest.skip("adding 1 to the counts of a corpus matters less the larger it is, by definition")
    examples = examples_for(case, 1)
    assert measure(case.call, concatenate(examples, examples)) == pytest.approx(measure(case.call, examples), rel=1e-12, abs=1e-13)


@EVERY
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_value_lies_in_the_range_that_the_catalog_gives(case: Case, seed: int) -> None:
    value, known = measure(case.call, examples_for(case, seed)), facts(case.call["call"])
    assert value is not None
    assert known.low is None or value >= known.low
    assert known.high is None or value <= known.high


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_batch_of_resamples_equals_a_loop_over_drawn_examples(case: Case, dtype: type) -> None:
    if case.call["call"] == "ece":
        pytest.skip("bins of calibration are those of the whole data, by definition")
    examples = examples_for(case, 3)
    drawn = np.random.default_rng(4).integers(0, examples.count, (12, examples.count))
    weights: Weights = np.stack([np.bincount(rows, minlength=examples.count) for rows in drawn]).astype(dtype)
    batch = metric_of(case.call).statistic(examples, case.call)(weights)
    loop = [measure(case.call, take(examples, rows)) for rows in drawn]
    np.testing.assert_allclose(batch, [np.nan if one is None else one for one in loop], rtol=1e-6, atol=1e-9)


@EVERY
def test_sums_do_not_depend_on_how_many_resamples_are_multiplied_at_once(case: Case) -> None:
    """To the last bit: BLAS adds in another order for other shapes and numbers of threads."""
    examples = examples_for(case, 10, 700)
    weights: Weights = np.random.default_rng(11).integers(0, 3, (9, 700)).astype(np.float32)
    statistic = metric_of(case.call).statistic(examples, case.call)
    one_by_one = [statistic(weights[row : row + 1])[0] for row in range(9)]
    assert statistic(weights).tolist() == one_by_one


@EVERY
def test_weights_of_a_resample_of_one_example_never_raise(case: Case) -> None:
    examples = examples_for(case, 5)
    weights: Weights = np.zeros((1, examples.count), dtype=np.float32)
    weights[0, 3] = examples.count
    value = metric_of(case.call).statistic(examples, case.call)(weights)
    assert value.shape == (1,)
    assert np.isfinite(value[0]) or np.isnan(value[0])


@EVERY
@pytest.mark.parametrize("groups", [False, True])
def test_interval_holds_the_value_and_is_json(case: Case, groups: bool) -> None:
    made = estimate(case.call, predictions_for(case, 6, groups=groups), Sampling(0.95, 200, 7))
    assert made.value is not None
    assert made.low is not None
    assert made.high is not None
    assert made.low <= made.value <= made.high
    assert made.method
    assert ("groups" in made.method) == groups
    assert json.loads(json.dumps(as_json(made), allow_nan=False))["value"] == made.value


@EVERY
def test_a_wider_confidence_gives_a_wider_interval(case: Case) -> None:
    predictions = predictions_for(case, 8)
    narrow, wide = (estimate(case.call, predictions, Sampling(level, 300, 1)) for level in (0.8, 0.99))
    assert narrow.low is not None
    assert wide.low is not None
    assert wide.low <= narrow.low


@EVERY
def test_the_note_tells_formula_and_source(case: Case) -> None:
    note = metric_of(case.call).note
    assert note.formula
    assert note.source


@EVERY
def test_per_example_numbers_have_the_value_as_their_mean(case: Case) -> None:
    examples = examples_for(case, 9)
    losses = metric_of(case.call).per_example(examples, case.call)
    assert (losses is not None) == facts(case.call["call"]).mean_over_examples
    if losses is not None:
        assert float(losses.mean()) == pytest.approx(measure(case.call, examples))
