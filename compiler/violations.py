"""Where a resolved block breaks the JSON Schema, as problems.

In: a block's settings without defaults, where they stand in the text, the catalog. Out: problems. `jsonschema` finds the violations
in what `accepts` does not take; its wording stays here. A value at which a problem was found already is passed over.

Calls are validated through `$ref` to their family. The family's schema tells its entries apart by the name of the call, so this file
goes straight to the entry's own schema: the same verdict as the published schema's, without trying every entry.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchc.compiler.accepts import accepts
from benchc.compiler.catalog.model import BlockKind, Catalog
from benchc.compiler.declare import VALUE, did_you_mean
from benchc.compiler.evaluation import Path
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Edit, Help, Problem, error
from benchc.compiler.schema import DEFS, Schema, block_schema, call_schema, entry_schema, variant_schema
from benchc.compiler.source import Span
from benchc.compiler.spec import Spans
from benchc.compiler.suggest import near
from benchc.compiler.words import bounds, expected, family_noun, listed, value_words


@dataclass(frozen=True, slots=True)
class Place:
    """A block that is validated: what people call it, where it stands, and what is known to be wrong in it."""

    kind: str
    title: str  # "train" or, for a task, "classification"
    spans: Spans
    head: Span
    wrong: frozenset[Path]


@dataclass(slots=True)
class Validation:
    """The schemas of a catalog and their validators, each made when it is first needed."""

    catalog: Catalog
    _blocks: dict[tuple[str, str | None], Schema] = field(default_factory=dict)
    _calls: dict[str, Schema] = field(default_factory=dict)
    _class: Any = None

    def problems(self, kind: BlockKind, variant: str | None, settings: Mapping[str, Json], place: Place) -> list[Problem]:
        """What the schema has against a block's settings."""
        return self._problems(self._block(kind, variant), settings, None, place)

    def key_problems(self, kind: BlockKind, variant: str | None, key: str, value: Json, place: Place) -> list[Problem]:
        """What the schema has against one setting of a block: all there is to validate, when only this one has changed."""
        known = self._block(kind, variant)["properties"]
        assert isinstance(known, Mapping)
        return self._problems(known[key], value, key, place) if key in known else []

    def _problems(self, schema: Any, value: Json, path: str | None, place: Place) -> list[Problem]:
        if accepts(value, schema, self._schema_of_call):
            return []
        violations = self._validator_class()({}).descend(value, schema, path=path)
        return list(dict.fromkeys(problem for violation in violations for problem in self._translate(violation, place, ())))

    def _block(self, kind: BlockKind, variant: str | None) -> Schema:
        key = (kind.name, variant)
        if key not in self._blocks:
            if kind.variants is not None and variant is not None:
                self._blocks[key] = variant_schema(kind, self.catalog.entry(kind.variants, variant))
            else:
                self._blocks[key] = block_schema(kind, self.catalog)
        return self._blocks[key]

    def _validator_class(self) -> Any:
        if self._class is None:
            from jsonschema import Draft202012Validator  # a tenth of a second that a sound spec need not spend
            from jsonschema.validators import extend

            self._class = extend(Draft202012Validator, {"$ref": self._follow})
        return self._class

    def _follow(self, validator: Any, reference: str, instance: Any, schema: Any) -> Iterable[Any]:
        """The `$ref` keyword of the validators."""
        violations: Iterable[Any] = validator.descend(instance, self._schema_of_call(reference, instance))
        return violations

    def _schema_of_call(self, reference: str, instance: Any) -> Schema:
        """The entry's own schema for a call that is in the family, else that a call of the family is asked for.

        Only families of calls are referred to inside blocks.
        """
        family = reference.removeprefix(DEFS)
        entries = self.catalog.families[family]
        name = instance.get("call") if isinstance(instance, dict) else None
        is_known = isinstance(name, str) and name in entries
        key = f"{family}.{name}" if is_known else family
        if key not in self._calls:
            self._calls[key] = entry_schema(entries[str(name)]) if is_known else call_schema(entries)
        return self._calls[key]

    # Wording

    def _translate(self, violation: Any, place: Place, above: Path) -> Iterator[Problem]:
        path: Path = (*above, *violation.relative_path)
        if violation.validator == "required":
            yield from self._missing(violation, path, place)
            return
        if violation.validator == "additionalProperties":
            yield from self._surplus(violation, path, place)
            return
        if _touches(path, place.wrong):
            return
        if violation.validator == "anyOf":
            yield from self._of_several(violation, path, place)
            return
        yield self._value_problem(violation, path, place)

    def _value_problem(self, violation: Any, path: Path, place: Place) -> Problem:
        span, named, schema, value = place.spans.at(*path), _named(path, place), violation.schema, violation.instance
        match violation.validator:
            case "enum" if path and path[-1] == "call":
                return self._unknown_call(violation, place.spans.at(*path[:-1]), schema)
            case "enum":
                similar = near(value, violation.validator_value) if isinstance(value, str) else ()
                message = f"{named} must be {expected(schema)}, not {value_words(value)}"
                return error("unknown_choice", message, span, *did_you_mean(similar, span))
            case "type":
                return error(
                    "wrong_type",
                    f"{named} must be {expected(schema)}, not {value_words(value)}",
                    span,
                    *_form_help(schema, value, path, span),
                )
            case "minItems" | "maxItems":
                least = schema.get("minItems")
                return error("out_of_range", f"{named} must hold at least {least} item{'s' if least != 1 else ''}, not {len(value)}", span)
            case "pattern":
                return error(
                    "wrong_form",
                    f"{named} does not have the form `{_inner_pattern(violation.validator_value)}`: {value_words(value)}",
                    span,
                )
            case _:
                return error("out_of_range", f"{named} must be a number{bounds(schema)}, not {value_words(value)}", span)

    def _unknown_call(self, violation: Any, span: Span, schema: Any) -> Problem:
        names = violation.validator_value
        # The schema at hand is that of the name alone; its family is the one that holds just these names.
        family = next((f for f, entries in self.catalog.families.items() if list(entries) == list(names)), "call")
        similar = near(violation.instance, names) if isinstance(violation.instance, str) else ()
        place = Span(span.path, span.start, span.start + len(str(violation.instance)))
        advice = did_you_mean(similar, place) or ((Help(f"there is {listed(names)}"),) if names else ())
        return error("unknown_call", f"no {family_noun(family)} is called `{violation.instance}`", place, *advice)

    def _of_several(self, violation: Any, path: Path, place: Place) -> Iterator[Problem]:
        """The problem of a value that fits none of several types: that of the type whose form it has, else of all of them."""
        by_option: dict[int, list[Any]] = {}
        for inner in violation.context:
            by_option.setdefault(inner.schema_path[0], []).append(inner)
        if isinstance(violation.instance, Mapping) and "call" in violation.instance:
            by_option = {i: errors for i, errors in by_option.items() if "$ref" in violation.validator_value[i]} or by_option
        formed = [errors for errors in by_option.values() if not any(e.validator == "type" and not e.relative_path for e in errors)]
        if len(formed) == 1:
            for inner in formed[0]:
                yield from self._translate(inner, place, path)
            return
        span = place.spans.at(*path)
        yield error(
            "wrong_type", f"{_named(path, place)} must be {expected(violation.schema)}, not {value_words(violation.instance)}", span
        )

    def _missing(self, violation: Any, path: Path, place: Place) -> Iterator[Problem]:
        for name in violation.validator_value:
            if name in violation.instance or name in ("call", "variant"):
                continue
            holder = _holder(violation.instance, path, place)
            span = place.head if not path else place.spans.at(*path)
            doc = violation.schema["properties"][name].get("description", "")
            advice = (Help(f"give `{name}`: {doc}"),) if doc else ()
            yield error("missing_key", f"{holder} needs `{name}`", span, *advice)

    def _surplus(self, violation: Any, path: Path, place: Place) -> Iterator[Problem]:
        known = [name for name in violation.schema["properties"] if name not in ("call", "variant")]
        for name in violation.instance:
            if name in violation.schema["properties"]:
                continue
            span = place.spans.key(*path, name)
            holder = _holder(violation.instance, path, place)
            what = "argument" if isinstance(violation.instance.get("call"), str) else "key"
            yield error("unknown_key", f"{holder} has no {what} `{name}`", span, *self._key_help(name, known, span, path, place))

    def _key_help(self, name: str, known: Sequence[str], span: Span, path: Path, place: Place) -> tuple[Help, ...]:
        similar = near(name, known)
        if similar:
            return did_you_mean(similar, span)
        holders = () if path else self._holders(name, place)
        if holders:
            return (Help(f"`{name}` belongs in {' or '.join(holders)}"),)
        return (Help(f"there is {listed(known, 12)}"),) if known else ()

    def _holders(self, name: str, place: Place) -> tuple[str, ...]:
        """Other blocks, and calls in this one, that know a key, at most three."""
        blocks = [f"a `{kind.name}` block" for kind in self.catalog.blocks.values() if any(key.name == name for key in kind.keys)]
        variants = [
            f"a `{entry.name}` {kind.name}"
            for kind in self.catalog.blocks.values()
            if kind.variants is not None
            for entry in self.catalog.families[kind.variants].values()
            if any(key.name == name for key in entry.keys)
        ]
        calls = [
            f"`{entry.name}(...)`"
            for family in self.catalog.families.values()
            for entry in family.values()
            if any(key.name == name for key in entry.keys)
        ]
        return tuple(dict.fromkeys([*blocks, *variants, *calls]))[:3]


