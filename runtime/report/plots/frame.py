"""The axes that two-dimensional plots share.

In: two scales and names. Out: grid lines, ticks and axis names. Not here: the data.
"""

from dataclasses import dataclass

from markupsafe import Markup

from benchc.runtime.report.plots.scale import Scale
from benchc.runtime.report.plots.svg import line, text

LEFT, RIGHT, TOP, BOTTOM = 48.0, 12.0, 20.0, 38.0


@dataclass(frozen=True, slots=True)
class Size:
    width: float
    height: float


def across(size: Size) -> tuple[float, float]:
    """Start and end of the horizontal scale."""
    return LEFT, size.width - RIGHT


def upward(size: Size) -> tuple[float, float]:
    """Start and end of the vertical scale: small values at the bottom."""
    return size.height - BOTTOM, TOP


def frame(size: Size, x: Scale, y: Scale, x_name: str, y_name: str) -> list[Markup]:
    left, right = across(size)
    bottom = upward(size)[0]
    parts = [line(left, y(tick.value), right, y(tick.value), "grid") for tick in y.ticks(5)]
    parts += [text(left - 6, y(tick.value) + 4, tick.text, "end") for tick in y.ticks(5)]
    parts += [line(x(tick.value), bottom, x(tick.value), bottom + 4, "axis") for tick in x.ticks(5)]
    parts += [text(x(tick.value), bottom + 15, tick.text, "middle") for tick in x.ticks(5)]
    parts.append(line(left, bottom, right, bottom, "axis"))
    parts.append(text((left + right) / 2, size.height - 5, x_name, "middle", "axis-name"))
    if y_name:
        parts.append(text(4, 11, y_name, "start", "axis-name"))
    return parts
