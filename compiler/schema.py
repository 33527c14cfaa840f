"""The JSON Schema of a resolved spec, made from the catalog.

In: the catalog. Out: JSON Schema, draft 2020-12. An instance is a spec as `{KIND: {NAME: settings}}`, its settings as they were
written, in canonical form and without defaults; a block that has a variant holds it under `variant`. Not here: validating (`violations`).

The schema's own keywords: `x-unit` (the base unit of a number), `x-reference` (the kinds of block that a name may stand for), `x-form`
(how people write a value whose JSON form does not show it). Validators that do not know them pass over them.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from benchc.compiler.catalog import types
from benchc.compiler.catalog.model import BlockKind, Catalog, Entry
from benchc.compiler.jsonvalue import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DEFS = "#/$defs/"

Schema = dict[str, Json]


def spec_schema(catalog: Catalog) -> Schema:
    """The schema that benchc publishes."""
    kinds = {kind.name: _blocks_of(kind) for kind in catalog.blocks.values() if kind.name not in ("param", "gate")}
    return {
        "$schema": DRAFT,
        "title": "a resolved .bench spec, edition 2026",
        "type": "object",
        "properties": kinds,
        "additionalProperties": False,
        "$defs": definitions(catalog),
    }


def definitions(catalog: Catalog) -> dict[str, Schema]:
    """`block.KIND`, `FAMILY` (any call of a family) and `FAMILY.NAME` (one entry's calls)."""
    found: dict[str, Schema] = {}
    for kind in catalog.blocks.values():
        found[f"block.{kind.name}"] = block_schema(kind, catalog)
    for family, entries in catalog.families.items():
        found[family] = family_schema(family, entries)
        for entry in entries.values():
            found[f"{family}.{entry.name}"] = entry_schema(entry)
    return found


def block_schema(kind: BlockKind, catalog: Catalog) -> Schema:
    """What a block's settings must be. A block with a variant is one of several: see `variant_schema`."""
    if kind.variants is not None:
        variants = catalog.families[kind.variants]
        chosen: list[Json] = [
            {"if": {"properties": {"variant": {"const": name}}}, "then": variant_schema(kind, entry)} for name, entry in variants.items()
        ]
        return {"type": "object", "required": ["variant"], "properties": {"variant": {"enum": list(variants)}}, "allOf": chosen}
    if kind.defined is not None and not kind.keys:
        return {"type": "object", "properties": {"value": type_schema(kind.defined)}, "required": ["value"], "additionalProperties": False}
    return {"description": kind.doc, **keys_schema(kind.keys)}


def variant_schema(kind: BlockKind, entry: Entry) -> Schema:
    schema = keys_schema((*entry.keys, *kind.keys))
    properties = schema["properties"]
    assert isinstance(properties, Mapping)
    return {"description": entry.doc, **schema, "properties": {"variant": {"const": entry.name}, **properties}}


def family_schema(family: str, entries: Mapping[str, Entry]) -> Schema:
    chosen: list[Json] = [{"if": {"properties": {"call": {"const": name}}}, "then": {"$ref": f"{DEFS}{family}.{name}"}} for name in entries]
    shallow = call_schema(entries)
    return {**shallow, "allOf": chosen} if chosen else shallow


def call_schema(names: Iterable[str]) -> Schema:
    """That something is a call, of one of these names."""
    return {"type": "object", "x-form": "call", "required": ["call"], "properties": {"call": {"enum": list(names)}}}


def entry_schema(entry: Entry) -> Schema:
    schema = keys_schema(entry.keys)
    properties = schema["properties"]
    assert isinstance(properties, Mapping)
    return {"description": entry.doc, **schema, "properties": {"call": {"const": entry.name}, **properties}}


def keys_schema(keys: Iterable[types.Key]) -> Schema:
    properties: dict[str, Json] = {}
    required: list[str] = []
    for key in keys:
        annotations: Schema = {"description": key.doc}
        if isinstance(key.default, types.Required):
            required.append(key.name)
        elif key.default is not None:
            annotations["default"] = key.default
        properties[key.name] = {**type_schema(key.type), **annotations}
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def type_schema(type: types.Type) -> Schema:
    match type:
        case types.Text(pattern=pattern):
            return {"type": "string"} if pattern is None else {"type": "string", "pattern": f"^(?:{pattern})$"}
        case types.Integer(minimum=low, maximum=high):
            return {"type": "integer", **_bounds(low, high)}
        case types.Real(minimum=low, maximum=high, open_minimum=open_low, open_maximum=open_high):
            return {"type": "number", **_bounds(low, high, open_low, open_high)}
        case types.Fraction():
            return {"type": "number", **_bounds(0, 1), "x-unit": "share"}
        case types.Duration():
            return {"type": "number", **_bounds(0, None), "x-unit": "seconds"}
        case types.Size():
            return {"type": "number", **_bounds(0, None), "x-unit": "bytes"}
        case types.Truth():
            return {"type": "boolean"}
        case types.Choice(names=names):
            return {"enum": list(names)}
        case types.Reference(kinds=kinds):
            return {"type": "string", "x-reference": list(kinds)}
        case types.FieldName():
            return {"type": "string", "x-form": "field"}
        case types.Column():
            return {"type": "string", "x-form": "column"}
        case types.FreeName():
            return {"type": "string", "x-form": "name"}
        case types.LabelValue():
            return {"type": ["string", "number", "boolean"], "x-form": "label"}
        case types.ListOf(item=item, least=least):
            return {"type": "array", "items": type_schema(item), **({"minItems": least} if least else {})}
        case types.RangeOf(minimum=low):
            return {"type": "array", "x-form": "range", "items": {"type": "integer", **_bounds(low, None)}, "minItems": 2, "maxItems": 2}
        case types.MapOf(values=values):
            return {"type": "object", "additionalProperties": type_schema(values), "x-form": "map"}
        case types.Record(keys=keys):
            return keys_schema(keys)
        case types.Call(family=family):
            return {"$ref": DEFS + family}
        case types.Condition():
            return {"type": "object", "x-form": "condition", "required": ["field", "op", "value"]}
        case types.Anything():
            return {}
        case types.Either(options=options):
            return {"anyOf": [type_schema(option) for option in options]}
        case _:
            assert_never(type)


def _blocks_of(kind: BlockKind) -> Schema:
    return {"description": kind.doc, "type": "object", "additionalProperties": {"$ref": f"{DEFS}block.{kind.name}"}}


def _bounds(low: float | None, high: float | None, open_low: bool = False, open_high: bool = False) -> Schema:
    bounds: Schema = {}
    if low is not None:
        bounds["exclusiveMinimum" if open_low else "minimum"] = low
    if high is not None:
        bounds["exclusiveMaximum" if open_high else "maximum"] = high
    return bounds
