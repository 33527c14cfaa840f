"""The compiler on one screen: which stage follows which.

In: a spec's path and `Files`. Out: `Checked` (what the spec means and what is wrong with it), `Compiled` (the plan).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchc.compiler.plan import Plan
from benchc.compiler.problems import Problem
from benchc.compiler.resolve import Resolver
from benchc.compiler.source import Files, Source
from benchc.compiler.spec import Spec


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

    plan: Plan | None
    checked: Checked
    problems: tuple[Problem, ...]
