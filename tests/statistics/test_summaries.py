"""Numbers over seeds, folds and tasks."""

import math

import pytest
from scipy import stats

from benchc.runtime.statistics.intervals import Bounds
from benchc.runtime.statistics.over_seeds import over_folds, over_seeds
from benchc.runtime.statistics.suite_score import Part, geometric_mean, weighted_mean

SHARE = Bounds(0.0, 1.0)


def test_over_seeds_is_students_interval() -> None:
    values = [0.8, 0.82, 0.87]
    result = over_seeds(values, 0.95, SHARE)
    low, high = stats.t.interval(0.95, 2, loc=stats.tmean(values), scale=stats.sem(values))
    assert (result.mean, result.sd) == pytest.approx((0.83, stats.tstd(values)))
    assert (result.low, result.high) == pytest.approx((low, high))


def test_one_seed_has_a_mean_and_nothing_made_up() -> None:
    result = over_seeds([0.8], 0.95, SHARE)
    assert (result.mean, result.sd, result.low, result.high, result.n) == (0.8, None, None, None, 1)
    assert result.method == "one of the seeds: no interval"


def test_an_undefined_seed_makes_the_mean_undefined() -> None:
    result = over_seeds([0.8, None], 0.95, SHARE)
    assert (result.mean, result.n, result.method) == (None, 2, "undefined on 1 of 2 seeds")


def test_folds_say_that_they_share_rows() -> None:
    assert "share training rows" in over_folds([0.8, 0.9], 0.95, SHARE).method


def test_suite_weights_values_and_adds_squared_distances() -> None:
    parts = [Part(0.8, 0.7, 0.85), Part(0.6, 0.5, 0.7)]
    result = weighted_mean(parts, [3.0, 1.0])
    assert result.value == pytest.approx(0.75)
    assert result.low == pytest.approx(0.75 - math.hypot(0.75 * 0.1, 0.25 * 0.1))
    assert result.high == pytest.approx(0.75 + math.hypot(0.75 * 0.05, 0.25 * 0.1))


def test_a_suite_of_one_task_is_that_task() -> None:
    part = Part(0.8, 0.7, 0.9)
    for result in (weighted_mean([part], [2.0]), geometric_mean([part])):
        assert (result.value, result.low, result.high) == pytest.approx((0.8, 0.7, 0.9))


def test_geometric_mean_needs_values_above_0() -> None:
    assert geometric_mean([Part(0.2, 0.1, 0.3), Part(0.8, 0.7, 0.9)]).value == pytest.approx(0.4)
    assert geometric_mean([Part(0.0, 0.0, 0.1), Part(0.8, 0.7, 0.9)]).value is None
    without_interval = geometric_mean([Part(0.2, -0.1, 0.3), Part(0.8, 0.7, 0.9)])
    assert without_interval.value == pytest.approx(0.4)
    assert without_interval.low is None


def test_a_task_without_a_value_leaves_the_suite_without_one() -> None:
    for result in (weighted_mean([Part(None, None, None), Part(0.5, 0.4, 0.6)], [1, 1]), geometric_mean([Part(None, None, None)])):
        assert result.value is None
        assert result.method == "undefined: a task has no value"
    assert weighted_mean([Part(None, None, None), Part(0.5, 0.4, 0.6)], [0, 1]).value == 0.5
    assert weighted_mean([Part(0.5, 0.4, 0.6)], [0]).value is None
