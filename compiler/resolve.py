"""From declarations to the spec: settings evaluated, held against the schema, completed.

In: `Declarations`, `Params`, the catalog. Out: `Spec`, through a `Resolver`, which can be asked again with other params: only settings
that read a changed param are done again, and each set of values once.
Not here: what blocks mean to each other (`checks`).
"""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from benchc.compiler.catalog.model import BlockKind, Catalog, TaskFacts
from benchc.compiler.catalog.types import Anything, Key, Type
from benchc.compiler.complete import complete, complete_keys
from benchc.compiler.declare import VALUE, Declaration, Declarations, did_you_mean
from benchc.compiler.evaluate import evaluate
from benchc.compiler.evaluation import Path, Value
from benchc.compiler.jsonvalue import Json, canonical
from benchc.compiler.lookup import Names
from benchc.compiler.params import Params
from benchc.compiler.problems import Help, Problem, error, has_errors
from benchc.compiler.resolve_gates import resolve_gates
from benchc.compiler.source import Span
from benchc.compiler.spec import Declared, Spans, Spec
from benchc.compiler.suggest import near
from benchc.compiler.syntax import String
from benchc.compiler.task_metrics import settle_metrics
from benchc.compiler.violations import Place, Validation
from benchc.compiler.words import listed

NOT_TAKEN_OVER = ("bench", "run", "gate", "report")  # kinds that an importing file does not get
APART = ("bench", "param", "gate")  # kinds that `Spec` keeps outside `blocks`


@dataclass(frozen=True, slots=True)
class _Built:
    """A block after evaluation. `declared` is None when it is not sound."""

    declaration: Declaration
    kind: BlockKind
    types: Mapping[str, Key]
    parts: Mapping[str, Value]
    declared: Declared | None
    problems: tuple[Problem, ...]

    def readers(self, changed: Iterable[str]) -> list[str]:
        """The settings that read one of these params."""
        return [key for key, part in self.parts.items() if not part.params.isdisjoint(changed)]


