"""Numbers and ranges that cannot be what they stand for.

In: numbers and ranges of the syntax tree. Out: problems, and the ends of a sound range. Not here: bounds, which the schema checks.
"""

from collections.abc import Iterable

from benchc.compiler.problems import Edit, Help, Problem, error
from benchc.compiler.syntax import Number, RangeExpr
from benchc.compiler.units import EXAMPLES, UNITS, in_base_unit
from benchc.compiler.words import listed

MOST_IN_RANGE = 100_000


def number_fault(number: Number) -> Problem:
    """Why a number has no value in a base unit."""
    if number.suffix in UNITS:
        return error("out_of_range", f"the number `{number.text}` is too large", number.span)
    units = [suffix for suffix in UNITS if suffix]
    return error("wrong_unit", f"there is no unit `{number.suffix}`", number.span, Help(f"units are {listed(units, len(units))}"))


def unit_fault(number: Number, path: tuple[str | int, ...], dimensions: Iterable[str]) -> Problem:
    """A number whose unit is none of the `dimensions` that the key at `path` takes."""
    key = next((f"`{part}`" for part in reversed(path) if isinstance(part, str)), "this value")
    fitting = " or ".join(f"`{EXAMPLES[dimension]}`" for dimension in EXAMPLES if dimension in dimensions)
    if number.suffix == "":
        return error("wrong_unit", f"{key} needs a unit", number.span, Help(f"write it like {fitting}"))
    advice = f"write a plain number, or one like {fitting}" if "plain" in dimensions else f"write it like {fitting}"
    return error("wrong_unit", f"{key} does not take the unit `{number.suffix}`", number.span, Help(advice))


def range_ends(expr: RangeExpr) -> tuple[int, int] | Problem:
    """Both ends of a range, the lower one first."""
    low, high = in_base_unit(expr.low), in_base_unit(expr.high)
    if not isinstance(low, int) or not isinstance(high, int) or not _is_count(expr.low) or not _is_count(expr.high):
        return error("wrong_type", "a range goes from one whole number to another", expr.span)
    if low > high:
        turned = Help(f"write `{high}..{low}`", (Edit(expr.span, f"{high}..{low}"),))
        return error("out_of_range", f"the range `{low}..{high}` is empty", expr.span, turned)
    if high - low >= MOST_IN_RANGE:
        return error("out_of_range", f"the range `{low}..{high}` is longer than {MOST_IN_RANGE:,}", expr.span)
    return low, high


def _is_count(number: Number) -> bool:
    return number.suffix in UNITS and UNITS[number.suffix].dimension in ("plain", "count")
