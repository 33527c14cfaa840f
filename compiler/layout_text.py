"""Nodes of the syntax tree as lines of text.

In: nodes, the text that they were read from, its comments. Out: lines in the one style (`format` says which that is).
Every function that returns lines gives the first one without indentation, to go behind what stands on that line already.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias, assert_never

from benchc.compiler.layout_comments import Arranged, Comments, Remark
from benchc.compiler.literals import TRIPLE, margin_of
from benchc.compiler.source import Span
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

WIDTH: Final = 100
INDENT: Final = "  "

Item: TypeAlias = Statement | Argument | Expr
Piece: TypeAlias = str | Expr


class Layout:
    """`flat` forms are None where the author's line breaks, a comment or a text of several lines ask for more than one line."""

    def __init__(self, text: str, comments: Comments) -> None:
        self._text = text
        self._comments = comments
        self._flat: dict[int, str | None] = {}

    def file(self, statements: Sequence[Statement]) -> list[str]:
        arranged = self._arrange(statements, 0, len(self._text))
        return _item_lines([self._statement(statement, "") for statement in statements], arranged, "", "")

    # One item of any kind

    def _item(self, item: Item, indent: str, room: int) -> list[str]:
        return self._lay(self._pieces(item), indent, len(indent), room)

    def _statement(self, statement: Statement, indent: str) -> list[str]:
        if not isinstance(statement, Block):
            return self._item(statement, indent, 0)
        head = self._lay(self._heading(statement), indent, len(indent), 2)
        column = len(indent if len(head) == 1 else "") + len(head[-1])
        return _joined(head, self._body(statement, indent, column))

    def _pieces(self, item: Item) -> list[Piece]:
        """The item as text, which stays as it is, and expressions, which may take several lines."""
        match item:
            case Attribute(key, value):
                return [f"{self._written(key.span)} = ", value]
            case Definition(kind, name, type_, value):
                type_pieces: list[Piece] = [" : " if value is None and kind.text != "param" else ": ", type_] if type_ is not None else []
                value_pieces: list[Piece] = [" = ", value] if value is not None else []
                return [f"{kind.text} {name.text}", *type_pieces, *value_pieces]
            case Import(path, alias):
                return [f"import {self._written(path.span)} as {alias.text}"]
            case Argument(name, value):
                return [f"{name.text} = ", value] if name is not None else [value]
            case Comparison(left, op, right):
                return [left, f" {op} ", right]
            case Block():
                return self._heading(item)
            case _:
                return [item]

    def _heading(self, block: Block) -> list[Piece]:
        pieces: list[Piece] = [block.kind.text]
        if block.name is not None:
            pieces.append(f" {self._written(block.name.span)}")
        if block.variant is not None:
            pieces += [": " if block.kind.text == "param" else " : ", block.variant]
        if block.parent is not None:
            pieces.append(f" extends {block.parent.text}")
        return [*pieces, " "]

    def _lay(self, pieces: Sequence[Piece], indent: str, column: int, room: int) -> list[str]:
        """Pieces one behind the other. `column` is where the first begins, `room` what must stay free behind the last."""
        lines = [""]
        for index, piece in enumerate(pieces):
            if isinstance(piece, str):
                lines = _joined(lines, [piece])
                continue
            at = column + len(lines[-1]) if len(lines) == 1 else len(lines[-1])
            behind = room + sum(len(later) for later in pieces[index + 1 :] if isinstance(later, str))
            lines = _joined(lines, self._expression(piece, indent, at, behind))
        return lines

    # Expressions

    def _expression(self, value: Expr, indent: str, column: int, room: int) -> list[str]:
        flat = self._flat_of(value)
        if flat is not None and (column + len(flat) + room <= WIDTH or not _has_items(value)):
            return [flat]
        match value:
            case ListExpr(items, span):
                return self._bracketed("[", items, "]", span.start + 1, span, indent)
            case CallExpr(name, arguments, span):
                start = self._parenthesis(name) + 1
                return self._bracketed(f"{name.text}(", arguments, ")", start, span, indent)
            case ObjectExpr(entries, span):
                return self._braced(entries, span.start + 1, span, indent)
            case Comparison():
                return self._lay(self._pieces(value), indent, column, room)
            case String(span=span):
                return self._dedented(span, indent)
            case Ref() | Number() | Boolean() | RangeExpr():
                raise AssertionError("names and numbers have a flat form")
            case _:
                assert_never(value)

    def _bracketed(self, opening: str, items: Sequence[Argument | Expr], closing: str, start: int, span: Span, indent: str) -> list[str]:
        arranged = self._arrange(items, start, span.end - 1)
        inner = indent + INDENT
        lines = _item_lines([self._item(item, inner, 1) for item in items], arranged, inner, ",")
        return [opening + _behind(arranged.opening), *lines, indent + closing]

    def _braced(self, statements: Sequence[Statement], start: int, span: Span, indent: str) -> list[str]:
        arranged = self._arrange(statements, start, span.end - 1)
        inner = indent + INDENT
        lines = _item_lines([self._statement(statement, inner) for statement in statements], arranged, inner, "")
        return ["{" + _behind(arranged.opening), *lines, indent + "}"]

    def _body(self, block: Block, indent: str, column: int) -> list[str]:
        flat = self._flat_body(block)
        if flat is not None and column + len(flat) <= WIDTH:
            return [flat]
        return self._braced(block.body, self._brace(block) + 1, block.span, indent)

    def _dedented(self, span: Span, indent: str) -> list[str]:
        """A text between three quotes, with its margin moved to where it now stands."""
        first, *rest = self._written(span).replace("\r\n", "\n").split("\n")
        margin = margin_of(rest[-1])
        inner = indent + INDENT
        moved = [line.removeprefix(margin) if line.strip(" \t") or line.startswith(margin) else "" for line in rest]
        return [first, *(inner + line if line else "" for line in moved)]

    # Flat forms

    def _flat_of(self, item: Item) -> str | None:
        known = id(item)
        if known not in self._flat:
            self._flat[known] = self._make_flat(item)
        return self._flat[known]

    def _make_flat(self, item: Item) -> str | None:
        match item:
            case String(span=span):
                written = self._written(span)
                return written if not (written.startswith(TRIPLE) and "\n" in written) else None
            case Number(text=text):
                return text
            case Boolean(value):
                return "true" if value else "false"
            case Ref():
                return item.text
            case RangeExpr(low, high):
                return f"{low.text}..{high.text}"
            case ListExpr(items, span):
                return self._flat_list("[", items, "]", span.start + 1, span)
            case CallExpr(name, arguments, span):
                return self._flat_list(f"{name.text}(", arguments, ")", self._parenthesis(name) + 1, span)
            case ObjectExpr(entries, span):
                return self._flat_braces(entries, span.start, span)
            case Block():
                heading, body = self._flat_pieces(self._heading(item)), self._flat_body(item)
                return heading + body if heading is not None and body is not None else None
            case _:
                return self._flat_pieces(self._pieces(item))

    def _flat_pieces(self, pieces: Sequence[Piece]) -> str | None:
        parts = [piece if isinstance(piece, str) else self._flat_of(piece) for piece in pieces]
        return None if None in parts else "".join(part for part in parts if part is not None)

    def _flat_list(self, opening: str, items: Sequence[Argument | Expr], closing: str, start: int, span: Span) -> str | None:
        """None also where the author went to a new line behind the opening bracket."""
        if self._comments.any_between(start, span.end) or (items and "\n" in self._text[start : items[0].span.start]):
            return None
        parts = [self._flat_of(item) for item in items]
        return None if None in parts else opening + ", ".join(part for part in parts if part is not None) + closing

    def _flat_braces(self, statements: Sequence[Statement], start: int, span: Span) -> str | None:
        """None also where the author had a new line anywhere between the braces."""
        if "\n" in self._text[start : span.end] or self._comments.any_between(start, span.end):
            return None
        parts = [self._flat_of(statement) for statement in statements]
        if None in parts:
            return None
        return "{ " + ", ".join(part for part in parts if part is not None) + " }" if parts else "{}"

    def _flat_body(self, block: Block) -> str | None:
        return self._flat_braces(block.body, self._brace(block), block.span)

    # Places

    def _arrange(self, items: Sequence[Item], start: int, end: int) -> Arranged:
        return self._comments.arrange(items, start, end, [self._containers(item) for item in items])

    def _containers(self, item: Item) -> list[Span]:
        """The spans between brackets within an item, outermost ones only: what is there arranges its own comments."""
        match item:
            case ListExpr(span=span) | ObjectExpr(span=span):
                return [span]
            case CallExpr(name, _, span):
                return [Span(span.path, self._parenthesis(name), span.end)]
            case Attribute(value=value) | Argument(value=value):
                return self._containers(value)
            case Definition(type=type_, value=value):
                return [span for part in (type_, value) if part is not None for span in self._containers(part)]
            case Block(variant=variant, span=span):
                return [*(self._containers(variant) if variant is not None else []), Span(span.path, self._brace(item), span.end)]
            case Comparison(left, _, right):
                return [*self._containers(left), *self._containers(right)]
            case String() | Number() | Boolean() | Ref() | RangeExpr() | Import():
                return []
            case _:
                assert_never(item)

    def _parenthesis(self, name: Name) -> int:
        """Where the parenthesis behind the name of a call stands; comments may go before it."""
        at = self._text.index("(", name.span.end)
        for comment in self._comments.between(name.span.end, len(self._text)):
            if comment.span.start > at:
                break
            at = self._text.index("(", comment.span.end)
        return at

    def _brace(self, block: Block) -> int:
        return self._text.index("{", block.head.end)

    def _written(self, span: Span) -> str:
        return self._text[span.start : span.end]


def _has_items(value: Expr) -> bool:
    match value:
        case ListExpr(items) | ObjectExpr(items):
            return bool(items)
        case CallExpr(_, arguments):
            return bool(arguments)
        case Comparison(left, _, right):
            return _has_items(left) or _has_items(right)
        case _:
            return False


def _item_lines(items: Sequence[list[str]], arranged: Arranged, indent: str, separator: str) -> list[str]:
    """The lines of items, each with its comments and with `separator` behind it."""
    lines: list[str] = []
    for (first, *rest), placed in zip(items, arranged.items, strict=True):
        _remark(lines, placed.before, indent)
        if placed.spaced and lines:
            lines.append("")
        lines += [indent + first, *rest]
        lines[-1] += separator + _behind(placed.behind)
    _remark(lines, arranged.last, indent)
    return lines


def _joined(lines: list[str], more: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1] + more[0], *more[1:]]


def _behind(comment: str) -> str:
    return f"  {comment}" if comment else ""


def _remark(lines: list[str], remarks: Sequence[Remark], indent: str) -> None:
    for remark in remarks:
        if remark.spaced and lines:
            lines.append("")
        lines.append(indent + remark.text)
