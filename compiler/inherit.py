"""`extends`: a block gets the settings of another of its kind, and replaces those that it gives itself.

In: `Declarations`. Out: the same with inherited settings. Not here: what the settings mean.

A nested block, `key { }`, is merged with the parent's object key by key; anything else replaces what the parent has.
"""

from collections.abc import Mapping, Sequence

from benchc.compiler.declare import Declaration, Declarations, did_you_mean
from benchc.compiler.problems import Problem, error
from benchc.compiler.suggest import near
from benchc.compiler.syntax import Attribute, Block, Definition, Expr, ObjectExpr


def inherit(declarations: Declarations) -> tuple[Declarations, tuple[Problem, ...]]:
    """The declarations with what `extends` brings them."""
    problems: list[Problem] = []
    finished: dict[tuple[str, str], Declaration] = {}
    for known in declarations.by_kind.values():
        for declaration in known.values():
            _finish(_ancestors(declaration, finished, declarations, problems), finished)
    by_kind = {kind: {name: finished[kind, name] for name in known} for kind, known in declarations.by_kind.items()}
    return Declarations(declarations.modules, by_kind), tuple(problems)


def _ancestors(
    declaration: Declaration, finished: Mapping[tuple[str, str], Declaration], declarations: Declarations, problems: list[Problem]
) -> list[Declaration]:
    """The declaration, what it extends, what that extends, up to the first that is finished or extends nothing."""
    line: list[Declaration] = []
    step: Declaration | None = declaration
    while step is not None:
        done = finished.get((step.kind, step.name))
        line.append(done or step)
        step = None if done is not None else _parent(step, line, declarations, problems)
    return line


def _finish(line: list[Declaration], finished: dict[tuple[str, str], Declaration]) -> None:
    above: Declaration | None = None
    for step in reversed(line):
        if above is not None:
            merged = _merge(above.settings, step.settings, _nested_blocks(step.statement))
            step = Declaration(step.kind, step.name, step.module, step.statement, step.variant or above.variant, merged)
        finished[step.kind, step.name] = step
        above = step


def _parent(
    declaration: Declaration, line: Sequence[Declaration], declarations: Declarations, problems: list[Problem]
) -> Declaration | None:
    ref = declaration.statement.parent if isinstance(declaration.statement, Block) else None
    if ref is None:
        return None
    parent = declarations.find((declaration.kind,), ref)
    if parent is None:
        similar = near(ref.text, declarations.names((declaration.kind,), ref.span.path))
        message = f"no `{declaration.kind}` is called `{ref.text}`"
        problems.append(error("unknown_name", message, ref.span, *did_you_mean(similar, ref.span)))
        return None
    if any(parent is step for step in line):
        names = [step.name for step in line]
        shown = " -> ".join(f"`{name}`" for name in (*names[names.index(parent.name) :], parent.name))
        problems.append(error("extends_cycle", f"`extends` goes round in a circle: {shown}", ref.span))
        return None
    return parent


def _nested_blocks(statement: Block | Definition) -> frozenset[str]:
    body = statement.body if isinstance(statement, Block) else ()
    return frozenset(inner.kind.text for inner in body if isinstance(inner, Block))


def _merge(parent: Mapping[str, Attribute], child: Mapping[str, Attribute], nested: frozenset[str]) -> dict[str, Attribute]:
    """The parent's settings, replaced by the child's; a nested block `key { }` is merged with the parent's object key by key."""
    merged = dict(parent)
    for key, attribute in child.items():
        before = parent.get(key)
        both_objects = before is not None and isinstance(before.value, ObjectExpr) and isinstance(attribute.value, ObjectExpr)
        if key in nested and before is not None and both_objects:
            attribute = Attribute(attribute.key, _merge_objects(before.value, attribute.value), attribute.doc, attribute.span)
        merged[key] = attribute
    return merged


def _merge_objects(parent: Expr, child: Expr) -> Expr:
    if not isinstance(parent, ObjectExpr) or not isinstance(child, ObjectExpr):
        return child
    entries = {entry.key.text: entry for entry in parent.entries}
    for entry in child.entries:
        before = entries.get(entry.key.text)
        if before is not None:
            entry = Attribute(entry.key, _merge_objects(before.value, entry.value), entry.doc, entry.span)
        entries[entry.key.text] = entry
    return ObjectExpr(tuple(entries.values()), child.span)
