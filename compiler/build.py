"""Nodes of the syntax tree, made while the parser reads.

In: the parts of a rule, as the parser has them. Out: nodes of `syntax`. Each method is named in the grammar (`-> name`) and gets the
list of parts: nodes for names, literals and what rules made, the token itself for others, with `start` and `end`.
"""

from typing import Any

from benchc.compiler.literals import read_number, read_string
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.source import Source, Span
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
    Name,
    Number,
    ObjectExpr,
    RangeExpr,
    Ref,
    Statement,
    String,
)

Parts = list[Any]


class Build:
    """The parser's actions for one text. `problems` grows with what is wrong inside of literals."""

    def __init__(self, source: Source, docs: dict[int, str]) -> None:
        self.source = source
        self.path = source.path
        self.text = source.text
        self.docs = docs
        self.problems: list[Problem] = []

    # Tokens

    def leaf_name(self, start: int, end: int) -> Name:
        return Name(self.text[start:end], Span(self.path, start, end))

    def leaf_string(self, start: int, end: int) -> String:
        text = read_string(self.source, start, end)
        self.problems.extend(text.problems)
        return String(text.value, text.dedented, Span(self.path, start, end))

    def leaf_number(self, start: int, end: int) -> Number:
        number = read_number(self.source, start, end)
        self.problems.extend(number.problems)
        return Number(number.value, number.suffix, self.text[start:end], Span(self.path, start, end))

    def leaf_operator(self, start: int, end: int) -> str:
        return self.text[start:end]

    # Repetition

    def none(self, parts: Parts) -> list[Any]:
        return []

    def one_more(self, parts: Parts) -> list[Any]:
        parts[0].append(parts[1])
        return parts[0]  # type: ignore[no-any-return]

    def file(self, parts: Parts) -> list[Statement]:
        return parts[0]  # type: ignore[no-any-return]

    def file_open(self, parts: Parts) -> list[Statement]:
        return [*parts[0], parts[1]]

    # Statements

    def attribute(self, parts: Parts) -> Attribute:
        key, _, value = parts
        start = key.span.start
        return Attribute(key, value, self.docs.get(start, ""), Span(self.path, start, value.span.end))

    def definition(self, parts: Parts) -> Definition:
        (kind, name), _, value = parts
        return self._define(kind, name, None, value)

    def typed_definition(self, parts: Parts) -> Definition:
        (kind, name), type_, _, value = parts
        return self._define(kind, name, type_, value)

    def declaration(self, parts: Parts) -> Definition:
        (kind, name), type_ = parts
        return self._define(kind, name, type_, None)

    def _define(self, kind: Name, name: Name, type_: Expr | None, value: Expr | None) -> Definition:
        last = value if value is not None else type_
        end = last.span.end if last is not None else name.span.end
        return Definition(kind, name, type_, value, self.docs.get(kind.span.start, ""), Span(self.path, kind.span.start, end))

    def block(self, parts: Parts) -> Block:
        heading, body = parts
        return self._block(heading, None, body)

    def block_extending(self, parts: Parts) -> Block:
        heading, _, parent, body = parts
        return self._block(heading, parent, body)

    def _block(self, heading: tuple[Name, Name | String | None, Expr | None], parent: Ref | None, body: tuple[Parts, int]) -> Block:
        kind, name, variant = heading
        statements, end = body
        start = kind.span.start
        last = parent or variant or name or kind
        head = Span(self.path, start, last.span.end)
        return Block(kind, name, variant, parent, tuple(statements), self.docs.get(start, ""), Span(self.path, start, end), head)

    def import_file(self, parts: Parts) -> Import | Attribute:
        word, path, _, alias = parts
        span = Span(self.path, word.span.start, alias.span.end)
        if word.text != "import":
            self.problems.append(
                error(
                    "unexpected",
                    f"`{word.text}` takes no path and name",
                    word.span,
                    Help(f"to use another file, write `import {self.text[path.span.start : path.span.end]} as {alias.text}`"),
                )
            )
        return Import(path, alias, self.docs.get(word.span.start, ""), span)

    def comparison_statement(self, parts: Parts) -> Comparison:
        left, operator, right = parts
        return Comparison(left, operator, right, self.docs.get(left.span.start, ""), left.span.to(right.span))

    # Headings

    def named(self, parts: Parts) -> tuple[Name, Name | String]:
        return parts[0], parts[1]

    def heading(self, parts: Parts) -> tuple[Name, Name | String, None]:
        return (*parts[0], None)

    def heading_kind(self, parts: Parts) -> tuple[Name, None, None]:
        return parts[0], None, None

    def heading_kind_typed(self, parts: Parts) -> tuple[Name, None, Expr]:
        return parts[0], None, parts[1]

    def heading_typed(self, parts: Parts) -> tuple[Name, Name | String, Expr]:
        return (*parts[0], parts[1])

    def type(self, parts: Parts) -> Expr:
        return parts[1]  # type: ignore[no-any-return]

    def body(self, parts: Parts) -> tuple[Parts, int]:
        return parts[1], parts[2].end

    def body_open(self, parts: Parts) -> tuple[Parts, int]:
        return [*parts[1], parts[2]], parts[3].end

    # Expressions

    def comparison(self, parts: Parts) -> Comparison:
        left, operator, right = parts
        return Comparison(left, operator, right, "", left.span.to(right.span))

    def range(self, parts: Parts) -> RangeExpr:
        low, _, high = parts
        return RangeExpr(low, high, low.span.to(high.span))

    def list(self, parts: Parts) -> ListExpr:
        return ListExpr(tuple(parts[1]), Span(self.path, parts[0].start, parts[2].end))

    def list_open(self, parts: Parts) -> ListExpr:
        return ListExpr((*parts[1], parts[2]), Span(self.path, parts[0].start, parts[3].end))

    def object(self, parts: Parts) -> ObjectExpr:
        return ObjectExpr(tuple(parts[1]), Span(self.path, parts[0].start, parts[2].end))

    def object_open(self, parts: Parts) -> ObjectExpr:
        return ObjectExpr((*parts[1], parts[2]), Span(self.path, parts[0].start, parts[3].end))

    def boolean_true(self, parts: Parts) -> Boolean:
        return Boolean(True, Span(self.path, parts[0].start, parts[0].end))

    def boolean_false(self, parts: Parts) -> Boolean:
        return Boolean(False, Span(self.path, parts[0].start, parts[0].end))

    def first_part(self, parts: Parts) -> Parts:
        return parts

    def next_part(self, parts: Parts) -> Parts:
        parts[0].append(parts[2])
        return parts[0]  # type: ignore[no-any-return]

    def ref(self, parts: Parts) -> Ref:
        names = parts[0]
        return Ref(tuple(names), names[0].span.to(names[-1].span))

    def quoted_key(self, parts: Parts) -> Name:
        return Name(parts[0].value, parts[0].span)

    def word_key(self, parts: Parts) -> Name:
        return self.leaf_name(parts[0].start, parts[0].end)

    def call(self, parts: Parts) -> CallExpr:
        return CallExpr(parts[0], tuple(parts[2]), Span(self.path, parts[0].span.start, parts[3].end))

    def call_open(self, parts: Parts) -> CallExpr:
        return CallExpr(parts[0], (*parts[2], parts[3]), Span(self.path, parts[0].span.start, parts[4].end))

    def argument(self, parts: Parts) -> Argument:
        return Argument(None, parts[0], parts[0].span)

    def named_argument(self, parts: Parts) -> Argument:
        name, _, value = parts
        return Argument(name, value, name.span.to(value.span))
