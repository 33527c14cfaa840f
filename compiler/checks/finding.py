"""What a check is given, and what it gives back.

In: nothing. Out: `Subject`, `Finding`. Not here: any check; how findings are silenced (`allow`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from benchc.compiler.catalog.model import Catalog
from benchc.compiler.declare import Declarations
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Problem
from benchc.compiler.spec import Declared, Spec

Respec: TypeAlias = Callable[[Mapping[str, Json]], tuple[Spec | None, tuple[Problem, ...]]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A resolved spec. Blocks that are not sound are not in it, but in `declarations`: a name of theirs is not unknown.

    `whole` is True when there are none: only then does what is absent mean anything. `respec` gives the spec under other params;
    `is_read` says whether any block reads a param. `referred`: (kind, name) of the blocks that some setting refers to.
    """

    spec: Spec
    declarations: Declarations
    catalog: Catalog
    respec: Respec
    is_read: Callable[[str], bool]
    whole: bool
    referred: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and the blocks whose `allow` silences it when it is a lint."""

    problem: Problem
    blocks: tuple[Declared, ...] = ()


Check: TypeAlias = Callable[[Subject], Iterable[Finding]]
