"""From an expression to canonical JSON, guided by the type that the catalog gives the key.

In: an expression, its type, the declarations and the params' values. Out: `Value`: JSON without defaults, spans by JSON path,
problems, and the params that were read.

Here: what a bare name stands for, units, quotes, the order of arguments. Not here: bounds, lengths, required and unknown keys,
choices: the JSON Schema says those (`violations`); a value whose form fits no type is passed on as it is written, for it to refuse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from benchc.compiler.catalog.model import (
    Anything,
    Call,
    Catalog,
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
    Key,
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
from benchc.compiler.declare import Declarations, did_you_mean
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Edit, Help, Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.suggest import near
from benchc.compiler.syntax import (
    Argument,
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
from benchc.compiler.units import EXAMPLES, UNITS, accepted, has_param, in_base_unit, substitute

Path = tuple[str | int, ...]

MOST_IN_RANGE = 100_000


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


@dataclass(frozen=True, slots=True)
class Names:
    """What names can stand for: declared blocks, catalog entries, and params with the values that hold (unset ones are absent)."""

    declarations: Declarations
    catalog: Catalog
    params: Mapping[str, Json]

    def param(self, ref: Ref) -> str | None:
        """The full name of the param that a reference names."""
        name = self.declarations.full_name(ref)
        return name if name in self.declarations.by_kind["param"] else None


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
        dimensions = accepted(type)
        value = in_base_unit(number)
        if value is None:
            return self._fault(path, number_fault(number))
        if dimensions and UNITS[number.suffix].dimension not in dimensions:
            return self._fault(path, _wrong_unit(number, path, dimensions))
        return value

    def _param_value(self, ref: Ref, type: Type, path: Path) -> Json:
        """A bare name where a literal is expected: a param, or a mistake."""
        full = self.names.param(ref)
        if full is not None:
            return self._read_param(full, path)
        problem = self._no_such_param(ref, type)
        return ref.text if problem is None else self._fault(path, problem)

    def _read_param(self, full: str, path: Path) -> Json:
        self.params.add(full)
        if full in self.names.params:
            return self.names.params[full]
        self.wrong.add(path)  # a param without a value has its own problem
        return None

    def _no_such_param(self, ref: Ref, type: Type) -> Problem | None:
        """None when the name is near to no param: then the schema says what should stand there."""
        similar = near(ref.text, self.names.declarations.names(("param",), ref.span.path))
        if similar:
            return error("unknown_name", f"no param is called `{ref.text}`", ref.span, *did_you_mean(similar, ref.span))
        if isinstance(type, Text):
            quoted = Help("put it into quotes", (Edit(ref.span, f'"{ref.text}"'),))
            return error("quotes", f"`{ref.text}` is a name where a quoted text is expected", ref.span, quoted)
        return None

    def _text(self, string: String, path: Path) -> str:
        """A string with params put in."""

        def value_of(name: str) -> Json:
            full = self.names.declarations.modules[string.span.path].prefix + name
            if full in self.names.declarations.by_kind["param"]:
                return self._read_param(full, path)
            place = self._inside(string, "${" + name + "}")
            similar = near(name, self.names.declarations.names(("param",), string.span.path))
            self._fault(path, error("unknown_name", f"no param is called `{name}`", place, *did_you_mean(similar, _within_braces(place))))
            return ""

        return substitute(string.value, value_of)

    def _inside(self, string: String, part: str) -> Span:
        """Where a part of a string stands, when it is written as it is."""
        text = self.names.declarations.modules[string.span.path].syntax.source.text
        at = text.find(part, string.span.start, string.span.end)
        return string.span if at < 0 else Span(string.span.path, at, at + len(part))

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
        return self._fault(path, self._unknown(ref, kinds, ()))

    def _named(self, text: str, span: Span, type: Reference, path: Path) -> Json:
        """The block that a param's value names."""
        full = self.names.declarations.modules[span.path].prefix + text
        for kind in type.kinds:
            if full in self.names.declarations.by_kind[kind]:
                self.blocks.add((kind, full))
                return full
        return self._fault(path, error("unknown_name", f"no {_either(type.kinds)} is called `{text}`", span))

    def _unknown(self, ref: Ref, kinds: tuple[str, ...], others: Iterable[str]) -> Problem:
        """The problem of a name that should be a block of these kinds, or one of the `others`."""
        declarations = self.names.declarations
        wanted = _either(kinds) if kinds else "choice here"
        for kind in declarations.by_kind:
            found = declarations.find((kind,), ref)
            if found is not None and kind != "param":
                label = Label(found.name_span, f"the {kind} `{ref.text}`")
                return error("wrong_kind", f"`{ref.text}` is a {kind}, not a {wanted}", ref.span, labels=(label,))
        candidates = [*declarations.names(kinds, ref.span.path), *others]
        similar = near(ref.text, candidates)
        advice = did_you_mean(similar, ref.span) or _all_of(candidates, wanted)
        return error("unknown_name", f"no {wanted} is called `{ref.text}`", ref.span, *advice)

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
        low, high = in_base_unit(expr.low), in_base_unit(expr.high)
        if not isinstance(low, int) or not isinstance(high, int) or not _is_count(expr.low) or not _is_count(expr.high):
            return self._fault(path, error("wrong_type", "a range goes from one whole number to another", expr.span))
        if low > high:
            turned = Help(f"write `{high}..{low}`", (Edit(expr.span, f"{high}..{low}"),))
            return self._fault(path, error("out_of_range", f"the range `{low}..{high}` is empty", expr.span, turned))
        if high - low >= MOST_IN_RANGE:
            return self._fault(path, error("out_of_range", f"the range `{low}..{high}` is longer than {MOST_IN_RANGE:,}", expr.span))
        return [low, high]

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
        keys = {key.name: key for key in entry.keys}
        unnamed = [argument for argument in call.arguments if argument.name is None]
        given: dict[str, Json] = {}
        for key, argument in self._by_position(unnamed, entry, path):
            given[key] = self._argument(argument, keys.get(key), (*path, key))
        if entry.rest is not None and len(unnamed) > len(entry.positional):
            given[entry.rest] = self._rest(unnamed[len(entry.positional) :], keys[entry.rest], (*path, entry.rest))
        for argument in call.arguments:
            if argument.name is None:
                continue
            key = argument.name.text
            if key in given:
                message = f"`{key}` of `{entry.name}` is given twice"
                self._fault(path, error("wrong_argument", message, argument.name.span))
                continue
            given[key] = self._argument(argument, keys.get(key), (*path, key))
        return given

    def _by_position(self, unnamed: list[Argument], entry: Entry, path: Path) -> Iterable[tuple[str, Argument]]:
        if len(unnamed) > len(entry.positional) and entry.rest is None:
            surplus = unnamed[len(entry.positional)]
            self._fault(path, _too_many(entry, surplus))
        return zip(entry.positional, unnamed, strict=False)

    def _argument(self, argument: Argument, key: Key | None, path: Path) -> Json:
        self.keys[path] = argument.name.span if argument.name is not None else argument.value.span
        return self.value(argument.value, key.type if key is not None else Anything(), path)

    def _rest(self, arguments: list[Argument], key: Key, path: Path) -> Json:
        span = arguments[0].span.to(arguments[-1].span)
        self.keys[path] = span
        if len(arguments) == 1 and isinstance(arguments[0].value, ListExpr):
            return self.value(arguments[0].value, key.type, path)
        return self.value(ListExpr(tuple(argument.value for argument in arguments), span), key.type, path)

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
        options = tuple(_flat(type))
        for option in options:
            if self._fits(expr, option):
                return self.value(expr, option, path)
        if isinstance(expr, Ref) and self.names.param(expr) is None and any(isinstance(o, Reference | Call) for o in options):
            return self._fault(path, self._unknown_among(expr, options))
        for option in options:
            if _could_be(expr, option):
                return self.value(expr, option, path)
        literal = next((option for option in options if accepted(option) or isinstance(option, Text | Truth)), None)
        return self._scalar(expr, literal, path) if isinstance(expr, Ref) and literal is not None else self._as_written(expr, path)

    def _unknown_among(self, ref: Ref, options: Iterable[Type]) -> Problem:
        kinds: list[str] = []
        others: list[str] = []
        for option in options:
            match option:
                case Reference():
                    kinds += option.kinds
                case Call():
                    others += self.names.catalog.families[option.family]
                case Choice():
                    others += option.names
                case _:
                    pass
        return self._unknown(ref, tuple(kinds), others)

    def _fits(self, expr: Expr, type: Type) -> bool:
        """Whether an option of several is meant, judged by form, and by what a bare name stands for."""
        match type, expr:
            case Choice(names=choices), Ref():
                return expr.text in choices
            case Reference(kinds=kinds), Ref():
                return self.names.declarations.find(kinds, expr) is not None
            case Call(family=family), Ref() | CallExpr():
                name = expr.text if isinstance(expr, Ref) else expr.name.text
                return name in self.names.catalog.families[family]
            case ((FieldName() | FreeName() | Column() | LabelValue()), Ref()):
                return True
            case _, Ref():
                full = self.names.param(expr)
                return full is not None and _holds(type, self.names.params.get(full))
            case ListOf(), ListExpr():
                return True
            case ListOf(ranges=True), RangeExpr():
                return True
            case ListOf(single=True, item=item), _:
                return self._fits(expr, item)
            case ((Integer() | Real() | Fraction() | Duration() | Size()), Number()):
                value = in_base_unit(expr)
                return UNITS.get(expr.suffix) is not None and UNITS[expr.suffix].dimension in accepted(type) and _holds(type, value)
            case _:
                return _could_be(expr, type)

    def _fault(self, path: Path, problem: Problem) -> Json:
        self.problems.append(problem)
        self.wrong.add(path)
        return None


