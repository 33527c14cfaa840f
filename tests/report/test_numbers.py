"""How numbers are written."""

from math import inf, nan

import pytest

from benchc.runtime.report import numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.9314, "0.931"),
        (0.0, "0.000"),
        (-0.5, "−0.500"),
        (0.00049, "0.0005"),
        (0.0000321, "3e−05"),
        (9.9994, "9.999"),
        (12.345, "12.35"),
        (123.45, "123.5"),
        (1_234_567.0, "1,234,567"),
        (None, "–"),
        (nan, "–"),
        (inf, "–"),
    ],
)
def test_measures(value: float | None, written: str) -> None:
    assert numbers.measure(value) == written


@pytest.mark.parametrize(("value", "written"), [(0.079, "+0.079"), (-0.079, "−0.079"), (0.0, "0.000"), (None, "–")])
def test_differences_have_their_sign(value: float | None, written: str) -> None:
    assert numbers.difference(value) == written


@pytest.mark.parametrize(("value", "written"), [(0.00001, "< 0.001"), (0.0314, "0.031"), (0.314, "0.31"), (1.0, "1.00"), (None, "–")])
def test_p_values(value: float | None, written: str) -> None:
    assert numbers.p_value(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0001, "< 1 ms"),
        (0.25, "250 ms"),
        (12.34, "12.3 s"),
        (59.97, "1 min 00 s"),
        (75.2, "1 min 15 s"),
        (3661, "1 h 01 min"),
        (None, "–"),
    ],
)
def test_seconds(value: float | None, written: str) -> None:
    assert numbers.seconds(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0 B"), (1536, "1.5 KiB"), (512 * 2**20, "512 MiB"), (3 * 2**40, "3.0 TiB"), (None, "–")]
)
def test_memory(value: float | None, written: str) -> None:
    assert numbers.memory(value) == written


@pytest.mark.parametrize(("value", "written"), [(999, "999"), (22_713_606, "22.7 M"), (7e9, "7.0 G")])
def test_parameters(value: float, written: str) -> None:
    assert numbers.parameters(value) == written


@pytest.mark.parametrize(("value", "written"), [(0.5, "50.0%"), (1.0, "100.0%"), (0.9999, "99.9%"), (None, "–")])
def test_shares_below_one_are_not_rounded_to_all(value: float | None, written: str) -> None:
    assert numbers.share(value) == written


@pytest.mark.parametrize(
    ("value", "step", "written"), [(0.3, 0.1, "0.3"), (0.30000000000000004, 0.05, "0.30"), (-20, 10, "−20"), (2000, 500, "2,000")]
)
def test_ticks(value: float, step: float, written: str) -> None:
    assert numbers.tick(value, step) == written
