"""What the suffixes of numbers mean, and params inside strings.

In: numbers and strings of the syntax tree. Out: canonical JSON. Not here: which key takes which unit is `evaluate`'s question, answered
by `accepted`.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from benchc.compiler.catalog.types import Duration, Fraction, Integer, Real, Size, Type
from benchc.compiler.jsonvalue import Json
from benchc.compiler.syntax import Number

Dimension = Literal["plain", "count", "share", "time", "size"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A number with this unit is multiplied by `times` and divided by `over`, both whole, so that `80%` is exactly the float 0.8."""

    dimension: Dimension
    times: int = 1
    over: int = 1


UNITS: Final[Mapping[str, Unit]] = {
    "": Unit("plain"),
    "k": Unit("count", 1_000),
    "M": Unit("count", 1_000_000),
    "G": Unit("count", 1_000_000_000),
    "%": Unit("share", over=100),
    "ms": Unit("time", over=1_000),
    "s": Unit("time"),
    "m": Unit("time", 60),
    "h": Unit("time", 3_600),
    "d": Unit("time", 86_400),
    "KB": Unit("size", 1_000),
    "MB": Unit("size", 1_000_000),
    "GB": Unit("size", 1_000_000_000),
    "KiB": Unit("size", 2**10),
    "MiB": Unit("size", 2**20),
    "GiB": Unit("size", 2**30),
}

EXAMPLES: Final[Mapping[Dimension, str]] = {"count": "10k", "share": "10%", "time": "30s", "size": "512MiB"}

_PIECE = re.compile(r"\$\$|\$\{([^{}]*)\}")


def in_base_unit(number: Number) -> int | float | None:
    """`80%` is 0.8, `10k` is 10000, `5m` is 300 (seconds), `1KiB` is 1024 (bytes).

    None when the suffix is no unit, or the number is too large to be one.
    """
    unit = UNITS.get(number.suffix)
    if unit is None:
        return None
    if isinstance(number.value, int):
        whole, rest = divmod(number.value * unit.times, unit.over)
        return whole if rest == 0 else number.value * unit.times / unit.over
    scaled = number.value * unit.times / unit.over
    if not math.isfinite(scaled):
        return None
    return int(scaled) if unit.times > 1 and scaled.is_integer() else scaled


def accepted(type: Type) -> tuple[Dimension, ...]:
    """Dimensions of the numbers that a type takes; () for a type that takes none."""
    match type:
        case Integer():
            return ("plain", "count")
        case Fraction():
            return ("plain", "share")
        case Real(minimum=low, maximum=high):
            is_share = low is not None and high is not None and low >= 0 and high <= 1
            return ("plain", "share") if is_share else ("plain", "count")
        case Duration():
            return ("time",)
        case Size():
            return ("size",)
        case _:
            return ()


def has_param(text: str) -> bool:
    return any(match.group(1) is not None for match in _PIECE.finditer(text))


def substitute(text: str, value_of: Callable[[str], Json]) -> str:
    """`${name}` replaced by the param's value, `$$` by a dollar sign; a dollar sign alone stays."""
    return _PIECE.sub(lambda match: "$" if match.group(1) is None else written(value_of(match.group(1).strip())), text)


def written(value: Json) -> str:
    """A param's value inside a text: texts as they are, numbers in their shortest form, `true` and `false`."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case _:
            return str(value)
