"""Params: what is declared, what `--set` and axes give them.

In: declarations of kind `param`, settings from the command line. Out: `Param` values and problems. Not here: where params are used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchc.compiler.declare import VALUE, Declaration, Declarations, did_you_mean
from benchc.compiler.jsonvalue import Json
from benchc.compiler.number_faults import number_fault
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.spec import Param
from benchc.compiler.suggest import near
from benchc.compiler.syntax import Attribute, Block, Boolean, CallExpr, Expr, ListExpr, Number, Ref, String
from benchc.compiler.units import in_base_unit
from benchc.compiler.words import listed, value_words

TYPES = ("int", "float", "string", "bool", "one_of")

ParseExpression = Callable[[str, str], tuple[Expr | None, tuple[Problem, ...]]]


@dataclass(frozen=True, slots=True)
class Params:
    """`declared` by full name; `unset` are those that have no value. A param whose declaration is wrong is in neither."""

    declared: Mapping[str, Param]
    unset: frozenset[str]

    def values(self) -> dict[str, Json]:
        return {name: param.value for name, param in self.declared.items() if name not in self.unset}


def declare_params(declarations: Declarations) -> tuple[Params, tuple[Problem, ...]]:
    """The params with their defaults."""
    problems: list[Problem] = []
    declared: dict[str, Param] = {}
    unset: set[str] = set()
    for name, declaration in declarations.by_kind["param"].items():
        param = _param(declaration, problems)
        if param is None:
            continue
        declared[name] = param
        default = _default(declaration)
        value = literal(default) if default is not None else None
        if default is None:
            unset.add(name)
        elif isinstance(value, Problem):
            problems.append(value)
            unset.add(name)
        else:
            fault = value_fault(param, value, default.span)
            problems += [fault] if fault is not None else []
            declared[name] = replace(param, value=value)
    return Params(declared, frozenset(unset)), tuple(problems)


def set_params(params: Params, settings: Mapping[str, str], parse: ParseExpression) -> tuple[Params, tuple[Problem, ...]]:
    """The params with what the command line sets."""
    problems: list[Problem] = []
    declared = dict(params.declared)
    unset = set(params.unset)
    for name, text in settings.items():
        place = Span(setting_path(name), 0, len(text))
        param = declared.get(name)
        if param is None:
            similar = near(name, declared)
            advice = (
                did_you_mean(similar, place)
                if similar
                else (Help(f"there is {listed(declared)}" if declared else "the spec declares no param"),)
            )
            problems.append(error("unknown_name", f"no param is called `{name}`", place, *(Help(h.message) for h in advice)))
            continue
        value = _setting(param, text, parse)
        fault = value if isinstance(value, Problem) else value_fault(param, value, place)
        unset.discard(name)
        if fault is not None:
            problems.append(fault)
        elif not isinstance(value, Problem):
            declared[name] = replace(param, value=value)
    return Params(declared, frozenset(unset)), tuple(problems)


def setting_path(name: str) -> str:
    """What stands for the file in problems with a value from the command line."""
    return f"--set {name}"


def unset_problems(params: Params, axes: frozenset[str]) -> tuple[Problem, ...]:
    """One for each param that has no value and that no axis gives one."""
    return tuple(
        error(
            "param_unset",
            f"the param `{name}` has no value",
            params.declared[name].span,
            Help(f"give it a default here, or set it on the command line: `--set {name}=...`"),
        )
        for name in sorted(params.unset - axes)
        if name in params.declared
    )


def value_fault(param: Param, value: Json, span: Span, *labels: Label) -> Problem | None:
    """Why a param cannot have a value, or None."""
    shown = f"the param `{param.name}`"
    if not _is_of_type(param, value):
        wanted = f"one of {listed(str(choice) for choice in param.choices)}" if param.type == "one_of" else _TYPE_WORDS[param.type]
        similar = near(value, [str(choice) for choice in param.choices]) if isinstance(value, str) else ()
        return error(
            "param_value", f"{shown} must be {wanted}, not {value_words(value)}", span, *did_you_mean(similar, span), labels=labels
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        if param.minimum is not None and value < param.minimum:
            return error(
                "param_value", f"{shown} must be at least {value_words(param.minimum)}, not {value_words(value)}", span, labels=labels
            )
        if param.maximum is not None and value > param.maximum:
            return error(
                "param_value", f"{shown} must be at most {value_words(param.maximum)}, not {value_words(value)}", span, labels=labels
            )
    return None


_TYPE_WORDS = {"int": "a whole number", "float": "a number", "string": "a text", "bool": "`true` or `false`"}


def _is_of_type(param: Param, value: Json) -> bool:
    match param.type:
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case _:
            return any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in param.choices)


def literal(expr: Expr) -> Json | Problem:
    """The value of an expression that may hold no names other than the choice that it is."""
    match expr:
        case String() | Boolean():
            return expr.value
        case Ref() if len(expr.parts) == 1:
            return expr.text
        case Number():
            value = in_base_unit(expr)
            return number_fault(expr) if value is None else value
        case _:
            return error("param_value", "the value of a param is a number, a text, a name, `true` or `false`", expr.span)


def _setting(param: Param, text: str, parse: ParseExpression) -> Json | Problem:
    """The value of `--set NAME=TEXT`. A text need not be quoted: shells take quotes away."""
    if param.type == "string" and not text.startswith('"'):
        return text
    path = setting_path(param.name)
    expr, problems = parse(text, path)
    if expr is None:
        return problems[0] if problems else error("param_value", f"`{text}` is no value", Span(path, 0, len(text)))
    return literal(expr)


def _default(declaration: Declaration) -> Expr | None:
    attribute = declaration.settings.get(VALUE) or declaration.settings.get("default")
    return attribute.value if attribute is not None else None


def _param(declaration: Declaration, problems: list[Problem]) -> Param | None:
    statement = declaration.statement
    written = statement.variant if isinstance(statement, Block) else statement.type
    if written is None:
        advice = Help(f"write `param {declaration.name}: float = ...`; the types are {listed(TYPES)}")
        problems.append(error("param_type", f"the param `{declaration.name}` has no type", declaration.head, advice))
        return None
    name = written.name.text if isinstance(written, CallExpr) else written.text if isinstance(written, Ref) else ""
    if name not in TYPES or (name == "one_of") != isinstance(written, CallExpr):
        similar = near(name, TYPES)
        span = written.name.span if isinstance(written, CallExpr) else written.span
        advice = Help("write `one_of(a, b)`") if name == "one_of" else Help(f"the types are {listed(TYPES)}")
        offered = did_you_mean(similar, span) if similar and name not in TYPES else (advice,)
        message = f"a param cannot have the type `{name}`" if name else "the type of a param is one name"
        problems.append(error("param_type", message, span, *offered))
        return None
    choices = _choices(written, problems) if isinstance(written, CallExpr) else ()
    low, high = (_bound(declaration.settings.get(key), name, problems) for key in ("min", "max"))
    _refuse_others(declaration, problems)
    return Param(declaration.name, name, choices, low, high, None, statement.doc, declaration.name_span)


def _choices(call: CallExpr, problems: list[Problem]) -> tuple[Json, ...]:
    values: Sequence[Expr] = [argument.value for argument in call.arguments]
    if len(values) == 1 and isinstance(values[0], ListExpr):
        values = values[0].items
    if not values:
        problems.append(error("param_type", "`one_of` names no choices", call.span, Help("write `one_of(a, b)`")))
    choices: list[Json] = []
    for value in values:
        choice = literal(value)
        if isinstance(choice, Problem):
            problems.append(choice)
        else:
            choices.append(choice)
    return tuple(choices)


def _bound(attribute: Attribute | None, type: str, problems: list[Problem]) -> float | None:
    if attribute is None:
        return None
    if type not in ("int", "float"):
        problems.append(error("param_type", f"a param of type `{type}` has no `{attribute.key.text}`", attribute.key.span))
        return None
    value = literal(attribute.value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    problems.append(error("param_value", f"`{attribute.key.text}` of a param is a number", attribute.value.span))
    return None


def _refuse_others(declaration: Declaration, problems: list[Problem]) -> None:
    known = (VALUE, "default", "min", "max")
    for key, attribute in declaration.settings.items():
        if key not in known or (key == VALUE and isinstance(declaration.statement, Block)):
            span = attribute.key.span
            similar = near(key, known[1:])
            advice = did_you_mean(similar, span) or (Help(f"there is {listed(known[1:])}"),)
            problems.append(error("unknown_key", f"a param has no key `{key}`", span, *advice))
