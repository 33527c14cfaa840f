"""The spec: what a file means once imports, params, `extends` and references are settled.

In: `Syntax`. Out: `Spec`, made by `resolve`, checked by the `check_*` passes, taken apart by `expand` and `lower`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchc.compiler.jsonvalue import Json
from benchc.compiler.source import Span


@dataclass(frozen=True, slots=True)
class Spans:
    """Where the parts of a block's settings stand in the text, by JSON path: ("metrics", 1, "average").

    `keys` gives the span of the key (or of the list item), `values` that of the value. A part that was not written (a default) has
    none: `at` then answers with the nearest enclosing part that was.
    """

    whole: Span
    keys: Mapping[tuple[str | int, ...], Span]
    values: Mapping[tuple[str | int, ...], Span]

    def at(self, *path: str | int) -> Span:
        """Span of the value at `path`, or of the nearest enclosing value that was written."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.values:
                return self.values[path[:end]]
        return self.whole

    def key(self, *path: str | int) -> Span:
        """Span of the key at `path`, or of what `at` answers."""
        return self.keys[path] if path in self.keys else self.at(*path)


@dataclass(frozen=True, slots=True)
class Declared:
    """A block or definition with its settings in canonical JSON, defaults filled in (see `catalog.model`).

    `name` is the full name: `glue.sst2` when it came in by `import ... as glue`. `folder` is the folder of the file that it stands in:
    relative paths in it are relative to that (for an inherited `source`, the file that the source was written in). The settings of a
    definition, `metric macro_f1 = f1(average = macro)`, are {"value": ...}. `name` of the `bench` is its quoted name.
    """

    kind: str
    name: str
    variant: str | None
    settings: Mapping[str, Json]
    written: frozenset[str]  # top-level keys that the author gave, inherited ones included
    doc: str
    folder: str
    spans: Spans = field(compare=False)


SCORE = "score"  # what a gate calls the number that a suite joins its tasks' primary metrics into


@dataclass(frozen=True, slots=True)
class GateTest:
    """One comparison of a gate. A side is a number or a dotted reference (str): RUN.TASK.MODEL.METRIC or RUN.SUITE.MODEL.score, with the
    training setting behind MODEL where it is named."""

    left: str | float
    op: str
    right: str | float
    text: str
    span: Span = field(compare=False)
    left_span: Span = field(compare=False)
    right_span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    tests: tuple[GateTest, ...]
    doc: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Param:
    """`type` is "int" | "float" | "string" | "bool" | "one_of"; `choices` for the last. `value` is what holds now."""

    name: str
    type: str
    choices: tuple[Json, ...]
    minimum: float | None
    maximum: float | None
    value: Json
    doc: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Spec:
    """`blocks` by kind, then by full name, in the order of declaration. `params` with the values that hold."""

    path: str
    bench: Declared | None
    params: Mapping[str, Param]
    blocks: Mapping[str, Mapping[str, Declared]]
    gates: tuple[Gate, ...]

    def block(self, kind: str, name: str) -> Declared:
        return self.blocks[kind][name]
