"""Which argument of a call goes to which key of its entry.

In: a call, the catalog's entry. Out: `Bound`, and problems for arguments that have no place. Not here: their values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchc.compiler.catalog.model import Entry
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.syntax import Argument, CallExpr, Expr, ListExpr
from benchc.compiler.words import listed


@dataclass(frozen=True, slots=True)
class Bound:
    """An argument with the key that it is for, which the entry may not have; `place` is the name, or the value when it has none."""

    key: str
    value: Expr
    place: Span


def bind(call: CallExpr, entry: Entry) -> tuple[list[Bound], list[Problem]]:
    """Arguments without names first, in the entry's order, then the named ones."""
    unnamed = [argument for argument in call.arguments if argument.name is None]
    bound = [Bound(key, argument.value, argument.value.span) for key, argument in zip(entry.positional, unnamed, strict=False)]
    further = unnamed[len(entry.positional) :]
    problems: list[Problem] = []
    if further and entry.rest is not None:
        bound.append(_rest(entry.rest, further))
    elif further:
        problems.append(_too_many(entry, further[0]))
    given = {argument.key for argument in bound}
    for argument in call.arguments:
        if argument.name is None:
            continue
        key = argument.name.text
        if key in given:
            problems.append(error("wrong_argument", f"`{key}` of `{entry.name}` is given twice", argument.name.span))
            continue
        given.add(key)
        bound.append(Bound(key, argument.value, argument.name.span))
    return bound, problems


def _rest(key: str, arguments: Sequence[Argument]) -> Bound:
    """All further arguments as one list; a single list stands for its items."""
    span = arguments[0].span.to(arguments[-1].span)
    if len(arguments) == 1 and isinstance(arguments[0].value, ListExpr):
        return Bound(key, arguments[0].value, span)
    return Bound(key, ListExpr(tuple(argument.value for argument in arguments), span), span)


def _too_many(entry: Entry, surplus: Argument) -> Problem:
    if not entry.positional:
        names = [key.name for key in entry.keys]
        advice = Help(f"its arguments are named: {listed(names)}" if names else f"`{entry.name}` takes no arguments")
        return error("wrong_argument", f"`{entry.name}` takes no argument without a name", surplus.span, advice)
    count = len(entry.positional)
    message = f"`{entry.name}` takes at most {count} argument{'s' if count > 1 else ''} without a name"
    return error("wrong_argument", message, surplus.span, Help(f"in order: {listed(entry.positional)}; further ones are named"))
