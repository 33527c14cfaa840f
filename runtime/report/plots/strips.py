"""One row of a dot-and-interval plot, and the axis below such rows.

In: a scale from values to per cent of the width, and what the row shows. Out: SVG whose places are percentages, so that it is as wide
as its container and its text keeps its size. Not here: the row's name and its numbers, which are text of the page beside it.
"""

from dataclasses import dataclass

from markupsafe import Markup

from benchc.runtime.report.plots.scale import Scale, Tick
from benchc.runtime.report.plots.svg import circle, element, line, text

HEIGHT = 24
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
    lines = [line(scale.percent(tick.value), 0, scale.percent(tick.value), "100%", "grid") for tick in ticks]
    if zero is not None:
        lines.append(line(scale.percent(zero), 0, scale.percent(zero), "100%", "zero"))
    # An inner drawing whose middle line is y = 0: the row is as high as its name needs.
    drawn = element("svg", *_marks(scale, marks), y="50%", width="100%", overflow="visible")
    return element("svg", *lines, drawn, class_="strip", width="100%", height=HEIGHT, aria_hidden="true", focusable="false")


def strip_axis(scale: Scale, ticks: tuple[Tick, ...], zero: float | None = None) -> Markup:
    places = [*ticks] if zero is None or any(tick.value == zero for tick in ticks) else [*ticks, Tick(zero, "0")]
    parts = [line(scale.percent(tick.value), 0, scale.percent(tick.value), 5, "axis") for tick in places]
    parts += [text(scale.percent(tick.value), 17, tick.text, "middle") for tick in places]
    parts.append(line("0%", 0, "100%", 0, "axis"))
    return element("svg", *parts, class_="strip axis-row", width="100%", height=20, aria_hidden="true", focusable="false")


def _marks(scale: Scale, marks: StripMarks) -> list[Markup]:
    if marks.centre is not None and not scale.low <= marks.centre <= scale.high:
        return [_arrow(scale, marks.centre)]
    whisker = [] if marks.low is None or marks.high is None else _whisker(scale, marks.low, marks.high, marks.tone)
    dots = [circle(scale.percent(dot), 0, 2.5, "observation") for dot in marks.dots]
    centre = [] if marks.centre is None else [circle(scale.percent(marks.centre), 0, 5, f"dot {marks.tone}")]
    return [*whisker, *dots, *centre]


def _arrow(scale: Scale, value: float) -> Markup:
    """At the edge behind which the value lies."""
    below = value < scale.low
    return text("0%" if below else "100%", 4, "◀" if below else "▶", "start" if below else "end", "outside")


def _whisker(scale: Scale, low: float, high: float, tone: str) -> list[Markup]:
    name = f"whisker {tone}"
    return [
        line(scale.percent(a), y1, scale.percent(b), y2, name)
        for a, y1, b, y2 in ((low, 0, high, 0), (low, -4, low, 4), (high, -4, high, 4))
    ]