def _flat(type: Either) -> Iterable[Type]:
    for option in type.options:
        if isinstance(option, Either):
            yield from _flat(option)
        else:
            yield option


def _could_be(expr: Expr, type: Type) -> bool:
    """Whether the form of an expression is the one that a type is written in."""
    match type:
        case Text():
            return isinstance(expr, String)
        case Integer() | Real() | Fraction() | Duration() | Size():
            return isinstance(expr, Number)
        case Truth():
            return isinstance(expr, Boolean)
        case Choice() | Reference() | FieldName() | FreeName():
            return isinstance(expr, Ref) or (isinstance(expr, String) and has_param(expr.value))
        case Column():
            return isinstance(expr, Ref | String)
        case LabelValue():
            return isinstance(expr, Ref | String | Number | Boolean)
        case ListOf(single=single, item=item):
            return isinstance(expr, ListExpr) or (single and _could_be(expr, item))
        case RangeOf():
            return isinstance(expr, RangeExpr)
        case MapOf() | Record():
            return isinstance(expr, ObjectExpr)
        case Call():
            return isinstance(expr, CallExpr | Ref)
        case Condition():
            return isinstance(expr, Comparison)
        case Anything():
            return True
        case Either():
            return any(_could_be(expr, option) for option in type.options)
        case _:
            assert_never(type)


