"""Plots are made of numbers alone, are the same each time, and stand without data."""

from math import nan

import pytest
from markupsafe import Markup

from benchc.runtime.report.plots.bars import histogram
from benchc.runtime.report.plots.lines import Series, line_plot, thinned
from benchc.runtime.report.plots.reliability import Bin, reliability_plot
from benchc.runtime.report.plots.scale import Scale, fitted, focus
from benchc.runtime.report.plots.scatter import Point, agreement_plot, cost_plot
from benchc.runtime.report.plots.strips import StripMarks, strip
from benchc.runtime.report.plots.svg import element, text


def test_text_in_a_plot_is_escaped() -> None:
    assert text(1, 2, "<script>") == Markup('<text x="1" y="2" text-anchor="start" class="tick">&lt;script&gt;</text>')
    assert element("g", aria_label='"><script>') == Markup('<g aria-label="&#34;&gt;&lt;script&gt;"></g>')


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.83, 0.97, ["0.85", "0.90", "0.95"]),
        (-0.8, 0.15, ["−0.8", "−0.6", "−0.4", "−0.2", "0.0"]),
        (0.0, 4927.0, ["0", "1,000", "2,000", "3,000", "4,000"]),
    ],
)
def test_ticks_are_round(low: float, high: float, ticks: list[str]) -> None:
    assert [tick.text for tick in Scale(low, high, 0, 100).ticks(5)] == ticks


def test_logarithmic_ticks_lie_in_range() -> None:
    scale = Scale(0.004, 900, 0, 100, log=True)
    assert [tick.text for tick in scale.ticks(5)] == ["0.01", "0.1", "1", "10", "100"]
    assert scale(0.004) == pytest.approx(0)
    assert scale(900) == pytest.approx(100)


def test_a_scale_needs_a_value() -> None:
    assert fitted([None, nan], 0, 100) is None
    assert fitted([], 0, 100) is None


def test_one_value_stands_in_the_middle() -> None:
    scale = fitted([0.5], 0, 100)
    assert scale is not None
    assert scale(0.5) == pytest.approx(50)


@pytest.mark.parametrize(
    ("values", "inside"),
    [
        ([0.93, 0.85, 0.07], [True, True, False]),
        ([0.93, 0.85, 0.60], [True, True, True]),
        ([0.93, 0.07], [True, True]),
        ([0.93, 0.92, 0.07, 0.07], [True, True, True, True]),
        ([0.93, None, 0.92, 0.07], [True, True, True, False]),
    ],
)
def test_one_far_outlier_may_lie_outside(values: list[float | None], inside: list[bool]) -> None:
    assert focus(values) == inside


def test_a_value_outside_the_scale_is_an_arrow() -> None:
    drawn = strip(Scale(0.8, 1.0, 3, 97), StripMarks(0.1, 0.05, 0.15), ())
    assert "◀" in drawn
    assert "circle" not in drawn


def test_plots_without_data_are_nothing() -> None:
    assert line_plot([Series("seed 1", ((1, nan),))], "step", "", "") is None
    assert agreement_plot([], "target", "prediction", "") is None
    assert cost_plot([], "s", "f1", "") is None
    assert histogram([0, 1], [0], "x", "y", "") is None
    assert reliability_plot([Bin(0.5, 0.5, 0)], "") is None


def test_cost_of_nothing_keeps_the_axis_linear() -> None:
    drawn = cost_plot([Point(0.0, 0.5), Point(100.0, 0.9)], "seconds", "f1", "")
    assert drawn is not None
    assert "logarithmic" not in drawn


def test_long_curves_keep_their_ends() -> None:
    points = [(float(at), 1.0) for at in range(1001)]
    kept = thinned(points, 100)
    assert len(kept) <= 102
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert thinned([], 100) == ()
