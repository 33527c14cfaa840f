"""Text to syntax tree.

In: `Source`. Out: `Parsed`: the tree, and problems with its form. Never fails: after a fault the tree holds what could be read.
A sound text takes the straight way here; any fault in its form sends it through `recover`, which finds all of them.
Not here: names, kinds and keys, which mean nothing yet.
"""

from dataclasses import dataclass
from typing import Any

from benchc.compiler.build import Build
from benchc.compiler.layout import lay_out
from benchc.compiler.lex import NEWLINE, Token, lex
from benchc.compiler.problems import Help, Problem, error, in_reading_order
from benchc.compiler.shift_reduce import Refused, run
from benchc.compiler.source import Source
from benchc.compiler.syntax import Expr, Syntax


@dataclass(frozen=True, slots=True)
class Parsed:
    syntax: Syntax
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ParsedExpression:
    """`value` is None when the text is not an expression; `problems` then says why."""

    value: Expr | None
    problems: tuple[Problem, ...]


def parse(source: Source) -> Parsed:
    """The syntax tree of a file."""
    lexed = lex(source)
    if all(token[0] == NEWLINE for token in lexed.tokens):
        return Parsed(Syntax(source, (), tuple(lexed.comments)), in_reading_order([*lexed.problems, _empty(source)]))
    build = Build(source, lexed.docs)
    statements = None if lexed.problems else _straight(lay_out(lexed.tokens), build, "file")
    if statements is None:
        from benchc.compiler.recover import recover_file  # costs a sound text 20 ms

        recovered = recover_file(source, lexed)
        return Parsed(Syntax(source, tuple(recovered.statements), tuple(lexed.comments)), in_reading_order(recovered.problems))
    return Parsed(Syntax(source, tuple(statements), tuple(lexed.comments)), in_reading_order(build.problems))


def parse_expression(text: str, path: str) -> ParsedExpression:
    """The value in `--set NAME=VALUE`. `path` is what a problem with it names as its place."""
    source = Source(path, text)
    lexed = lex(source)
    build = Build(source, lexed.docs)
    while lexed.tokens and lexed.tokens[-1][0] == NEWLINE:
        lexed.tokens.pop()
    value = None if lexed.problems else _straight(lay_out(lexed.tokens), build, "expression")
    if value is not None:
        return ParsedExpression(value, in_reading_order(build.problems))
    from benchc.compiler.recover import recover_expression

    return ParsedExpression(None, in_reading_order(recover_expression(source, lexed)))


def _straight(tokens: list[Token], build: Build, start: str) -> Any:
    try:
        return run(tokens, build, start)
    except Refused:
        return None


def _empty(source: Source) -> Problem:
    return error(
        "empty_file", "the file is empty", source.span(0, 0), Help('begin with `edition = "2026"`, or make a first spec with `benchc init`')
    )