def _touches(path: Path, wrong: Iterable[Path]) -> bool:
    """Whether a path lies at, above or below one at which a problem was found already."""
    return any(path[: len(other)] == other or other[: len(path)] == path for other in wrong)


def _named(path: Path, place: Place) -> str:
    """How people call the value at a path: "`epochs`", "an item of `seeds`"; the value of a definition by its kind."""
    names = [part for part in path if isinstance(part, str)]
    is_definition = names == [VALUE]
    name = f"`{place.kind if is_definition or not names else names[-1]}`"
    return f"an item of {name}" if path and isinstance(path[-1], int) else name


def _holder(instance: Any, path: Path, place: Place) -> str:
    call = instance.get("call")
    if isinstance(call, str):
        return f"`{call}`"
    return f"`{place.title}`" if not path else _named(path, place)


def _inner_pattern(pattern: str) -> str:
    return pattern.removeprefix("^(?:").removesuffix(")$")


def _form_help(schema: Mapping[str, Json], value: Json, path: Path, span: Span) -> tuple[Help, ...]:
    """How to write it, where that is sure: a single name instead of a list."""
    if schema.get("type") == "array" and "x-form" not in schema and isinstance(value, str) and value.replace(".", "").isidentifier():
        return (
            Help(
                f"write `[{value}]`", (Edit(Span(span.path, span.start, span.start), "["), Edit(Span(span.path, span.end, span.end), "]"))
            ),
        )
    return ()
