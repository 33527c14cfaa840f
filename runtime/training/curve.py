"""The training curve, written as it happens: one JSON line a point.

It lies in the checkpoint folder while training runs, so that a kill loses nothing, and is copied to the result at the end.
"""

import json
from dataclasses import dataclass
from pathlib import Path

CURVE = "curve.jsonl"


@dataclass(frozen=True, slots=True)
class Point:
    """`value` of `name` on `split`; None where a metric is undefined."""

    split: str
    name: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When a point was taken: after `step` steps, `epoch` passes over the rows, `seconds` of training, at a learning rate."""

    step: int
    epoch: float
    seconds: float
    learning_rate: float


def append_points(folder: Path, moment: Moment, points: tuple[Point, ...]) -> None:
    """Adds lines to the curve and hands them to the system at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / CURVE).open("a", encoding="utf-8") as file:
        for point in points:
            file.write(json.dumps(_line(moment, point)) + "\n")


def cut_curve(folder: Path, step: int) -> None:
    """Takes away what was written after `step`: those steps are done again. A line that a kill cut short goes too."""
    path = folder / CURVE
    if not path.is_file():
        return
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if _step_of(line) <= step]
    path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")


def copy_curve(folder: Path, to: Path) -> None:
    """The finished curve; an empty one when no point was taken."""
    path = folder / CURVE
    (to / CURVE).write_text(path.read_text(encoding="utf-8") if path.is_file() else "", encoding="utf-8")


def _line(moment: Moment, point: Point) -> dict[str, object]:
    return {
        "step": moment.step,
        "epoch": round(moment.epoch, 6),
        "split": point.split,
        "name": point.name,
        "value": point.value,
        "seconds": round(moment.seconds, 3),
        "learning_rate": moment.learning_rate,
    }


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except ValueError:
        return float("inf")
