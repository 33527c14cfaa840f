"""The one helper of the syntax tests: what a text says, and what is wrong with its form, as text."""

from textwrap import dedent

from benchc.compiler.parse import Parsed, parse
from benchc.compiler.source import Source
from benchc.compiler.syntax import (
    Argument,
    Attribute,
    Block,
    Boolean,
    CallExpr,
    Comparison,
    Definition,
    Expr,
    Import,
    ListExpr,
    Number,
    ObjectExpr,
    RangeExpr,
    Ref,
    Statement,
    String,
)


def check(text: str, expected: str) -> None:
    """Parses `text`, less its indentation, and compares with `expected`: a line for each statement as `shown`, then one for each
    problem, `LINE: code: message`."""
    source = Source("x.bench", dedent(text).removeprefix("\n"))
    assert "\n".join(said(parse(source))) == dedent(expected).strip("\n")


def said(parsed: Parsed) -> list[str]:
    lines = parsed.syntax.source.lines()
    statements = [shown(statement) for statement in parsed.syntax.statements]
    problems = [f"{lines.position(p.span.start).line}: {p.code}: {p.message}" for p in parsed.problems]
    return [*statements, *problems]


def shown(node: Statement | Expr | Argument) -> str:
    """A node as one line of Lisp: nothing of it depends on how the formatter writes it."""
    match node:
        case Attribute(key, value, doc):
            return f"{_doc(doc)}(set {key.text!r} {shown(value)})"
        case Definition(kind, name, type_, value, doc):
            return f"{_doc(doc)}(define {kind.text} {name.text}{_more(' :', type_)}{_more(' ', value)})"
        case Block(kind, name, variant, parent, body, doc):
            named = "" if name is None else f" {name.value!r}" if isinstance(name, String) else f" {name.text}"
            inside = "".join(f" {shown(statement)}" for statement in body)
            return f"{_doc(doc)}(block {kind.text}{named}{_more(' :', variant)}{_more(' <', parent)}{inside})"
        case Import(path, alias, doc):
            return f"{_doc(doc)}(import {path.value!r} {alias.text})"
        case Comparison(left, op, right, doc):
            return f"{_doc(doc)}({op} {shown(left)} {shown(right)})"
        case Argument(name, value):
            return shown(value) if name is None else f"{name.text}={shown(value)}"
        case ListExpr(items):
            return f"[{' '.join(map(shown, items))}]"
        case ObjectExpr(entries):
            return f"{{{' '.join(map(shown, entries))}}}"
        case CallExpr(name, arguments):
            return f"({' '.join([name.text, *map(shown, arguments)])})"
        case RangeExpr(low, high):
            return f"{shown(low)}..{shown(high)}"
        case Number(value, suffix):
            return f"{value}{suffix}"
        case Boolean(value):
            return f"#{str(value).lower()}"
        case String(value):
            return repr(value)
        case Ref():
            return node.text


def _doc(doc: str) -> str:
    return f"<{doc}> " if doc else ""


def _more(before: str, node: Expr | None) -> str:
    return "" if node is None else before + shown(node)
