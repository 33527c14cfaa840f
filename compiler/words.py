"""Schemas and values in words, for messages.

In: parts of the JSON Schema, canonical JSON. Out: noun phrases. Not here: whole messages.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from benchc.compiler.jsonvalue import Json
from benchc.compiler.schema import DEFS

FAMILIES: Mapping[str, str] = {
    "task": "kind of task",
    "source": "data source",
    "format": "data format",
    "field": "kind of field",
    "splits": "way to split",
    "labels": "way to make labels",
    "model_source": "model source",
    "features": "kind of features",
    "select": "way to select",
    "early_stop": "way to stop early",
    "comparison": "comparison",
    "suite_score": "suite score",
    "validation": "way to validate",
}

MOST_NAMES = 6
LONGEST_VALUE = 40


def family_noun(family: str) -> str:
    return FAMILIES.get(family, family.replace("_", " "))


def listed(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """`a`, `b`, `c`, with an end to long lists."""
    names = list(names)
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def expected(schema: Mapping[str, Json]) -> str:
    """What a schema asks for: "a whole number of at least 1"."""
    if "anyOf" in schema:
        options = schema["anyOf"]
        assert isinstance(options, Sequence)
        return " or ".join(dict.fromkeys(expected(option) for option in options if isinstance(option, Mapping)))
    if "$ref" in schema:
        return _article(family_noun(str(schema["$ref"]).removeprefix(DEFS)))
    if "enum" in schema:
        names = schema["enum"]
        assert isinstance(names, Sequence)
        return ("one of " if len(names) > 1 else "") + listed(str(name) for name in names)
    if "x-reference" in schema:
        kinds = schema["x-reference"]
        assert isinstance(kinds, Sequence)
        return "the name of " + " or ".join(_article(str(kind)) for kind in kinds)
    return _FORMS.get(str(schema.get("x-form")), "") or _by_type(schema)


_FORMS: Mapping[str, str] = {
    "call": "a call",
    "field": "the name of a field",
    "column": "a column",
    "name": "a name",
    "label": "a label",
    "range": "a range such as `1..3`",
    "map": "an object, `{ name = value }`",
    "condition": "a comparison such as `length >= 3`",
}


def _by_type(schema: Mapping[str, Json]) -> str:
    match schema.get("type"):
        case "string":
            return "a quoted text"
        case "boolean":
            return "`true` or `false`"
        case "array":
            return "a list"
        case "object":
            return "an object, `{ key = value }`"
        case "integer":
            return "a whole number" + bounds(schema)
        case "number":
            return {"share": "a share of one, such as `10%`", "seconds": "a time such as `30s`", "bytes": "a size such as `512MiB`"}.get(
                str(schema.get("x-unit")), "a number" + bounds(schema)
            )
        case _:
            return "something else"


def bounds(schema: Mapping[str, Json]) -> str:
    """ " from 0 to 1", " of at least 1", " above 0 and below 1"; "" without bounds."""
    low, high = schema.get("minimum"), schema.get("maximum")
    open_low, open_high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    parts = (
        f"of at least {low}" if low is not None else "",
        f"above {open_low}" if open_low is not None else "",
        f"of at most {high}" if high is not None else "",
        f"below {open_high}" if open_high is not None else "",
    )
    given = [part for part in parts if part]
    return " " + " and ".join(given) if given else ""


def value_words(value: Json) -> str:
    """What stands there instead: "the text `x`", "`3`", "a list"."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "`true`" if value else "`false`"
        case str():
            return f"`{value}`" if len(value) <= LONGEST_VALUE else f"`{value[: LONGEST_VALUE - 1]}…`"
        case int() | float():
            return f"`{json.dumps(value)}`"
        case {"call": str(name)}:
            return f"the call `{name}`"
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def short(value: Json) -> str:
    """A value as it is written in a spec, without quotes."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
