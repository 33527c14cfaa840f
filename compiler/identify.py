"""What a setting is, apart from how it was written: the part of it that can change a result.

In: settings in canonical JSON and the catalog's types of them. Out: the same JSON without what cannot change a result (keys that the
catalog marks so, names of blocks), references replaced by what they stand for, and the versions of the implementations that are
used. Not here: which steps there are (`lower`), where files lie (`locate`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import Entry, ModelFacts
from benchc.compiler.catalog.types import Call, Choice, Either, Key, ListOf, MapOf, Record, Reference, Type
from benchc.compiler.complete import complete
from benchc.compiler.jsonvalue import Json, mapping


@dataclass(frozen=True, slots=True)
class Identity:
    """What a setting is. `versions`: implementations in it that are not in their first version, as "family.name"."""

    value: Json
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meanings:
    """How names and places in settings are replaced.

    `reference(kinds, name)` is the identity of a block that is referred to. `place(family, call)` replaces a call that says where
    files lie by what they hold; it answers None for a call that says no such thing.
    """

    reference: Callable[[tuple[str, ...], str], Identity]
    place: Callable[[str, Mapping[str, Json]], Json]


def identify_keys(keys: Sequence[Key], settings: Mapping[str, Json], meanings: Meanings) -> Identity:
    """The identity of a block's or a call's settings: those of its keys that can change a result."""
    parts = {key.name: identify(key.type, settings[key.name], meanings) for key in keys if key.keyed}
    return Identity({name: part.value for name, part in parts.items()}, _versions(parts.values()))


def identify(type: Type, value: Json, meanings: Meanings) -> Identity:
    """The identity of one value of a type."""
    match type, value:
        case _, None:
            return Identity(None)
        case Either(options=options), _:
            return identify(_option(options, value), value, meanings)
        case ListOf(item=item), list() | tuple():
            parts = [identify(item, element, meanings) for element in value]
            return Identity([part.value for part in parts], _versions(parts))
        case MapOf(values=values), Mapping():
            named = {name: identify(values, element, meanings) for name, element in value.items()}
            return Identity({name: part.value for name, part in named.items()}, _versions(named.values()))
        case Record(keys=keys), Mapping():
            return identify_keys(keys, value, meanings)
        case Call(family=family), Mapping():
            return identify_call(family, value, meanings)
        case Reference(kinds=kinds), str():
            return meanings.reference(kinds, value)
        case _:
            return Identity(value)


def identify_call(family: str, call: Mapping[str, Json], meanings: Meanings) -> Identity:
    """The identity of a call: its entry's name, version and those of its arguments that can change a result."""
    entry = entry_of(family, call)
    own = {} if entry.version == 1 else {f"{family}.{entry.name}": entry.version}
    placed = meanings.place(family, call)
    if placed is not None:
        return Identity(placed, own)
    arguments = identify_keys(entry.keys, call, meanings)
    assert isinstance(arguments.value, Mapping)
    return Identity({"call": entry.name, **arguments.value}, {**own, **arguments.versions})


def entry_of(family: str, call: Mapping[str, Json]) -> Entry:
    name = call["call"]
    assert isinstance(name, str)
    return CATALOG.entry(family, name)


def call_with_defaults(family: str, name: str) -> Mapping[str, Json]:
    """What a bare name means where a call may stand."""
    return mapping(complete({"call": name}, Call(family), CATALOG))


def calls_in(type: Type, value: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """All calls in a value with their families, the outermost first."""
    match type, value:
        case Either(options=options), _ if value is not None:
            yield from calls_in(_option(options, value), value)
        case ListOf(item=item), list() | tuple():
            for element in value:
                yield from calls_in(item, element)
        case MapOf(values=values), Mapping():
            for element in value.values():
                yield from calls_in(values, element)
        case Record(keys=keys), Mapping():
            for key in keys:
                yield from calls_in(key.type, value[key.name])
        case Call(family=family), Mapping():
            yield family, value
            for key in entry_of(family, value).keys:
                yield from calls_in(key.type, value[key.name])
        case _:
            return


def model_facts(source: Mapping[str, Json]) -> ModelFacts:
    """The facts of a model: those of its source, made sharper by what stands in it (the estimator, the baseline's answer)."""
    outer = entry_of("model_source", source).facts
    assert isinstance(outer, ModelFacts)
    nested = [(family, call) for family, call in calls_in(Call("model_source"), source) if family != "model_source"]
    inner = [facts for family, call in nested if isinstance(facts := entry_of(family, call).facts, ModelFacts)]
    if not inner:
        return outer
    return ModelFacts(inner[0].tasks, outer.fits, any(facts.uses_seed for facts in inner), inner[0].gives)


def _option(options: Sequence[Type], value: Json) -> Type:
    """The option that a canonical value belongs to: canonical values of different options differ in form."""
    for option in options:
        if _has_form(option, value):
            return option
    return options[-1]


def _has_form(type: Type, value: Json) -> bool:
    match type, value:
        case Either(options=options), _:
            return any(_has_form(option, value) for option in options)
        case Call(), Mapping():
            return "call" in value
        case MapOf() | Record(), Mapping():
            return "call" not in value
        case ListOf(), list() | tuple():
            return True
        case Choice(names=names), str():
            return value in names
        case Reference(), str():
            return True
        case ((Call() | MapOf() | Record() | ListOf() | Choice() | Reference()), _):
            return False
        case _:
            return not isinstance(value, Mapping | list | tuple)


def _versions(parts: Iterable[Identity]) -> dict[str, int]:
    return {name: version for part in parts for name, version in part.versions.items()}
