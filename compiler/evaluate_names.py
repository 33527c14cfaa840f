"""Bare and quoted names: choices, blocks, fields, columns, labels.

In: an expression where a name is expected, its path, what evaluation found so far. Out: JSON. Not here: literals (`evaluate_literals`).
"""

from benchc.compiler.catalog import types
from benchc.compiler.evaluate_literals import as_written
from benchc.compiler.evaluation import Evaluation, Path
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lookup import either, unknown_block
from benchc.compiler.problems import Edit, Help, error
from benchc.compiler.source import Span
from benchc.compiler.syntax import Expr, Ref, String
from benchc.compiler.units import has_param


def name(expr: Expr, type: types.Name, path: Path, found: Evaluation) -> Json:
    match expr:
        case Ref():
            return _bare_name(expr, type, path, found)
        case String():
            return _quoted_name(expr, type, path, found)
        case _:
            return as_written(expr, path, found)


def _bare_name(ref: Ref, type: types.Name, path: Path, found: Evaluation) -> Json:
    match type:
        case types.Choice(names=choices):
            full = None if ref.text in choices else found.names.param(ref)
            return ref.text if full is None else found.read_param(full, path)
        case types.Reference(kinds=kinds):
            return reference(ref, kinds, path, found)
        case types.Column() if len(ref.parts) > 1:
            quoted = Help("a path into a row is quoted", (Edit(ref.span, f'"{ref.text}"'),))
            return found.fault(path, error("quotes", f"`{ref.text}` is not one name", ref.span, quoted))
        case _ if len(ref.parts) > 1:
            return found.fault(path, error("wrong_type", f"`{ref.text}` is not one name", ref.span))
        case _:
            return ref.text


def _quoted_name(string: String, type: types.Name, path: Path, found: Evaluation) -> Json:
    if isinstance(type, types.Column | types.LabelValue) or has_param(string.value):
        text = found.text(string, path)
        return _named(text, string.span, type, path, found) if isinstance(type, types.Reference) else text
    unquoted = Help("drop the quotes", (Edit(string.span, string.value),) if string.value.isidentifier() else ())
    return found.fault(path, error("quotes", f'"{string.value}" is quoted where a name is expected', string.span, unquoted))


def reference(ref: Ref, kinds: tuple[str, ...], path: Path, found: Evaluation) -> Json:
    """The full name of the block that a name stands for, or that the param of that name names."""
    declaration = found.names.declarations.find(kinds, ref)
    if declaration is not None:
        found.blocks.add((declaration.kind, declaration.name))
        return declaration.name
    full = found.names.param(ref)
    if full is not None and "param" not in kinds:
        value = found.read_param(full, path)
        return _named(str(value), ref.span, types.Reference(kinds), path, found) if value is not None else None
    return found.fault(path, unknown_block(ref, kinds, (), found.names))


def _named(text: str, span: Span, type: types.Reference, path: Path, found: Evaluation) -> Json:
    """The block that a param's value names."""
    full = found.names.declarations.modules[span.path].prefix + text
    for kind in type.kinds:
        if full in found.names.declarations.by_kind[kind]:
            found.blocks.add((kind, full))
            return full
    return found.fault(path, error("unknown_name", f"no {either(type.kinds)} is called `{text}`", span))
