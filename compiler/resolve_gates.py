"""Gates: comparisons of metrics with numbers or with each other.

In: declarations of kind `gate`. Out: `Gate` values. Not here: whether a reference names a cell that runs (`checks.gates`).
"""

from benchc.compiler.declare import Declaration, Declarations, as_attribute
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.spec import Gate, GateTest
from benchc.compiler.syntax import Block, Comparison, Expr, Number, Ref, Statement
from benchc.compiler.units import UNITS, in_base_unit


def resolve_gates(declarations: Declarations) -> tuple[tuple[Gate, ...], tuple[Problem, ...]]:
    """The gates of the spec's own file."""
    problems: list[Problem] = []
    own = [gate for gate in declarations.by_kind["gate"].values() if gate.module.prefix == ""]
    return tuple(_gate(declaration, problems) for declaration in own), tuple(problems)


def _gate(declaration: Declaration, problems: list[Problem]) -> Gate:
    statement = declaration.statement
    text = declaration.module.syntax.source.text
    body = statement.body if isinstance(statement, Block) else ()
    tests = [test for inner in body if (test := _test(inner, text, problems)) is not None]
    if not body:
        advice = Help("write `RUN.TASK.MODEL.METRIC >= NUMBER` into it")
        problems.append(error("gate_empty", f"the gate `{declaration.name}` tests nothing", declaration.head, advice))
    return Gate(declaration.name, tuple(tests), statement.doc, declaration.head)


def _test(statement: Statement, text: str, problems: list[Problem]) -> GateTest | None:
    if not isinstance(statement, Comparison):
        if as_attribute(statement, problems) is not None:
            advice = Help("write `RUN.TASK.MODEL.METRIC >= NUMBER`")
            problems.append(error("misplaced", "a gate holds comparisons alone", statement.span, advice))
        return None
    left, right = _side(statement.left, problems), _side(statement.right, problems)
    if left is None or right is None:
        return None
    words = " ".join(text[statement.span.start : statement.span.end].split())
    return GateTest(left, statement.op, right, words, statement.span, statement.left.span, statement.right.span)


def _side(expr: Expr, problems: list[Problem]) -> str | float | None:
    match expr:
        case Ref():
            return expr.text
        case Number():
            value = in_base_unit(expr)
            if value is not None and UNITS[expr.suffix].dimension in ("plain", "share", "count"):
                return value
            problems.append(error("wrong_unit", f"a metric has no unit `{expr.suffix}`", expr.span, Help("write `0.9` or `90%`")))
        case _:
            problems.append(error("wrong_type", "a gate compares metrics, `RUN.TASK.MODEL.METRIC`, and numbers", expr.span))
    return None
