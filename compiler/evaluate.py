"""From an expression to canonical JSON, guided by the type that the catalog gives the key.

In: an expression, its type, the declarations and the params' values. Out: `Value`: JSON without defaults, spans by JSON path,
problems, and the params that were read.

Here: lists, objects, calls, alternatives; what stands in them is evaluated by `evaluate_names` and `evaluate_literals`. Not here:
bounds, lengths, required and unknown keys, choices: the JSON Schema says those (`violations`); a value whose form fits no type is
passed on as it is written, for it to refuse.
"""

from typing import assert_never

from benchc.compiler.arguments import bind
from benchc.compiler.catalog import types
from benchc.compiler.catalog.model import Entry
from benchc.compiler.evaluate_literals import as_written, condition, ends_of_range, literal, measured
from benchc.compiler.evaluate_names import name, reference
from benchc.compiler.evaluation import Evaluation, Path, Value
from benchc.compiler.forms import could_be, is_meant, options_of
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lookup import Names, unknown_among
from benchc.compiler.syntax import Attribute, CallExpr, Expr, ListExpr, Number, ObjectExpr, RangeExpr, Ref
from benchc.compiler.units import accepted


def evaluate(attribute: Attribute, type: types.Type, names: Names) -> Value:
    """The value of one setting of a block; paths begin with its key."""
    found = Evaluation(names)
    path: Path = (attribute.key.text,)
    found.keys[path] = attribute.key.span
    return found.value(_value(attribute.value, type, path, found))


def _value(expr: Expr, type: types.Type, path: Path, found: Evaluation) -> Json:
    found.values[path] = expr.span
    if isinstance(type, types.Literal):
        return literal(expr, type, path, found)
    if isinstance(type, types.Name):
        return name(expr, type, path, found)
    match type:
        case types.ListOf():
            return _list(expr, type, path, found)
        case types.RangeOf():
            return ends_of_range(expr, path, found)
        case types.MapOf() | types.Record():
            return _object(expr, type, path, found)
        case types.Call():
            return _call(expr, type, path, found)
        case types.Condition():
            return condition(expr, path, found)
        case types.Anything():
            return as_written(expr, path, found)
        case types.Either():
            return _either(expr, type, path, found)
        case _:
            assert_never(type)


def _list(expr: Expr, type: types.ListOf, path: Path, found: Evaluation) -> Json:
    if isinstance(expr, ListExpr):
        return [_value(item, type.item, (*path, index), found) for index, item in enumerate(expr.items)]
    if isinstance(expr, RangeExpr) and type.ranges:
        ends = ends_of_range(expr, path, found)
        return list(range(ends[0], ends[1] + 1)) if isinstance(ends, list) else None
    if type.single:
        return [_value(expr, type.item, (*path, 0), found)]
    return as_written(expr, path, found)


def _object(expr: Expr, type: types.MapOf | types.Record, path: Path, found: Evaluation) -> Json:
    if not isinstance(expr, ObjectExpr):
        return as_written(expr, path, found)
    by_key = {key.name: key.type for key in type.keys} if isinstance(type, types.Record) else {}
    result: dict[str, Json] = {}
    for entry in found.entries(expr):
        key = _map_key(entry, type.keys, path, found) if isinstance(type, types.MapOf) else entry.key.text
        if key is None:
            continue
        inner = (*path, key)
        found.keys[inner] = entry.key.span
        of_value = type.values if isinstance(type, types.MapOf) else by_key.get(key, types.Anything())
        result[key] = _value(entry.value, of_value, inner, found)
    return result


def _map_key(entry: Attribute, type: types.Type, path: Path, found: Evaluation) -> str | None:
    if not isinstance(type, types.Reference):
        return entry.key.text
    full = reference(Ref((entry.key,), entry.key.span), type.kinds, (*path, entry.key.text), found)
    return full if isinstance(full, str) else None


def _call(expr: Expr, type: types.Call, path: Path, found: Evaluation) -> Json:
    entries = found.names.catalog.families[type.family]
    match expr:
        case Ref() if len(expr.parts) == 1:
            full = None if expr.text in entries else found.names.param(expr)
            return {"call": expr.text if full is None else found.read_param(full, path)}
        case CallExpr():
            entry = entries.get(expr.name.text)
            return {"call": expr.name.text, **(_arguments(expr, entry, path, found) if entry is not None else {})}
        case _:
            return as_written(expr, path, found)


def _arguments(call: CallExpr, entry: Entry, path: Path, found: Evaluation) -> dict[str, Json]:
    by_key = {key.name: key.type for key in entry.keys}
    bound, problems = bind(call, entry)
    for problem in problems:
        found.fault(path, problem)
    given: dict[str, Json] = {}
    for argument in bound:
        inner = (*path, argument.key)
        found.keys[inner] = argument.place
        given[argument.key] = _value(argument.value, by_key.get(argument.key, types.Anything()), inner, found)
    return given


def _either(expr: Expr, type: types.Either, path: Path, found: Evaluation) -> Json:
    options = tuple(options_of(type))
    for option in options:
        if is_meant(expr, option, found.names):
            return _value(expr, option, path, found)
    if isinstance(expr, Ref) and found.names.param(expr) is None and any(isinstance(o, types.Reference | types.Call) for o in options):
        return found.fault(path, unknown_among(expr, options, found.names))
    if isinstance(expr, Number) and any(accepted(option) for option in options):
        return measured(expr, tuple(dimension for option in options for dimension in accepted(option)), path, found)
    for option in options:
        if could_be(expr, option):
            return _value(expr, option, path, found)
    of_literals = next((option for option in options if isinstance(option, types.Literal)), None)
    return literal(expr, of_literals, path, found) if isinstance(expr, Ref) and of_literals is not None else as_written(expr, path, found)
