"""One row of a dot-and-interval plot, and the axis below such rows.

In: a scale from values to per cent of the width, and what the row shows. Out: SVG whose places are percentages, so that it is as wide
as its container and its text keeps its size. Not here: the row's name and its numbers, which are text of the page beside it.
"""

from dataclasses import dataclass

from markupsafe import Markup

from benchc.runtime.report.plots.scale import Scale, Tick
from benchc.runtime.report.plots.svg import circle, element, line, text

HEIGHT = 24
MIDDLE = HEIGHT / 2
OUTSIDE = "An arrow: the value lies outside the scale."


@dataclass(frozen=True, slots=True)
class StripMarks:
    """`dots` are single observations (seeds, folds), drawn small; `centre` with its interval stands above them.
    `tone`: "lead" for what the eye should find, "plain" for the rest, "hollow" for what cannot be told from chance."""

    centre: float | None
    low: float | None
    high: float | None
    dots: tuple[float, ...] = ()
    tone: str = "plain"


def strip(scale: Scale, marks: StripMarks, ticks: tuple[Tick, ...], zero: float | None = None) -> Markup:
    parts = [line(scale.percent(tick.value), 0, scale.percent(tick.value), HEIGHT, "grid") for tick in ticks]
    if zero is not None:
        parts.append(line(scale.percent(zero), 0, scale.percent(zero), HEIGHT, "zero"))
    if marks.centre is not None and not scale.low <= marks.centre <= scale.high:
        return _row([*parts, _arrow(scale, marks.centre)])
    if marks.low is not None and marks.high is not None:
        parts += _whisker(scale, marks.low, marks.high, marks.tone)
    parts += [circle(scale.percent(dot), MIDDLE, 2.5, "observation") for dot in marks.dots]
    if marks.centre is not None:
        parts.append(circle(scale.percent(marks.centre), MIDDLE, 5, f"dot {marks.tone}"))
    return _row(parts)


def strip_axis(scale: Scale, ticks: tuple[Tick, ...], zero: float | None = None) -> Markup:
    places = [*ticks] if zero is None or any(tick.value == zero for tick in ticks) else [*ticks, Tick(zero, "0")]
    parts = [line(scale.percent(tick.value), 0, scale.percent(tick.value), 5, "axis") for tick in places]
    parts += [text(scale.percent(tick.value), 17, tick.text, "middle") for tick in places]
    parts.append(line("0%", 0, "100%", 0, "axis"))
    return element("svg", *parts, class_="strip axis-row", width="100%", height=20, aria_hidden="true", focusable="false")


def _row(parts: list[Markup]) -> Markup:
    return element("svg", *parts, class_="strip", width="100%", height=HEIGHT, aria_hidden="true", focusable="false")


def _arrow(scale: Scale, value: float) -> Markup:
    """At the edge behind which the value lies."""
    below = value < scale.low
    return text("0%" if below else "100%", MIDDLE + 4, "◀" if below else "▶", "start" if below else "end", "outside")


def _whisker(scale: Scale, low: float, high: float, tone: str) -> list[Markup]:
    return [
        line(scale.percent(low), MIDDLE, scale.percent(high), MIDDLE, f"whisker {tone}"),
        line(scale.percent(low), MIDDLE - 4, scale.percent(low), MIDDLE + 4, f"whisker {tone}"),
        line(scale.percent(high), MIDDLE - 4, scale.percent(high), MIDDLE + 4, f"whisker {tone}"),
    ]
