"""From parsed files to declarations: which blocks there are, under which names, with which settings.

In: `Loaded`, the catalog. Out: `Declarations`. Not here:
`extends` (`inherit`), what a setting's value means (`evaluate`), params' values (`params`).

Settings stay syntax. A name in them is looked up in the file that its span belongs to, so that a setting inherited from an imported
block keeps its meaning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler.catalog.model import BlockKind, Catalog
from benchc.compiler.load_imports import Module
from benchc.compiler.problems import Edit, Help, Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.suggest import near
from benchc.compiler.syntax import Attribute, Block, Comparison, Definition, Import, Name, ObjectExpr, Ref, Statement, String

VALUE = "value"  # the key under which a definition's value stands


@dataclass(frozen=True, slots=True)
class Declaration:
    """A block or definition. `settings` are what stands in it by key; after `inherit`, what it inherits too."""

    kind: str
    name: str  # full
    module: Module
    statement: Block | Definition
    variant: str | None
    settings: Mapping[str, Attribute]

    @property
    def head(self) -> Span:
        return self.statement.head if isinstance(self.statement, Block) else self.statement.kind.span.to(self.statement.name.span)

    @property
    def name_span(self) -> Span:
        return self.statement.name.span if self.statement.name is not None else self.statement.kind.span


@dataclass(frozen=True, slots=True)
class Declarations:
    """All declarations by kind and full name, and the files in which names are looked up."""

    modules: Mapping[str, Module]
    by_kind: Mapping[str, Mapping[str, Declaration]]

    def find(self, kinds: Iterable[str], ref: Ref) -> Declaration | None:
        """What a reference in some file means, when it should be of one of these kinds (the first that fits)."""
        name = self.full_name(ref)
        if name is None:
            return None
        found = (self.by_kind.get(kind, {}).get(name) for kind in kinds)
        return next((declaration for declaration in found if declaration is not None), None)

    def full_name(self, ref: Ref) -> str | None:
        """`glue.sst2` in a file that imports glue as `glue`; None when an alias on the way does not exist."""
        module = self.modules[ref.span.path]
        for part in ref.parts[:-1]:
            path = module.aliases.get(part.text)
            if path is None or path not in self.modules:
                return None
            module = self.modules[path]
        return module.prefix + ref.parts[-1].text

    def names(self, kinds: Iterable[str], path: str) -> list[str]:
        """What could be written in the file at `path` for a block of these kinds."""
        module = self.modules[path]
        own = [n.removeprefix(module.prefix) for kind in kinds for n, d in self.by_kind.get(kind, {}).items() if d.module is module]
        return own + self._imported(kinds, module)

    def _imported(self, kinds: Iterable[str], module: Module) -> list[str]:
        kinds = tuple(kinds)
        return [
            f"{alias}.{declaration.statement.name.text if isinstance(declaration.statement.name, Name) else ''}"
            for alias, target in module.aliases.items()
            for kind in kinds
            for declaration in self.by_kind.get(kind, {}).values()
            if declaration.module.path == target
        ]


def declare(modules: Mapping[str, Module], catalog: Catalog) -> tuple[Declarations, tuple[Problem, ...]]:
    """Collects the declarations of all files. What is unknown, misplaced or given twice is reported and left out."""
    problems: list[Problem] = []
    by_kind: dict[str, dict[str, Declaration]] = {kind: {} for kind in catalog.blocks}
    for module in modules.values():
        for statement in module.syntax.statements:
            declared = _declaration(statement, module, catalog, problems)
            if declared is None:
                continue
            before = by_kind[declared.kind].get(declared.name)
            if before is None:
                by_kind[declared.kind][declared.name] = declared
            else:
                problems.append(_twice(declared, before))
    return Declarations(modules, by_kind), tuple(problems)


def _twice(declared: Declaration, before: Declaration) -> Problem:
    label = Label(before.name_span, "declared here before")
    if declared.name == declared.module.prefix or isinstance(declared.statement.name, String):
        return error("duplicate_name", f"a file holds one `{declared.kind}` block", declared.name_span, labels=(label,))
    name = declared.name.removeprefix(declared.module.prefix)
    return error("duplicate_name", f"the name `{name}` is given to two `{declared.kind}` blocks", declared.name_span, labels=(label,))


def _declaration(statement: Statement, module: Module, catalog: Catalog, problems: list[Problem]) -> Declaration | None:
    match statement:
        case Import():
            return None
        case Attribute():
            if statement.key.text != "edition":
                problems.append(_stray_attribute(statement, catalog))
            return None
        case Comparison():
            problems.append(error("misplaced", "a comparison stands outside a gate", statement.span, Help("put it into `gate NAME { }`")))
            return None
        case Block() | Definition():
            kind = catalog.blocks.get(statement.kind.text)
            if kind is None:
                problems.append(_unknown_kind(statement.kind, catalog))
                return None
            return _of_kind(statement, kind, module, problems)


def _stray_attribute(statement: Attribute, catalog: Catalog) -> Problem:
    key = statement.key.text
    holders = [kind.name for kind in catalog.blocks.values() if any(k.name == key for k in kind.keys)]
    advice: tuple[Help, ...] = ()
    if key in catalog.blocks:
        advice = (Help(f"write `{key} NAME {{ }}`" if catalog.blocks[key].named == "name" else f"write `{key} {{ }}`"),)
    elif holders:
        advice = (Help(f"`{key}` belongs in a block: " + ", ".join(f"`{holder}`" for holder in holders[:3])),)
    return error("misplaced", f"`{key}` stands outside a block", statement.key.span, *advice)


def _unknown_kind(name: Name, catalog: Catalog) -> Problem:
    similar = near(name.text, catalog.blocks)
    return error("unknown_kind", f"there is no kind of block called `{name.text}`", name.span, *did_you_mean(similar, name.span))


def did_you_mean(similar: Sequence[str], span: Span) -> tuple[Help, ...]:
    """The help that offers near names; one alone comes with the edit."""
    if not similar:
        return ()
    shown = " or ".join(f"`{name}`" for name in similar)
    edits = (Edit(span, similar[0]),) if len(similar) == 1 else ()
    return (Help(f"did you mean {shown}?", edits),)


def _of_kind(statement: Block | Definition, kind: BlockKind, module: Module, problems: list[Problem]) -> Declaration | None:
    fault = _form(statement, kind)
    if fault is not None:
        problems.append(fault)
        return None
    if kind.named == "string" or statement.name is None:
        name = module.prefix
    else:
        name = module.prefix + statement.name.text if isinstance(statement.name, Name) else module.prefix
    variant = _variant(statement, kind, problems)
    return Declaration(kind.name, name, module, statement, variant, _settings(statement, kind, problems))


def _form(statement: Block | Definition, kind: BlockKind) -> Problem | None:
    """What is wrong with how a block of this kind is begun."""
    span = statement.kind.span
    shown = f"`{kind.name}`"
    match kind.named, statement.name:
        case "name", None:
            return error("block_form", f"the {shown} block has no name", span, Help(f"write `{kind.name} NAME {{ }}`"))
        case "name", String():
            return error("block_form", f"the name of a {shown} block is not quoted", statement.name.span, *_unquote(statement.name))
        case "string", None | Name():
            return error("block_form", f"the name of a {shown} block is a quoted text", span, Help(f'write `{kind.name} "name" {{ }}`'))
        case "none", Name() | String():
            return error("block_form", f"a {shown} block has no name", statement.name.span, Help(f"write `{kind.name} {{ }}`"))
        case _:
            pass
    if isinstance(statement, Definition) and kind.defined is None:
        return error("block_form", f"a {shown} is a block, not a value", span, Help(f"write `{kind.name} {statement.name.text} {{ }}`"))
    if isinstance(statement, Block) and not _has_block_form(kind):
        name = statement.name.text if isinstance(statement.name, Name) else "NAME"
        return error("block_form", f"a {shown} is a value, not a block", span, Help(f"write `{kind.name} {name} = ...`"))
    return None


def _has_block_form(kind: BlockKind) -> bool:
    return kind.defined is None or bool(kind.keys)


def _unquote(name: String) -> tuple[Help, ...]:
    return (Help(f"write `{name.value}`", (Edit(name.span, name.value),)),) if name.value.isidentifier() else ()


def _variant(statement: Block | Definition, kind: BlockKind, problems: list[Problem]) -> str | None:
    written = statement.variant if isinstance(statement, Block) else None
    if kind.name == "param":
        return None
    if written is None:
        return None
    if isinstance(written, Ref) and len(written.parts) == 1 and kind.variants is not None:
        return written.text
    message = f"a `{kind.name}` block takes nothing behind a colon" if kind.variants is None else "the kind behind the colon is one name"
    problems.append(error("block_form", message, written.span))
    return None


def _settings(statement: Block | Definition, kind: BlockKind, problems: list[Problem]) -> Mapping[str, Attribute]:
    if isinstance(statement, Definition):
        if statement.type is not None and kind.name != "param":
            problems.append(error("block_form", f"a `{kind.name}` has no type", statement.type.span, Help("only a `param` has one")))
        if statement.value is None:
            return {}
        return {VALUE: Attribute(Name(VALUE, statement.name.span), statement.value, "", statement.span)}
    if kind.name == "gate":
        return {}
    return _body(statement.body, problems)


def _body(statements: Iterable[Statement], problems: list[Problem]) -> dict[str, Attribute]:
    """The settings of a body by key; a nested block is a setting whose value is an object."""
    settings: dict[str, Attribute] = {}
    for statement in statements:
        attribute = as_attribute(statement, problems)
        if attribute is None:
            continue
        before = settings.setdefault(attribute.key.text, attribute)
        if before is not attribute:
            label = Label(before.key.span, "given here before")
            problems.append(error("duplicate_key", f"`{attribute.key.text}` is given twice", attribute.key.span, labels=(label,)))
    return settings


def as_attribute(statement: Statement, problems: list[Problem]) -> Attribute | None:
    """A statement of a body as a setting; None, with a problem, when it is none."""
    match statement:
        case Attribute():
            return statement
        case Block(name=None, variant=None, parent=None):
            entries = [as_attribute(inner, problems) for inner in statement.body]
            value = ObjectExpr(tuple(entry for entry in entries if entry is not None), statement.span)
            return Attribute(statement.kind, value, statement.doc, statement.span)
        case Block() | Definition():
            shown = statement.kind.text
            place = statement.head if isinstance(statement, Block) else statement.kind.span
            problems.append(error("misplaced", f"`{shown}` stands inside another block", place, Help("move it out of the braces")))
        case Import():
            problems.append(error("misplaced", "an import stands inside a block", statement.span, Help("move it to the top of the file")))
        case Comparison():
            problems.append(error("misplaced", "a comparison stands outside a gate", statement.span, Help("put it into `gate NAME { }`")))
    return None
