"""What names can stand for, and the problem of a name that stands for nothing.

In: declarations, the catalog, the values of params. Out: `Names`, problems. Not here: what a key expects (`evaluate`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchc.compiler.catalog.model import Catalog
from benchc.compiler.catalog.types import Call, Choice, Reference, Text, Type
from benchc.compiler.declare import Declarations, did_you_mean
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Edit, Help, Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.suggest import near
from benchc.compiler.syntax import Ref, String
from benchc.compiler.words import listed

SHORT_LIST = 6


@dataclass(frozen=True, slots=True)
class Names:
    """Declared blocks, catalog entries, and params with the values that hold; params without a value are absent from `params`."""

    declarations: Declarations
    catalog: Catalog
    params: Mapping[str, Json]

    def param(self, ref: Ref) -> str | None:
        """The full name of the param that a reference names."""
        name = self.declarations.full_name(ref)
        return name if name in self.declarations.by_kind["param"] else None

    def param_in(self, string: String, name: str) -> str | None:
        """The full name of the param that `${name}` in a string names."""
        full = self.declarations.modules[string.span.path].prefix + name
        return full if full in self.declarations.by_kind["param"] else None

    def calls(self, family: str) -> Iterable[str]:
        return self.catalog.families[family]


def unknown_block(ref: Ref, kinds: tuple[str, ...], others: Iterable[str], names: Names) -> Problem:
    """A name that should be a block of these kinds, or one of the `others`."""
    declarations = names.declarations
    wanted = either(kinds) if kinds else "choice here"
    for kind in declarations.by_kind:
        found = declarations.find((kind,), ref)
        if found is not None and kind != "param":
            label = Label(found.name_span, f"the {kind} `{ref.text}`")
            return error("wrong_kind", f"`{ref.text}` is a {kind}, not a {wanted}", ref.span, labels=(label,))
    candidates = [*declarations.names(kinds, ref.span.path), *others]
    similar = near(ref.text, candidates)
    advice = did_you_mean(similar, ref.span) or _all_of(candidates, wanted)
    labels = _where_declared(similar, kinds, declarations, ref.span.path)
    return error("unknown_name", f"no {wanted} is called `{ref.text}`", ref.span, *advice, labels=labels)


def unknown_among(ref: Ref, options: Iterable[Type], names: Names) -> Problem:
    """A name that should be what one of several types takes."""
    kinds: list[str] = []
    others: list[str] = []
    for option in options:
        match option:
            case Reference():
                kinds += option.kinds
            case Call():
                others += names.calls(option.family)
            case Choice():
                others += option.names
            case _:
                pass
    return unknown_block(ref, tuple(kinds), others, names)


def unknown_param(ref: Ref, type: Type, names: Names) -> Problem | None:
    """A bare name where a literal is expected. None when it is near to no param: then the schema says what should stand there."""
    similar = near(ref.text, names.declarations.names(("param",), ref.span.path))
    if similar:
        return error("unknown_name", f"no param is called `{ref.text}`", ref.span, *did_you_mean(similar, ref.span))
    if isinstance(type, Text):
        quoted = Help("put it into quotes", (Edit(ref.span, f'"{ref.text}"'),))
        return error("quotes", f"`{ref.text}` is a name where a quoted text is expected", ref.span, quoted)
    return None


def unknown_param_in(string: String, name: str, names: Names) -> Problem:
    """`${name}` in a string, where no param has that name."""
    text = names.declarations.modules[string.span.path].syntax.source.text
    at = text.find("${" + name + "}", string.span.start, string.span.end)
    place = string.span if at < 0 else Span(string.span.path, at + len("${"), at + len("${") + len(name))
    similar = near(name, names.declarations.names(("param",), string.span.path))
    return error("unknown_name", f"no param is called `{name}`", place, *did_you_mean(similar, place))


def _where_declared(similar: tuple[str, ...], kinds: Iterable[str], declarations: Declarations, path: str) -> tuple[Label, ...]:
    """Where the only near name is declared: the slip may be there."""
    prefix = declarations.modules[path].prefix
    found = [known[prefix + name] for name in similar for kind in kinds if prefix + name in (known := declarations.by_kind[kind])]
    return (Label(found[0].name_span, f"`{similar[0]}` is declared here"),) if len(similar) == 1 and found else ()


def either(kinds: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(kinds))


def _all_of(candidates: list[str], wanted: str) -> tuple[Help, ...]:
    if not candidates:
        return (Help(f"the spec declares no {wanted}"),)
    return (Help(f"there is {listed(candidates)}"),) if len(candidates) <= SHORT_LIST else ()
