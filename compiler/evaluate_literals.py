"""Texts, numbers, truth values, ranges, conditions, and whatever stands for itself.

In: an expression, its path, what evaluation found so far. Out: JSON. Not here: names of blocks and choices (`evaluate_names`).
"""

from typing import assert_never

from benchc.compiler.catalog import types
from benchc.compiler.evaluation import Evaluation, Path
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lookup import unknown_param
from benchc.compiler.number_faults import number_fault, range_ends, unit_fault
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.syntax import Attribute, Boolean, CallExpr, Comparison, Expr, ListExpr, Number, ObjectExpr, RangeExpr, Ref, String
from benchc.compiler.units import UNITS, Dimension, accepted, in_base_unit


def literal(expr: Expr, type: types.Type, path: Path, found: Evaluation) -> Json:
    """A text, a number or a truth value, or the param that a bare name stands for."""
    match expr:
        case Ref():
            return _param_value(expr, type, path, found)
        case Number():
            return measured(expr, accepted(type), path, found)
        case _:
            return as_written(expr, path, found)


def _param_value(ref: Ref, type: types.Type, path: Path, found: Evaluation) -> Json:
    """A bare name where a literal is expected: a param, or a mistake."""
    full = found.names.param(ref)
    if full is not None:
        return found.read_param(full, path)
    problem = unknown_param(ref, type, found.names)
    return ref.text if problem is None else found.fault(path, problem)


def measured(number: Number, dimensions: tuple[Dimension, ...], path: Path, found: Evaluation) -> Json:
    """A number whose unit is of one of these dimensions; () for any."""
    value = in_base_unit(number)
    if value is None:
        return found.fault(path, number_fault(number))
    if dimensions and UNITS[number.suffix].dimension not in dimensions:
        return found.fault(path, unit_fault(number, path, dimensions))
    return value


def ends_of_range(expr: Expr, path: Path, found: Evaluation) -> Json:
    """[low, high] of a range; anything else as it is written."""
    if not isinstance(expr, RangeExpr):
        return as_written(expr, path, found)
    ends = range_ends(expr)
    return found.fault(path, ends) if isinstance(ends, Problem) else list(ends)


def condition(expr: Expr, path: Path, found: Evaluation) -> Json:
    """A comparison on a field."""
    if not isinstance(expr, Comparison):
        return as_written(expr, path, found)
    if not isinstance(expr.left, Ref) or len(expr.left.parts) != 1:
        advice = Help("write `field >= 3`")
        return found.fault(path, error("wrong_type", "a condition begins with the name of a field", expr.left.span, advice))
    found.values[*path, "field"] = expr.left.span
    found.values[*path, "value"] = expr.right.span
    return {"field": expr.left.text, "op": expr.op, "value": _compared(expr.right, (*path, "value"), found)}


def _compared(expr: Expr, path: Path, found: Evaluation) -> Json:
    """A number, text, truth value, param, or a bare name, which stands for itself."""
    if isinstance(expr, Ref):
        full = found.names.param(expr)
        return expr.text if full is None else found.read_param(full, path)
    if isinstance(expr, String | Number | Boolean):
        return as_written(expr, path, found)
    return found.fault(path, error("wrong_type", "a field is compared with a text, a number, `true` or `false`", expr.span))


def as_written(expr: Expr, path: Path, found: Evaluation) -> Json:
    """JSON of an expression whose form alone decides: bare names are texts."""
    found.values[path] = expr.span
    match expr:
        case String():
            return found.text(expr, path)
        case Number():
            return measured(expr, (), path, found)
        case Boolean():
            return expr.value
        case Ref():
            return expr.text
        case ListExpr():
            return [as_written(item, (*path, index), found) for index, item in enumerate(expr.items)]
        case ObjectExpr():
            return {entry.key.text: _entry_as_written(entry, path, found) for entry in found.entries(expr)}
        case RangeExpr():
            return ends_of_range(expr, path, found)
        case CallExpr():
            return {"call": expr.name.text}
        case Comparison():
            return found.fault(path, error("wrong_type", "a comparison stands where a value is expected", expr.span))
        case _:
            assert_never(expr)


def _entry_as_written(entry: Attribute, path: Path, found: Evaluation) -> Json:
    found.keys[*path, entry.key.text] = entry.key.span
    return as_written(entry.value, (*path, entry.key.text), found)
