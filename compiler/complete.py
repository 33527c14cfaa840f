"""Defaults: what was not written is filled in, so that lowering sees every key.

In: canonical JSON as it was written, the catalog. Out: the same with every key of every block and call: its default, or null.
"""

from collections.abc import Mapping, Sequence

from benchc.compiler.catalog.model import Catalog
from benchc.compiler.catalog.types import Call, Either, Key, ListOf, MapOf, Record, Required, Type
from benchc.compiler.jsonvalue import Json


def complete_keys(given: Mapping[str, Json], keys: Sequence[Key], catalog: Catalog) -> dict[str, Json]:
    """`given`, its values completed, and every key that it lacks."""
    result: dict[str, Json] = {}
    for key in keys:
        value = given[key.name] if key.name in given else _default(key)
        result[key.name] = complete(value, key.type, catalog)
    return result


def complete(value: Json, type: Type, catalog: Catalog) -> Json:
    """A value that the schema accepts for `type`, with the defaults of the calls and records in it."""
    match type, value:
        case Call(family=family), {"call": str(name)}:
            assert isinstance(value, Mapping)
            return {"call": name, **complete_keys(value, catalog.entry(family, name).keys, catalog)}
        case Record(keys=keys), Mapping():
            return complete_keys(value, keys, catalog)
        case MapOf(values=inner), Mapping():
            return {key: complete(item, inner, catalog) for key, item in value.items()}
        case ListOf(item=inner), list():
            return [complete(item, inner, catalog) for item in value]
        case Either(options=options), _:
            option = next((option for option in options if _is_shaped(value, option, catalog)), None)
            return value if option is None else complete(value, option, catalog)
        case _:
            return value


def _default(key: Key) -> Json:
    assert not isinstance(key.default, Required), f"`{key.name}` must be given; the schema has checked that it is"
    return key.default


def _is_shaped(value: Json, type: Type, catalog: Catalog) -> bool:
    """Whether a value has the JSON form in which an option of several is kept."""
    match type, value:
        case Call(family=family), {"call": str(name)}:
            return name in catalog.families[family]
        case MapOf() | Record(), Mapping():
            return "call" not in value
        case ListOf(), list():
            return True
        case Either(options=options), _:
            return any(_is_shaped(value, option, catalog) for option in options)
        case _:
            return False
