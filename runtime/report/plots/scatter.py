"""Points in two dimensions: predictions against targets, quality against cost.

In: points, with a label where they should have one. Out: SVG. Not here: which points matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from benchc.runtime.report.plots.frame import Size, across, frame, upward
from benchc.runtime.report.plots.scale import Scale, fitted
from benchc.runtime.report.plots.svg import circle, line, picture, text

SQUARE = Size(320, 300)
WIDE = Size(380, 280)
LABEL_HEIGHT, LABEL_WIDTH = 11, 110  # room that a label needs, pixels
LOG_FROM = 20  # ratio of largest to smallest from which an axis of costs is logarithmic


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    label: str = ""  # drawn beside the point
    hint: str = ""
    strong: bool = False


def agreement_plot(points: Sequence[tuple[float, float]], x_name: str, y_name: str, description: str) -> Markup | None:
    """Predictions against targets on equal scales, with the line on which both agree."""
    values = [value for point in points for value in point]
    x = fitted(values, *across(SQUARE))
    y = fitted(values, *upward(SQUARE))
    if x is None or y is None:
        return None
    parts = frame(SQUARE, x, y, x_name, y_name)
    parts.append(line(x(x.low), y(x.low), x(x.high), y(x.high), "zero"))
    parts += [circle(x(a), y(b), 2.5, "cloud") for a, b in points]
    return picture(SQUARE.width, SQUARE.height, description, *parts)


def cost_plot(points: Sequence[Point], x_name: str, y_name: str, description: str) -> Markup | None:
    costs = [point.x for point in points if point.x > 0]
    log = len(costs) == len(points) and bool(costs) and max(costs) / min(costs) >= LOG_FROM
    x = fitted((point.x for point in points), *across(WIDE), margin=0.08, log=log)
    y = fitted((point.y for point in points), *upward(WIDE), margin=0.1)
    if x is None or y is None:
        return None
    parts = frame(WIDE, x, y, f"{x_name}, logarithmic" if log else x_name, y_name)
    for point in sorted(points, key=lambda one: one.strong):
        parts.append(circle(x(point.x), y(point.y), 4.5 if point.strong else 3.5, "dot lead" if point.strong else "dot plain", point.hint))
    parts += _labels(points, x, y)
    return picture(WIDE.width, WIDE.height, description, *parts)


def _labels(points: Sequence[Point], x: Scale, y: Scale) -> list[Markup]:
    """Of labels that would lie on one another only one, that of a strong point before others; other names are in the hints."""
    placed: list[Point] = []
    for point in sorted((one for one in points if one.label), key=lambda one: not one.strong):
        if all(abs(y(point.y) - y(one.y)) > LABEL_HEIGHT or abs(x(point.x) - x(one.x)) > LABEL_WIDTH for one in placed):
            placed.append(point)
    return [_label(point, x, y) for point in placed]


def _label(point: Point, x: Scale, y: Scale) -> Markup:
    """Beside its point, on the side where there is more room."""
    left_half = x(point.x) < WIDE.width * 0.55
    return text(x(point.x) + (9 if left_half else -9), y(point.y) + 4, point.label, "start" if left_half else "end", "point-name")
