"""From an expression to canonical JSON, guided by the type that the catalog gives the key.

In: an expression, its type, the declarations and the params' values. Out: `Value`: JSON without defaults, spans by JSON path,
problems, and the params that were read.

Here: what a bare name stands for, units, quotes, the order of arguments. Not here: bounds, lengths, required and unknown keys,
choices: the JSON Schema says those (`violations`); a value whose form fits no type is passed on as it is written, for it to refuse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from benchc.compiler.arguments import bind
from benchc.compiler.catalog.model import (
    Anything,
    Call,
    Choice,
    Column,
    Condition,
    Duration,
    Either,
    Entry,
    FieldName,
    Fraction,
    FreeName,
    Integer,
    LabelValue,
    ListOf,
    MapOf,
    RangeOf,
    Real,
    Record,
    Reference,
    Size,
    Text,
    Truth,
    Type,
)
from benchc.compiler.forms import could_be, is_meant, options_of
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lookup import Names, either, unknown_among, unknown_block, unknown_param, unknown_param_in
from benchc.compiler.number_faults import number_fault, range_ends, unit_fault
from benchc.compiler.problems import Edit, Help, Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.syntax import (
    Attribute,
    Boolean,
    CallExpr,
    Comparison,
    Expr,
    ListExpr,
    Number,
    ObjectExpr,
    RangeExpr,
    Ref,
    String,
)
from benchc.compiler.units import UNITS, Dimension, accepted, has_param, in_base_unit, substitute

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """`wrong` holds the paths at which a problem was found already; what stands there is not to be looked at again. `blocks` are the
    kinds and full names of the blocks that the value refers to."""

    json: Json
    keys: Mapping[Path, Span]
    values: Mapping[Path, Span]
    wrong: frozenset[Path]
    problems: tuple[Problem, ...]
    params: frozenset[str]
    blocks: frozenset[tuple[str, str]]


def evaluate(attribute: Attribute, type: Type, names: Names) -> Value:
    """The value of one setting of a block; paths begin with its key."""
    evaluation = _Evaluation(names)
    path: Path = (attribute.key.text,)
    evaluation.keys[path] = attribute.key.span
    json = evaluation.value(attribute.value, type, path)
    return Value(
        json,
        evaluation.keys,
        evaluation.values,
        frozenset(evaluation.wrong),
        tuple(evaluation.problems),
        frozenset(evaluation.params),
        frozenset(evaluation.blocks),
    )


@dataclass(slots=True)
class _Evaluation:
    """Collects what evaluating one setting finds. Its methods return JSON and note spans, problems and params on the way."""

    names: Names
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)
    wrong: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    params: set[str] = field(default_factory=set)
    blocks: set[tuple[str, str]] = field(default_factory=set)

    def value(self, expr: Expr, type: Type, path: Path) -> Json:
        self.values[path] = expr.span
        match type:
            case Text() | Integer() | Real() | Fraction() | Duration() | Size() | Truth():
                return self._scalar(expr, type, path)
            case Choice() | Reference() | FieldName() | FreeName() | Column() | LabelValue():
                return self._name(expr, type, path)
            case ListOf():
                return self._list(expr, type, path)
            case RangeOf():
                return self._range(expr, path)
            case MapOf() | Record():
                return self._object(expr, type, path)
            case Call():
                return self._call(expr, type, path)
            case Condition():
                return self._condition(expr, path)
            case Anything():
                return self._as_written(expr, path)
            case Either():
                return self._either(expr, type, path)
            case _:
                assert_never(type)

    # Texts, numbers, truth values

    def _scalar(self, expr: Expr, type: Type, path: Path) -> Json:
        match expr:
            case Ref():
                return self._param_value(expr, type, path)
            case Number():
                return self._number(expr, type, path)
            case _:
                return self._as_written(expr, path)

    def _number(self, number: Number, type: Type, path: Path) -> Json:
        return self._measured(number, accepted(type), path)

    def _measured(self, number: Number, dimensions: tuple[Dimension, ...], path: Path) -> Json:
        """A number whose unit is of one of these dimensions; () for any."""
        value = in_base_unit(number)
        if value is None:
            return self._fault(path, number_fault(number))
        if dimensions and UNITS[number.suffix].dimension not in dimensions:
            return self._fault(path, unit_fault(number, path, dimensions))
        return value

    def _param_value(self, ref: Ref, type: Type, path: Path) -> Json:
        """A bare name where a literal is expected: a param, or a mistake."""
        full = self.names.param(ref)
        if full is not None:
            return self._read_param(full, path)
        problem = unknown_param(ref, type, self.names)
        return ref.text if problem is None else self._fault(path, problem)

    def _read_param(self, full: str, path: Path) -> Json:
        self.params.add(full)
        if full in self.names.params:
            return self.names.params[full]
        self.wrong.add(path)  # a param without a value has its own problem
        return None

    def _text(self, string: String, path: Path) -> str:
        """A string with params put in."""

        def value_of(name: str) -> Json:
            full = self.names.param_in(string, name)
            return self._read_param(full, path) if full is not None else self._fault(path, unknown_param_in(string, name, self.names))

        return substitute(string.value, value_of)

    # Names

    def _name(self, expr: Expr, type: Type, path: Path) -> Json:
        match expr:
            case Ref():
                return self._bare_name(expr, type, path)
            case String():
                return self._quoted_name(expr, type, path)
            case Number() | Boolean() if isinstance(type, LabelValue):
                return self._as_written(expr, path)
            case _:
                return self._as_written(expr, path)

    def _bare_name(self, ref: Ref, type: Type, path: Path) -> Json:
        match type:
            case Choice(names=choices):
                full = None if ref.text in choices else self.names.param(ref)
                return ref.text if full is None else self._read_param(full, path)
            case Reference(kinds=kinds):
                return self._reference(ref, kinds, path)
            case Column() if len(ref.parts) > 1:
                quoted = Help("a path into a row is quoted", (Edit(ref.span, f'"{ref.text}"'),))
                return self._fault(path, error("quotes", f"`{ref.text}` is not one name", ref.span, quoted))
            case _ if len(ref.parts) > 1:
                return self._fault(path, error("wrong_type", f"`{ref.text}` is not one name", ref.span))
            case _:
                return ref.text

    def _quoted_name(self, string: String, type: Type, path: Path) -> Json:
        if isinstance(type, Column | LabelValue) or has_param(string.value):
            text = self._text(string, path)
            return self._named(text, string.span, type, path) if isinstance(type, Reference) else text
        unquoted = (Edit(string.span, string.value),) if string.value.isidentifier() else ()
        return self._fault(
            path, error("quotes", f'"{string.value}" is quoted where a name is expected', string.span, Help("drop the quotes", unquoted))
        )

    def _reference(self, ref: Ref, kinds: tuple[str, ...], path: Path) -> Json:
        declaration = self.names.declarations.find(kinds, ref)
        if declaration is not None:
            self.blocks.add((declaration.kind, declaration.name))
            return declaration.name
        full = self.names.param(ref)
        if full is not None and "param" not in kinds:
            value = self._read_param(full, path)
            return self._named(str(value), ref.span, Reference(kinds), path) if value is not None else None
        return self._fault(path, unknown_block(ref, kinds, (), self.names))

    def _named(self, text: str, span: Span, type: Reference, path: Path) -> Json:
        """The block that a param's value names."""
        full = self.names.declarations.modules[span.path].prefix + text
        for kind in type.kinds:
            if full in self.names.declarations.by_kind[kind]:
                self.blocks.add((kind, full))
                return full
        return self._fault(path, error("unknown_name", f"no {either(type.kinds)} is called `{text}`", span))

    # Lists, ranges, objects

    def _list(self, expr: Expr, type: ListOf, path: Path) -> Json:
        if isinstance(expr, ListExpr):
            return [self.value(item, type.item, (*path, index)) for index, item in enumerate(expr.items)]
        if isinstance(expr, RangeExpr) and type.ranges:
            ends = self._range(expr, path)
            return list(range(ends[0], ends[1] + 1)) if isinstance(ends, list) else None
        if type.single:
            return [self.value(expr, type.item, (*path, 0))]
        return self._as_written(expr, path)

    def _range(self, expr: Expr, path: Path) -> list[int] | Json:
        if not isinstance(expr, RangeExpr):
            return self._as_written(expr, path)
        ends = range_ends(expr)
        return self._fault(path, ends) if isinstance(ends, Problem) else list(ends)

    def _object(self, expr: Expr, type: MapOf | Record, path: Path) -> Json:
        if not isinstance(expr, ObjectExpr):
            return self._as_written(expr, path)
        types = {key.name: key.type for key in type.keys} if isinstance(type, Record) else {}
        result: dict[str, Json] = {}
        for entry in self._entries(expr):
            key = self._map_key(entry, type.keys, path) if isinstance(type, MapOf) else entry.key.text
            if key is None:
                continue
            inner = (*path, key)
            self.keys[inner] = entry.key.span
            result[key] = self.value(entry.value, type.values if isinstance(type, MapOf) else types.get(key, Anything()), inner)
        return result

    def _entries(self, expr: ObjectExpr) -> Iterable[Attribute]:
        """The entries of an object, each key once."""
        seen: dict[str, Span] = {}
        for entry in expr.entries:
            key = entry.key.text
            if key in seen:
                label = Label(seen[key], "given here before")
                self.problems.append(error("duplicate_key", f"`{key}` is given twice", entry.key.span, labels=(label,)))
                continue
            seen[key] = entry.key.span
            yield entry

    def _map_key(self, entry: Attribute, type: Type, path: Path) -> str | None:
        if not isinstance(type, Reference):
            return entry.key.text
        name = self._reference(Ref((entry.key,), entry.key.span), type.kinds, (*path, entry.key.text))
        return name if isinstance(name, str) else None

    # Calls

    def _call(self, expr: Expr, type: Call, path: Path) -> Json:
        entries = self.names.catalog.families[type.family]
        match expr:
            case Ref() if len(expr.parts) == 1:
                full = None if expr.text in entries else self.names.param(expr)
                return {"call": expr.text if full is None else self._read_param(full, path)}
            case CallExpr():
                entry = entries.get(expr.name.text)
                return {"call": expr.name.text, **(self._arguments(expr, entry, path) if entry is not None else {})}
            case _:
                return self._as_written(expr, path)

    def _arguments(self, call: CallExpr, entry: Entry, path: Path) -> dict[str, Json]:
        types = {key.name: key.type for key in entry.keys}
        bound, problems = bind(call, entry)
        for problem in problems:
            self._fault(path, problem)
        given: dict[str, Json] = {}
        for argument in bound:
            inner = (*path, argument.key)
            self.keys[inner] = argument.place
            given[argument.key] = self.value(argument.value, types.get(argument.key, Anything()), inner)
        return given

    # Comparisons, anything, alternatives

    def _condition(self, expr: Expr, path: Path) -> Json:
        if not isinstance(expr, Comparison):
            return self._as_written(expr, path)
        if not isinstance(expr.left, Ref) or len(expr.left.parts) != 1:
            return self._fault(
                path, error("wrong_type", "a condition begins with the name of a field", expr.left.span, Help("write `field >= 3`"))
            )
        self.values[*path, "field"] = expr.left.span
        self.values[*path, "value"] = expr.right.span
        right = self._literal(expr.right, (*path, "value"))
        return {"field": expr.left.text, "op": expr.op, "value": right}

    def _literal(self, expr: Expr, path: Path) -> Json:
        """A number, text, truth value, param, or a bare name, which stands for itself."""
        if isinstance(expr, Ref):
            full = self.names.param(expr)
            return expr.text if full is None else self._read_param(full, path)
        if isinstance(expr, String | Number | Boolean):
            return self._as_written(expr, path)
        return self._fault(path, error("wrong_type", "a field is compared with a text, a number, `true` or `false`", expr.span))

    def _as_written(self, expr: Expr, path: Path) -> Json:
        """JSON of an expression whose form alone decides: bare names are texts."""
        self.values[path] = expr.span
        match expr:
            case String():
                return self._text(expr, path)
            case Number():
                return self._number(expr, Anything(), path)
            case Boolean():
                return expr.value
            case Ref():
                return expr.text
            case ListExpr():
                return [self._as_written(item, (*path, index)) for index, item in enumerate(expr.items)]
            case ObjectExpr():
                return {entry.key.text: self._as_written_entry(entry, path) for entry in self._entries(expr)}
            case RangeExpr():
                return self._range(expr, path)
            case CallExpr():
                return {"call": expr.name.text}
            case Comparison():
                return self._fault(path, error("wrong_type", "a comparison stands where a value is expected", expr.span))
            case _:
                assert_never(expr)

    def _as_written_entry(self, entry: Attribute, path: Path) -> Json:
        self.keys[*path, entry.key.text] = entry.key.span
        return self._as_written(entry.value, (*path, entry.key.text))

    def _either(self, expr: Expr, type: Either, path: Path) -> Json:
        options = tuple(options_of(type))
        for option in options:
            if is_meant(expr, option, self.names):
                return self.value(expr, option, path)
        if isinstance(expr, Ref) and self.names.param(expr) is None and any(isinstance(o, Reference | Call) for o in options):
            return self._fault(path, unknown_among(expr, options, self.names))
        if isinstance(expr, Number) and any(accepted(option) for option in options):
            dimensions = tuple(dimension for option in options for dimension in accepted(option))
            return self._measured(expr, dimensions, path)
        for option in options:
            if could_be(expr, option):
                return self.value(expr, option, path)
        literal = next((option for option in options if accepted(option) or isinstance(option, Text | Truth)), None)
        return self._scalar(expr, literal, path) if isinstance(expr, Ref) and literal is not None else self._as_written(expr, path)

    def _fault(self, path: Path, problem: Problem) -> Json:
        self.problems.append(problem)
        self.wrong.add(path)
        return None