def _holds(type: Type, value: Json) -> bool:
    """Whether a param's value is of the sort that a type holds."""
    match type:
        case Text():
            return isinstance(value, str)
        case Truth():
            return isinstance(value, bool)
        case Integer():
            return isinstance(value, int) and not isinstance(value, bool)
        case Fraction():
            return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
        case Real() | Duration() | Size():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return False


def number_fault(number: Number) -> Problem:
    """Why a number has no value in a base unit."""
    if number.suffix in UNITS:
        return error("out_of_range", f"the number `{number.text}` is too large", number.span)
    shown = ", ".join(f"`{suffix}`" for suffix in UNITS if suffix)
    return error("wrong_unit", f"there is no unit `{number.suffix}`", number.span, Help(f"units are {shown}"))


def _wrong_unit(number: Number, path: Path, dimensions: tuple[str, ...]) -> Problem:
    key = next((f"`{part}`" for part in reversed(path) if isinstance(part, str)), "this value")
    fitting = [f"`{EXAMPLES[dimension]}`" for dimension in EXAMPLES if dimension in dimensions]
    if number.suffix == "":
        return error("wrong_unit", f"{key} needs a unit", number.span, Help(f"write it like {' or '.join(fitting)}"))
    advice = (
        Help(f"write a plain number, or one like {' or '.join(fitting)}")
        if "plain" in dimensions
        else Help(f"write it like {' or '.join(fitting)}")
    )
    return error("wrong_unit", f"{key} does not take the unit `{number.suffix}`", number.span, advice)


def _too_many(entry: Entry, surplus: Argument) -> Problem:
    if not entry.positional:
        names = [key.name for key in entry.keys]
        advice = (Help(f"its arguments are named: {_listed(names)}"),) if names else (Help(f"`{entry.name}` takes no arguments"),)
        return error("wrong_argument", f"`{entry.name}` takes no argument without a name", surplus.span, *advice)
    count = len(entry.positional)
    message = f"`{entry.name}` takes at most {count} argument{'s' if count > 1 else ''} without a name"
    return error("wrong_argument", message, surplus.span, Help(f"in order: {_listed(entry.positional)}; further ones are named"))


def _all_of(candidates: list[str], wanted: str) -> tuple[Help, ...]:
    if not candidates:
        return (Help(f"the spec declares no {wanted}"),)
    return (Help(f"there is {_listed(candidates)}"),) if len(candidates) <= 6 else ()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(kinds))


def _within_braces(place: Span) -> Span:
    """The span of the name inside `${name}`."""
    return Span(place.path, place.start + 2, place.end - 1) if place.end - place.start > 3 else place


def _is_count(number: Number) -> bool:
    return UNITS[number.suffix].dimension in ("plain", "count") if number.suffix in UNITS else False
