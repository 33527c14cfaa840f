"""Whether a value is surely valid against a schema, in the few keywords that the catalog's schemas are made of.

In: a value, a JSON Schema. Out: True when the value is valid; False when it is not, or when this file cannot tell.

A filter before `jsonschema`, which has the last word on all that is not accepted here: most values of most specs are sound, and need
neither its import nor its time. The tests hold both to the same verdict.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from benchc.compiler.schema import Schema

Follow = Callable[[str, Any], Schema]  # the schema that a `$ref` leads to for a value

ANNOTATIONS: Final = frozenset(("description", "default", "title", "x-unit", "x-reference", "x-form"))


def accepts(value: Any, schema: Schema | bool, follow: Follow) -> bool:
    """`value` is JSON: dicts, lists, texts, numbers, truth values, None."""
    if isinstance(schema, bool):
        return schema
    return all(_holds(keyword, rule, value, schema, follow) for keyword, rule in schema.items() if keyword not in ANNOTATIONS)


def _holds(keyword: str, rule: Any, value: Any, schema: Schema, follow: Follow) -> bool:
    match keyword:
        case "type":
            return any(_is(value, name) for name in ([rule] if isinstance(rule, str) else rule))
        case "enum":
            return isinstance(value, str) and value in rule
        case "const":
            return isinstance(value, str) and value == rule
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return _is_within(keyword, rule, value)
        case "pattern":
            return isinstance(value, str) and re.search(rule, value) is not None
        case "minItems":
            return isinstance(value, list) and len(value) >= rule
        case "maxItems":
            return isinstance(value, list) and len(value) <= rule
        case "items":
            return isinstance(value, list) and all(accepts(item, rule, follow) for item in value)
        case "required":
            return isinstance(value, dict) and all(name in value for name in rule)
        case "properties":
            return isinstance(value, dict) and all(accepts(item, rule[name], follow) for name, item in value.items() if name in rule)
        case "additionalProperties":
            return isinstance(value, dict) and _further_hold(rule, value, schema, follow)
        case "anyOf":
            return any(accepts(value, option, follow) for option in rule)
        case "$ref":
            return accepts(value, follow(rule, value), follow)
        case _:
            return False


def _is(value: Any, name: str) -> bool:
    match name:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return False


def _is_within(keyword: str, bound: float, value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    match keyword:
        case "minimum":
            return value >= bound
        case "maximum":
            return value <= bound
        case "exclusiveMinimum":
            return value > bound
        case _:
            return value < bound


def _further_hold(rule: Any, value: Mapping[str, Any], schema: Schema, follow: Follow) -> bool:
    """`additionalProperties`: of the keys that `properties` does not name."""
    known = schema.get("properties", {})
    assert isinstance(known, Mapping)
    return all(accepts(item, rule, follow) for name, item in value.items() if name not in known)
