"""Random draws: the same for the same rows, whatever is computed together and in which order rows came."""

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from paired_data import MACRO_F1, answers

from benchc.runtime.metrics.predictions import read_predictions
from benchc.runtime.metrics.registry import metric_of
from benchc.runtime.statistics.bootstrap import bootstrap
from benchc.runtime.statistics.draws import coin_flips, drawn_counts, drawn_places
from benchc.runtime.statistics.estimate import Sampling, estimate
from benchc.runtime.statistics.units import single_units


def test_a_resample_depends_on_its_number_alone() -> None:
    together = drawn_counts(50, 7, range(10))
    assert np.array_equal(together[3:6], drawn_counts(50, 7, range(3, 6)))
    assert not np.array_equal(together[0], together[1])
    assert not np.array_equal(together, drawn_counts(50, 8, range(10)))


def test_known_draws_stay_as_they_are() -> None:
    """Written down once: another value on any machine or version of NumPy would change published intervals."""
    assert drawn_counts(8, 1, range(2)).tolist() == KNOWN_COUNTS
    assert coin_flips(8, 1, range(2)).tolist() == KNOWN_FLIPS


KNOWN_COUNTS = [[1, 0, 0, 0, 2, 0, 3, 2], [1, 1, 1, 0, 0, 0, 1, 4]]
KNOWN_FLIPS = [[1, 1, 1, 0, 0, 1, 1, 1], [1, 0, 0, 1, 1, 1, 1, 0]]


def test_draws_are_even() -> None:
    """20,000 resamples of 10 units: each unit comes once a resample on average, with variance 0.9 (multinomial), within 5 standard
    errors."""
    counts = drawn_counts(10, 0, range(20_000))
    assert (counts.sum(axis=1) == 10).all()
    np.testing.assert_allclose(counts.mean(axis=0), 1.0, atol=5 * 0.95 / np.sqrt(20_000))
    np.testing.assert_allclose(counts.var(axis=0), 0.9, atol=0.06)
    np.testing.assert_allclose(coin_flips(10, 0, range(20_000)).mean(axis=0), 0.5, atol=5 * 0.5 / np.sqrt(20_000))
    np.testing.assert_allclose(np.bincount(drawn_places(3, 0, "seeds", 20_000).ravel()) / 60_000, 1 / 3, atol=0.01)


def test_the_order_of_rows_in_the_file_changes_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    examples = answers(rng.integers(0, 3, 60), 0.7, rng)
    estimates = []
    for name, order in (("a", np.arange(60)), ("b", rng.permutation(60))):
        (tmp_path / name).mkdir()
        columns = {
            "id": [f"row {index}" for index in order],
            "target": [examples.labels[examples.target[index]] for index in order],
            "prediction": [examples.labels[examples.prediction[index]] for index in order],
        }
        table = pa.table(columns).replace_schema_metadata({"benchc.labels": '["a", "b", "c"]'})
        pq.write_table(table, tmp_path / name / "predictions.parquet")
        estimates.append(estimate(MACRO_F1, read_predictions(tmp_path / name), Sampling(0.95, 200, 1)))
    assert estimates[0] == estimates[1]


def test_ten_thousand_resamples_of_macro_f1_are_quick_and_small() -> None:
    """5,000 examples, three seeds on two sides: 2 seconds of processor time on idle cores; 10 here, since cores that others use spin.
    Memory below 300 MB."""
    rng = np.random.default_rng(0)
    sides = [answers(rng.integers(0, 6, 5000), 0.8, rng, labels=6) for _ in range(6)]
    statistics = [metric_of(MACRO_F1).statistic(examples, MACRO_F1) for examples in sides]
    tracemalloc.start()
    start = time.process_time()
    bootstrap(statistics, single_units(5000), 0, 10_000)
    seconds, (_, peak_bytes) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 10
    assert peak_bytes < 300e6
