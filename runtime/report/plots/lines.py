"""Learning curves: one line for each seed.

In: series of points. Out: SVG. Not here: which step was chosen, how many points are kept (`thinned` does the last on request).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite

from markupsafe import Markup

from benchc.runtime.report.plots.frame import Size, across, frame, upward
from benchc.runtime.report.plots.scale import fitted
from benchc.runtime.report.plots.svg import circle, path, picture

SIZE = Size(340, 220)
STYLE_NAMES = ("solid", "dashed", "dotted", "dash-dotted", "grey", "grey dashed")  # the style sheet draws them; further series begin again


@dataclass(frozen=True, slots=True)
class Series:
    """`chosen` is the point that was kept, marked with a ring."""

    name: str
    points: tuple[tuple[float, float], ...]
    chosen: tuple[float, float] | None = None


def line_plot(series: Sequence[Series], x_name: str, y_name: str, description: str) -> Markup | None:
    """None when no series has a finite point."""
    finite = [[point for point in one.points if isfinite(point[1])] for one in series]
    x = fitted((point[0] for points in finite for point in points), *across(SIZE), margin=0.02)
    y = fitted((point[1] for points in finite for point in points), *upward(SIZE), margin=0.08)
    if x is None or y is None:
        return None
    parts = frame(SIZE, x, y, x_name, y_name)
    for at, (one, points) in enumerate(zip(series, finite, strict=True)):
        style = f"series series-{at % len(STYLE_NAMES) + 1}"
        places = [(x(a), y(b)) for a, b in points]
        parts.append(path(places, style) if len(places) > 1 else Markup("").join(circle(*place, 3, style) for place in places))
        if one.chosen is not None:
            parts.append(
                circle(x(one.chosen[0]), y(one.chosen[1]), 5, f"chosen series-{at % len(STYLE_NAMES) + 1}", f"{one.name}: chosen step")
            )
    return picture(SIZE.width, SIZE.height, description, *parts)


def thinned(points: Sequence[tuple[float, float]], most: int) -> tuple[tuple[float, float], ...]:
    """At most about `most` points: every k-th and the last."""
    stride = max(1, ceil(len(points) / most))
    kept = list(points[::stride])
    if points and kept[-1] != points[-1]:
        kept.append(points[-1])
    return tuple(kept)
