"""The compiler on one screen: which stage follows which.

In: a spec's path and `Files`. Out: `Checked` (what the spec means and what is wrong with it), `Compiled` (the plan).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchc.compiler.catalog import CATALOG
from benchc.compiler.checks import MEANING, METHOD
from benchc.compiler.checks.allow import apply_allowances
from benchc.compiler.checks.finding import Subject
from benchc.compiler.declare import Declarations, declare
from benchc.compiler.inherit import inherit
from benchc.compiler.jsonvalue import Json
from benchc.compiler.load_imports import load_imports
from benchc.compiler.params import Params, declare_params, set_params, setting_path, unset_problems
from benchc.compiler.parse import parse, parse_expression
from benchc.compiler.problems import Problem, has_errors, in_reading_order
from benchc.compiler.resolve import Resolver
from benchc.compiler.source import Files, Source
from benchc.compiler.spec import Spec
from benchc.compiler.syntax import Expr, Syntax
from benchc.compiler.violations import Validation

if TYPE_CHECKING:
    from benchc.compiler.plan import Plan  # `check` alone does not need it


@dataclass(frozen=True, slots=True)
class Checked:
    """`spec` and `resolver` are None where the files could not be read or parsed. With errors among the problems the spec holds
    only the blocks that are sound, and must not be lowered. `sources` are the texts of the spec and its imports, by path."""

    spec: Spec | None
    resolver: Resolver | None
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Compiled:
    """`plan` is None when any problem is an error. `problems` are those of the check and of lowering."""

    plan: "Plan | None"
    checked: Checked
    problems: tuple[Problem, ...]


NO_SETTINGS: Mapping[str, str] = {}


def check(path: str, files: Files, settings: Mapping[str, str] = NO_SETTINGS) -> Checked:
    """What is wrong with the spec at `path`, and what it means. `settings` are the values of params, as text, by full name."""
    loaded = load_imports(path, files, _parse)
    sources = {**loaded.sources, **{setting_path(name): Source(setting_path(name), text) for name, text in settings.items()}}
    if not loaded.whole:
        return Checked(None, None, in_reading_order(loaded.problems), sources)
    declared, misdeclared = declare(loaded.modules, CATALOG)
    declarations, misinherited = inherit(declared)
    params, misset = _params(declarations, settings)
    resolver = Resolver(path, declarations, params, CATALOG, Validation(CATALOG))
    spec, unresolved = resolver.resolve()
    problems = (*loaded.problems, *misdeclared, *misinherited, *misset, *unresolved, *unset_problems(params, _axes(spec)))
    subject = Subject(spec, declarations, CATALOG, resolver.respec, resolver.reads, not has_errors(problems), resolver.referred())
    checks = (*MEANING, *METHOD) if subject.whole else MEANING
    findings = apply_allowances([finding for one in checks for finding in one(subject)], subject)
    return Checked(spec, resolver, in_reading_order((*problems, *findings)), sources)


def compile(path: str, files: Files, settings: Mapping[str, str] = NO_SETTINGS) -> Compiled:  # noqa: A001 - the stage's name
    """The plan of the spec at `path`."""
    checked = check(path, files, settings)
    if checked.spec is None or checked.resolver is None or has_errors(checked.problems):
        return Compiled(None, checked, checked.problems)
    from benchc.compiler.lower import lower

    lowered = lower(checked.spec, checked.resolver.respec, files)
    return Compiled(lowered.plan, checked, in_reading_order((*checked.problems, *lowered.problems)))


def _parse(source: Source) -> tuple[Syntax, tuple[Problem, ...]]:
    parsed = parse(source)
    return parsed.syntax, parsed.problems


def _parse_setting(text: str, path: str) -> tuple[Expr | None, tuple[Problem, ...]]:
    parsed = parse_expression(text, path)
    return parsed.value, parsed.problems


def _params(declarations: Declarations, settings: Mapping[str, str]) -> tuple[Params, tuple[Problem, ...]]:
    declared, misdeclared = declare_params(declarations)
    params, misset = set_params(declared, settings, _parse_setting)
    return params, (*misdeclared, *misset)


def _axes(spec: Spec) -> frozenset[str]:
    """The params that some run varies."""
    varied: list[Json] = [run.settings["axes"] for run in spec.blocks["run"].values()]
    return frozenset(name for axes in varied if isinstance(axes, Mapping) for name in axes)
