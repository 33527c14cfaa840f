"""What evaluating one setting finds, in the making.

In: spans, problems, params, blocks, as they are met. Out: `Evaluation`, from which `evaluate` makes a `Value`. Not here: what an
expression means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchc.compiler.jsonvalue import Json
from benchc.compiler.lookup import Names, unknown_param_in
from benchc.compiler.problems import Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.syntax import Attribute, ObjectExpr, String
from benchc.compiler.units import substitute

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """`wrong` holds the paths at which a problem was found already; what stands there is not to be looked at again. `blocks` are the
    kinds and full names of the blocks that the value refers to."""

    json: Json
    keys: Mapping[Path, Span]
    values: Mapping[Path, Span]
    wrong: frozenset[Path]
    problems: tuple[Problem, ...]
    params: frozenset[str]
    blocks: frozenset[tuple[str, str]]


@dataclass(slots=True)
class Evaluation:
    """Collects what evaluating one setting finds."""

    names: Names
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)
    wrong: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    params: set[str] = field(default_factory=set)
    blocks: set[tuple[str, str]] = field(default_factory=set)

    def fault(self, path: Path, problem: Problem) -> Json:
        """Notes why there is no value at a path, and gives null for it."""
        self.problems.append(problem)
        self.wrong.add(path)
        return None

    def read_param(self, full: str, path: Path) -> Json:
        """The value of a param that is known by its full name."""
        self.params.add(full)
        if full in self.names.params:
            return self.names.params[full]
        self.wrong.add(path)  # a param without a value has its own problem
        return None

    def text(self, string: String, path: Path) -> str:
        """A string with params put in."""

        def value_of(name: str) -> Json:
            full = self.names.param_in(string, name)
            return self.read_param(full, path) if full is not None else self.fault(path, unknown_param_in(string, name, self.names))

        return substitute(string.value, value_of)

    def entries(self, expr: ObjectExpr) -> Iterator[Attribute]:
        """The entries of an object, each key once."""
        seen: dict[str, Span] = {}
        for entry in expr.entries:
            key = entry.key.text
            if key in seen:
                label = Label(seen[key], "given here before")
                self.problems.append(error("duplicate_key", f"`{key}` is given twice", entry.key.span, labels=(label,)))
                continue
            seen[key] = entry.key.span
            yield entry

    def value(self, json: Json) -> Value:
        """All that was found, with the JSON that the setting came to."""
        return Value(
            json,
            self.keys,
            self.values,
            frozenset(self.wrong),
            tuple(self.problems),
            frozenset(self.params),
            frozenset(self.blocks),
        )
