"""A histogram.

In: edges of the bins and their counts. Out: SVG. Not here: how bins are chosen.
"""

from collections.abc import Sequence

from markupsafe import Markup

from benchc.runtime.report.plots.frame import Size, across, frame, upward
from benchc.runtime.report.plots.scale import Scale, fitted
from benchc.runtime.report.plots.svg import element, line, picture

SIZE = Size(320, 300)


def histogram(edges: Sequence[float], counts: Sequence[float], x_name: str, y_name: str, description: str) -> Markup | None:
    """None unless there is one more edge than counts and something was counted. A line stands at zero where zero is in range."""
    x = fitted(edges, *across(SIZE))
    if x is None or len(edges) != len(counts) + 1 or not any(counts):
        return None
    y = Scale(0.0, max(counts) * 1.08, *upward(SIZE))
    parts = frame(SIZE, x, y, x_name, y_name)
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        top = y(count)
        parts.append(element("rect", x=x(low) + 0.5, y=top, width=max(x(high) - x(low) - 1, 0.5), height=y(0) - top, class_="bar"))
    if x.low < 0 < x.high:
        parts.append(line(x(0), y(0), x(0), y(y.high), "zero"))
    return picture(SIZE.width, SIZE.height, description, *parts)
