"""From values to places, and where the ticks stand.

In: the range of the data. Out: `Scale`. Not here: drawing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from benchc.runtime.report.numbers import tick

STRETCH = 5


@dataclass(frozen=True, slots=True)
class Tick:
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `low`..`high` to `start`..`end`; by powers of ten where `log`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (log10(v) for v in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def percent(self, value: float) -> str:
        return f"{self(value):.2f}%"

    def ticks(self, most: int) -> tuple[Tick, ...]:
        """At most about `most` round values within the range."""
        return _log_ticks(self.low, self.high, most) if self.log else _linear_ticks(self.low, self.high, most)


def fitted(values: Iterable[float | None], start: float, end: float, *, margin: float = 0.04, log: bool = False) -> Scale | None:
    """A scale that shows all finite values with a margin at both ends; None when there is no value to show.

    A single value gets room around it. Values that are not positive make a logarithmic scale impossible: it is linear then.
    """
    known = [value for value in values if value is not None and isfinite(value)]
    if not known:
        return None
    low, high = min(known), max(known)
    if log and low > 0:
        factor = max((high / low) ** margin, 1.3)
        return Scale(low / factor, high * factor, start, end, log=True)
    room = (high - low) * margin or abs(high) * 0.1 or 1.0
    return Scale(low - room, high + room, start, end)


def focus(centres: Sequence[float | None]) -> list[bool]:
    """Which of these should lie inside the scale: all, unless one alone stretches it to more than `STRETCH` times what the rest needs.

    A trivial baseline far below the models would else press what is to be compared into a corner.
    """
    known = sorted(value for value in centres if value is not None and isfinite(value))
    if len(known) < 3:
        return [True] * len(centres)
    whole = known[-1] - known[0]
    without_first, without_last = known[-1] - known[1], known[-2] - known[0]
    outlier = known[0] if without_first <= without_last else known[-1]
    if whole <= STRETCH * min(without_first, without_last) or known.count(outlier) > 1:
        return [True] * len(centres)
    return [value != outlier for value in centres]


def _linear_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    step = _round_step((high - low) / max(most, 1))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return tuple(Tick(at * step, tick(at * step, step)) for at in range(first, last + 1))


def _round_step(rough: float) -> float:
    size = 10.0 ** floor(log10(rough))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * (1 - 1e-9))


def _log_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**power for power in powers for factor in factors if low <= factor * 10.0**power <= high]
        if len(values) <= most:
            break
    stride = max(1, ceil(len(values) / most))
    return tuple(Tick(value, f"{value:g}") for value in values[::stride])
