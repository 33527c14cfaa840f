"""A reliability diagram: how often a model is right when it is as sure as it is.

In: bins of confidence. Out: SVG. Not here: the bins' choice, the expected calibration error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from benchc.runtime.report.plots.frame import Size, across, frame, upward
from benchc.runtime.report.plots.scale import Scale
from benchc.runtime.report.plots.svg import circle, line, picture

SIZE = Size(320, 300)


@dataclass(frozen=True, slots=True)
class Bin:
    confidence: float
    accuracy: float
    count: float


def reliability_plot(bins: Sequence[Bin], description: str) -> Markup | None:
    """Areas of the dots go with the counts; the thin line of each leads to where a calibrated model would stand."""
    filled = [one for one in bins if one.count > 0]
    if not filled:
        return None
    x = Scale(0.0, 1.0, *across(SIZE))
    y = Scale(0.0, 1.0, *upward(SIZE))
    most = max(one.count for one in filled)
    parts = frame(SIZE, x, y, "confidence", "accuracy")
    parts.append(line(x(0), y(0), x(1), y(1), "zero"))
    for one in filled:
        parts.append(line(x(one.confidence), y(one.confidence), x(one.confidence), y(one.accuracy), "whisker plain"))
    for one in filled:
        hint = f"confidence {one.confidence:.2f}, accuracy {one.accuracy:.2f}, {one.count:,.0f} examples"
        parts.append(circle(x(one.confidence), y(one.accuracy), 2.5 + 6 * sqrt(one.count / most), "dot lead see-through", hint))
    return picture(SIZE.width, SIZE.height, description, *parts)