@dataclass(frozen=True, slots=True)
class _Again:
    """A block after a setting was done again; None when it is not sound then."""

    declared: Declared | None
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Resolver:
    """Makes the spec, and remembers enough to make it again under other params."""

    path: str
    declarations: Declarations
    params: Params
    catalog: Catalog
    validation: Validation
    _built: list[_Built] = field(default_factory=list)
    _by_param: dict[str, list[_Built]] = field(default_factory=dict)
    _base: Spec | None = None
    _remembered: dict[tuple[str, str, str, str], _Again] = field(default_factory=dict)

    def resolve(self) -> tuple[Spec, tuple[Problem, ...]]:
        """The spec under the params' own values. A param without one takes the first value of an axis."""
        self.params = self._with_first_of_axes()
        names = self._names(self.params.values())
        self._built = [self._build(declaration, names) for declaration in self._taken()]
        for built in self._built:
            for name in {name for part in built.parts.values() for name in part.params}:
                self._by_param.setdefault(name, []).append(built)
        gates, problems = resolve_gates(self.declarations)
        found = [*problems, *(problem for built in self._built for problem in built.problems)]
        blocks: dict[str, dict[str, Declared]] = {kind: {} for kind in self.catalog.blocks if kind not in APART}
        bench: Declared | None = None
        for built in self._built:
            if built.declared is None:
                continue
            if built.kind.name == "bench":
                bench = built.declared
            else:
                blocks[built.kind.name][built.declared.name] = built.declared
        if not blocks["report"]:
            blocks["report"][""] = self._usual_report()
        self._base = Spec(self.path, bench, self.params.declared, blocks, gates)
        return self._base, tuple(found)

    def respec(self, assignment: Mapping[str, Json]) -> tuple[Spec | None, tuple[Problem, ...]]:
        """The spec under other values of some params (by full name), and the problems that they cause."""
        base = self._base
        assert base is not None, "respec follows resolve"
        changed = {name: value for name, value in assignment.items() if not _equal(base.params[name].value, value)}
        if not changed:
            return base, ()
        blocks = dict(base.blocks)
        bench = base.bench
        problems: list[Problem] = []
        for built in self._reading(changed):
            declared, found = self._rebuilt(built, changed)
            problems += found
            if declared is None:
                return None, tuple(problems)
            if built.kind.name == "bench":
                bench = declared
            else:
                blocks[built.kind.name] = {**blocks[built.kind.name], declared.name: declared}
        params = {**base.params, **{name: replace(base.params[name], value=value) for name, value in changed.items()}}
        return Spec(base.path, bench, params, blocks, base.gates), tuple(problems)

    def reads(self, param: str) -> bool:
        """Whether any block reads a param."""
        return param in self._by_param

    def referred(self) -> frozenset[tuple[str, str]]:
        """The kinds and full names of all blocks that a setting of another refers to."""
        parts = (part for built in self._built for part in built.parts.values())
        return frozenset(block for part in parts for block in part.blocks)

    def _reading(self, changed: Mapping[str, Json]) -> list[_Built]:
        found = {id(built): built for name in changed for built in self._by_param.get(name, ()) if built.declared is not None}
        return list(found.values())

    def _rebuilt(self, built: _Built, changed: Mapping[str, Json]) -> tuple[Declared | None, tuple[Problem, ...]]:
        """A block with the settings that read changed params done again."""
        assert built.declared is not None
        if built.kind.name == "task":  # its settings depend on each other: `primary` on `metrics`
            again = self._remember(built, "", changed)
            return again.declared, again.problems
        settings = dict(built.declared.settings)
        problems: list[Problem] = []
        for key in built.readers(changed):
            again = self._remember(built, key, changed)
            problems += again.problems
            if again.declared is None:
                return None, tuple(problems)
            settings[key] = again.declared.settings[key]
        return replace(built.declared, settings=settings), tuple(problems)

    def _remember(self, built: _Built, key: str, changed: Mapping[str, Json]) -> _Again:
        """The block with one setting (or, for "", all) done again, kept for the next time that these values come."""
        parts = built.parts.values() if key == "" else (built.parts[key],)
        read = {name: changed[name] for part in parts for name in part.params if name in changed}
        memory = (built.kind.name, built.declaration.name, key, canonical(read))
        if memory not in self._remembered:
            names = self._names({**self.params.values(), **changed})
            self._remembered[memory] = self._with_setting(built, key, names) if key else self._whole(built, names)
        return self._remembered[memory]

    def _whole(self, built: _Built, names: Names) -> _Again:
        again = self._build(built.declaration, names)
        return _Again(again.declared, again.problems)

    def _with_setting(self, built: _Built, key: str, names: Names) -> _Again:
        assert built.declared is not None
        wanted = _type_of(built.kind, built.types, key)
        part = evaluate(built.declaration.settings[key], wanted, names)
        spans = Spans(built.declaration.head, part.keys, part.values)
        place = Place(built.kind.name, _title(built.declaration), spans, built.declaration.head, part.wrong)
        against = self.validation.key_problems(built.kind, built.declaration.variant, key, part.json, place)
        problems = (*part.problems, *against)
        if has_errors(problems) or part.wrong:
            return _Again(None, problems)
        settings = {**built.declared.settings, key: complete(part.json, wanted, self.catalog)}
        return _Again(replace(built.declared, settings=settings), problems)

    def _names(self, values: Mapping[str, Json]) -> Names:
        return Names(self.declarations, self.catalog, values)

    def _taken(self) -> Iterable[Declaration]:
        """The declarations that make up the spec, kind by kind."""
        for kind, known in self.declarations.by_kind.items():
            for declaration in known.values():
                if kind not in ("param", "gate") and (declaration.module.prefix == "" or kind not in NOT_TAKEN_OVER):
                    yield declaration

    def _with_first_of_axes(self) -> Params:
        if not self.params.unset:
            return self.params
        names = self._names(self.params.values())
        runs = [self._build(d, names) for d in self.declarations.by_kind["run"].values() if d.module.prefix == ""]
        declared, unset = dict(self.params.declared), set(self.params.unset)
        for built in runs:
            axes = built.parts["axes"].json if "axes" in built.parts else None
            for name, values in axes.items() if isinstance(axes, Mapping) else ():
                if name in unset and name in declared and isinstance(values, list) and values:
                    declared[name] = replace(declared[name], value=values[0])
                    unset.discard(name)
        return Params(declared, frozenset(unset))

    def _usual_report(self) -> Declared:
        start = Span(self.path, 0, 0)
        settings = complete_keys({}, self.catalog.blocks["report"].keys, self.catalog)
        return Declared("report", "", None, settings, frozenset(), "", posixpath.dirname(self.path), Spans(start, {}, {}))

    # One block

    def _build(self, declaration: Declaration, names: Names) -> _Built:
        kind = self.catalog.blocks[declaration.kind]
        fault = self._variant_fault(declaration, kind)
        if fault is not None:
            return _Built(declaration, kind, {}, {}, None, (fault,))
        types = self._types(kind, declaration.variant)
        parts = {key: evaluate(a, _type_of(kind, types, key), names) for key, a in declaration.settings.items()}
        spans = _spans(declaration.head, parts.values())
        written = {key: part.json for key, part in parts.items()}
        wrong = frozenset(path for part in parts.values() for path in part.wrong)
        place = Place(kind.name, _title(declaration), spans, declaration.head, wrong)
        against = self.validation.problems(kind, declaration.variant, written, place)
        problems = [*(problem for part in parts.values() for problem in part.problems), *against]
        if has_errors(problems) or wrong:
            return _Built(declaration, kind, types, parts, None, tuple(problems))
        settings, more = self._completed(kind, declaration, types, written, spans)
        declared = Declared(
            kind=kind.name,
            name=_full_name(declaration),
            variant=declaration.variant,
            settings=settings,
            written=frozenset(written),
            doc=declaration.statement.doc,
            folder=posixpath.dirname(spans.at("source").path),
            spans=spans,
        )
        return _Built(declaration, kind, types, parts, None if has_errors(more) else declared, (*problems, *more))

    def _completed(
        self, kind: BlockKind, declaration: Declaration, types: Mapping[str, Key], written: Mapping[str, Json], spans: Spans
    ) -> tuple[Mapping[str, Json], tuple[Problem, ...]]:
        if kind.defined is not None:
            return {VALUE: complete(written[VALUE], kind.defined, self.catalog)}, ()
        settings = complete_keys(written, tuple(types.values()), self.catalog)
        if kind.name == "task":
            return self._settle(settings, declaration.variant, spans)
        return settings, ()

    def _settle(self, settings: Mapping[str, Json], variant: str | None, spans: Spans) -> tuple[dict[str, Json], tuple[Problem, ...]]:
        facts = self.catalog.entry("task", str(variant)).facts
        assert isinstance(facts, TaskFacts)
        return settle_metrics(settings, facts, self.catalog, spans)

    def _types(self, kind: BlockKind, variant: str | None) -> Mapping[str, Key]:
        own = {key.name: key for key in kind.keys}
        if kind.variants is None or variant is None:
            return own
        return {**{key.name: key for key in self.catalog.entry(kind.variants, variant).keys}, **own}

    def _variant_fault(self, declaration: Declaration, kind: BlockKind) -> Problem | None:
        if kind.variants is None:
            return None
        known = self.catalog.families[kind.variants]
        statement = declaration.statement
        if declaration.variant is None:
            short = declaration.name.rpartition(".")[2]
            advice = Help(f"write `{kind.name} {short} : KIND {{ }}` with KIND one of {listed(known)}")
            return error("block_form", f"the {kind.name} `{short}` does not say its kind", declaration.head, advice)
        if declaration.variant in known:
            return None
        written = getattr(statement, "variant", None)
        span = written.span if written is not None else declaration.head
        similar = near(declaration.variant, known)
        offered = did_you_mean(similar, span) or (Help(f"there is {listed(known)}"),)
        return error("unknown_variant", f"no kind of {kind.name} is called `{declaration.variant}`", span, *offered)


def _equal(one: Json, other: Json) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _type_of(kind: BlockKind, types: Mapping[str, Key], key: str) -> Type:
    if kind.defined is not None and key == VALUE:
        return kind.defined
    return types[key].type if key in types else Anything()


def _full_name(declaration: Declaration) -> str:
    """The quoted name of a `bench`, the full name of anything else."""
    name = declaration.statement.name
    return name.value if isinstance(name, String) else declaration.name


def _title(declaration: Declaration) -> str:
    return declaration.variant or declaration.kind


def _spans(whole: Span, parts: Iterable[Value]) -> Spans:
    keys: dict[Path, Span] = {}
    values: dict[Path, Span] = {}
    for part in parts:
        keys.update(part.keys)
        values.update(part.values)
    return Spans(whole, keys, values)
