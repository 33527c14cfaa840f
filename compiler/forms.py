"""Which of several types an expression is written for.

In: an expression, a type. Out: yes or no, by the form of the expression and by what a bare name stands for.
Not here: whether the value is right.
"""

from collections.abc import Iterator
from typing import assert_never

from benchc.compiler.catalog import types
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lookup import Names
from benchc.compiler.syntax import Boolean, CallExpr, Comparison, Expr, ListExpr, Number, ObjectExpr, RangeExpr, Ref, String
from benchc.compiler.units import UNITS, accepted, has_param, in_base_unit


def options_of(type: types.Either) -> Iterator[types.Type]:
    """The alternatives, those of alternatives included."""
    for option in type.options:
        if isinstance(option, types.Either):
            yield from options_of(option)
        else:
            yield option


def is_meant(expr: Expr, type: types.Type, names: Names) -> bool:
    """Whether the expression fits this type, as closely as can be told without evaluating it."""
    match type, expr:
        case types.Choice(names=choices), Ref():
            return expr.text in choices
        case types.Reference(kinds=kinds), Ref():
            return names.declarations.find(kinds, expr) is not None
        case types.Call(family=family), Ref() | CallExpr():
            return (expr.text if isinstance(expr, Ref) else expr.name.text) in names.calls(family)
        case ((types.FieldName() | types.FreeName() | types.Column() | types.LabelValue()), Ref()):
            return True
        case _, Ref():
            full = names.param(expr)
            return full is not None and _holds(type, names.params.get(full))
        case types.ListOf(single=True, item=item), _ if not isinstance(expr, ListExpr | RangeExpr):
            return is_meant(expr, item, names)
        case _, Number() if isinstance(type, types.Quantity):
            return expr.suffix in UNITS and UNITS[expr.suffix].dimension in accepted(type) and _holds(type, in_base_unit(expr))
        case _:
            return could_be(expr, type)


def could_be(expr: Expr, type: types.Type) -> bool:
    """Whether the form of an expression is the one that a type is written in."""
    match type:
        case types.Text():
            return isinstance(expr, String)
        case types.Integer() | types.Real() | types.Fraction() | types.Duration() | types.Size():
            return isinstance(expr, Number)
        case types.Truth():
            return isinstance(expr, Boolean)
        case types.Choice() | types.Reference() | types.FieldName() | types.FreeName():
            return isinstance(expr, Ref) or (isinstance(expr, String) and has_param(expr.value))
        case types.Column():
            return isinstance(expr, Ref | String)
        case types.LabelValue():
            return isinstance(expr, Ref | String | Number | Boolean)
        case types.ListOf(single=single, item=item, ranges=ranges):
            return isinstance(expr, ListExpr) or (ranges and isinstance(expr, RangeExpr)) or (single and could_be(expr, item))
        case types.RangeOf():
            return isinstance(expr, RangeExpr)
        case types.MapOf() | types.Record():
            return isinstance(expr, ObjectExpr)
        case types.Call():
            return isinstance(expr, CallExpr | Ref)
        case types.Condition():
            return isinstance(expr, Comparison)
        case types.Anything():
            return True
        case types.Either():
            return any(could_be(expr, option) for option in type.options)
        case _:
            assert_never(type)


def _holds(type: types.Type, value: Json) -> bool:
    """Whether a value is of the sort that a type of literals holds."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match type:
        case types.Text():
            return isinstance(value, str)
        case types.Truth():
            return isinstance(value, bool)
        case types.Integer():
            return is_number and isinstance(value, int)
        case types.Fraction():
            return isinstance(value, int | float) and is_number and 0 <= value <= 1
        case types.Real() | types.Duration() | types.Size():
            return is_number
        case _:
            return False
