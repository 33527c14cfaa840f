"""The syntax tree: what a file says, before any name in it means anything.

In: `Source`. Out: `Syntax`, made by `parse`. Blocks and keys are generic here: which kinds there are is the catalog's business.
Spans take no part in equality, so that two texts that differ in layout alone have equal trees. Comments are kept aside, by span.
"""

from dataclasses import dataclass, field

from benchc.compiler.source import Source, Span


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class String:
    """A string literal. `value` has escapes undone and indentation stripped; `${...}` stands in it as written."""

    value: str
    dedented: bool = field(compare=False)  # written with triple quotes
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the suffix it was written with: `80%` is Number(80, "%"), `10k` is Number(10, "k"), `512MiB` is Number(512, "MiB")."""

    value: int | float
    suffix: str  # the unit as written, "" for none; `units` says which there are
    text: str = field(compare=False)  # as written, for the formatter
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Ref:
    """A bare or dotted name: `sms`, `glue.sst2`, `main.task.model.metric`. What it stands for is decided by the key that holds it."""

    parts: tuple[Name, ...]
    span: Span = field(compare=False)

    @property
    def text(self) -> str:
        return ".".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class ListExpr:
    items: tuple["Expr", ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class ObjectExpr:
    entries: tuple["Attribute", ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `name` is None when it is positional."""

    name: Name | None
    value: "Expr"
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class CallExpr:
    name: Name
    arguments: tuple[Argument, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class RangeExpr:
    """`1..3`, both ends included."""

    low: Number
    high: Number
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op right`, op one of `== != < <= > >=`: a statement in a gate, the value of `where` in a dataset."""

    left: "Expr"
    op: str
    right: "Expr"
    doc: str
    span: Span = field(compare=False)


Expr = String | Number | Boolean | Ref | ListExpr | ObjectExpr | CallExpr | RangeExpr | Comparison


@dataclass(frozen=True, slots=True)
class Attribute:
    """`key = value`. `doc` is the text of the `##` comments before it, lines joined by newlines, "" when there are none."""

    key: Name
    value: Expr
    doc: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Definition:
    """`labels polarity = [a, b]`, `param lr: float = 1e-4`, `param lr: float`. At least one of `type` and `value` is there."""

    kind: Name
    name: Name
    type: Expr | None
    value: Expr | None
    doc: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """`kind name : variant extends parent { body }`; name may be a string (`bench "trec"`) or absent (`fields { }`)."""

    kind: Name
    name: Name | String | None
    variant: Expr | None
    parent: Ref | None
    body: tuple["Statement", ...]
    doc: str
    span: Span = field(compare=False)
    head: Span = field(compare=False)  # the header alone, without the body: what a problem about the block underlines


@dataclass(frozen=True, slots=True)
class Import:
    path: String
    alias: Name
    doc: str
    span: Span = field(compare=False)


Statement = Attribute | Definition | Block | Import | Comparison


@dataclass(frozen=True, slots=True)
class Comment:
    """A `#` or `##` comment, with its marks, without the newline."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Syntax:
    """A parsed file. After faults, `statements` holds what could be read."""

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(compare=False)
