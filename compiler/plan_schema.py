"""The JSON Schema of `plan.json`, format `benchc-plan/1`.

In: nothing. Out: `PLAN_SCHEMA`. Not here: what may stand in the params of each kind of step, which belongs to the step's version.
"""

from collections.abc import Mapping
from typing import Final

from benchc.compiler.catalog import STEP_VERSIONS
from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import PLAN_FORMAT

_TEXT: Final[Json] = {"type": "string"}
_TEXT_OR_NULL: Final[Json] = {"type": ["string", "null"]}
_TEXTS: Final[Json] = {"type": "array", "items": _TEXT}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_OBJECT: Final[Json] = {"type": "object"}
_KEY: Final[Json] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_KEY_OR_NULL: Final[Json] = {"anyOf": [_KEY, {"type": "null"}]}
_SPLIT: Final[Json] = {"enum": ["train", "dev", "test", "all"]}


def _record(doc: str, **properties: Json) -> Json:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "description": doc,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


_STEP = _record(
    "One unit of work, named by the SHA-256 of its kind, version, params and inputs. Hints are not part of the key.",
    key=_KEY,
    kind={"enum": list(STEP_VERSIONS)},
    version={"type": "integer", "minimum": 1},
    params=_OBJECT,
    inputs={"type": "object", "additionalProperties": _list(_KEY)},
    hints=_OBJECT,
)

_METRIC = _record(
    "A metric of a cell, and the step that computes it.",
    name=_TEXT,
    score=_KEY,
    primary={"type": "boolean"},
    higher_is_better={"type": "boolean"},
)

_CELL = _record(
    "One task by one model with one training setting, seed, set of params and fold. The id is made of these values.",
    id=_TEXT,
    run=_TEXT,
    task=_TEXT,
    task_kind=_TEXT,
    model=_TEXT,
    train=_TEXT_OR_NULL,
    seed=_COUNT,
    params=_OBJECT,
    fold={"anyOf": [_COUNT, {"type": "null"}]},
    split=_SPLIT,
    rows=_KEY,
    split_step=_KEY,
    encode_step=_KEY_OR_NULL,
    train_step=_KEY_OR_NULL,
    predict_step=_KEY,
    diagnostics=_KEY_OR_NULL,
    metrics=_list(_METRIC),
    extract_step=_KEY_OR_NULL,
)

_AGGREGATE = _record(
    "One metric over the seeds and folds of some cells.",
    run=_TEXT,
    task=_TEXT,
    model=_TEXT,
    train=_TEXT_OR_NULL,
    params=_OBJECT,
    metric=_TEXT,
    cells=_TEXTS,
    step=_KEY,
)

_COMPARISON = _record(
    "Two models or training settings on one task and metric; `index` is the place in the family that is corrected together.",
    run=_TEXT,
    task=_TEXT,
    metric=_TEXT,
    a=_TEXT,
    b=_TEXT,
    cells_a=_TEXTS,
    cells_b=_TEXTS,
    step=_KEY,
    corrected=_KEY,
    index=_COUNT,
)

_SUITE = _record(
    "The score of a suite for one model, training setting, set of params and seed.",
    suite=_TEXT,
    run=_TEXT,
    model=_TEXT,
    train=_TEXT_OR_NULL,
    params=_OBJECT,
    seed=_COUNT,
    step=_KEY,
)

PLAN_SCHEMA: Final[Mapping[str, Json]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "benchc plan",
    "type": "object",
    "description": "What a run will do: a graph of steps addressed by content. Steps stand behind their inputs.",
    "properties": {
        "format": {"const": PLAN_FORMAT},
        "bench": _record(
            "What the report's head shows.",
            name=_TEXT,
            description=_TEXT_OR_NULL,
            license=_TEXT_OR_NULL,
            authors=_TEXTS,
            tags=_TEXTS,
            docs={"type": "object", "additionalProperties": _TEXT},
        ),
        "report": _OBJECT,
        "steps": _list(_STEP),
        "cells": _list(_CELL),
        "aggregates": _list(_AGGREGATE),
        "comparisons": _list(_COMPARISON),
        "suites": _list(_SUITE),
        "gates": _list(_record("One test of a gate.", name=_TEXT, expression=_TEXT, step=_KEY)),
        "budget": {"type": "object", "additionalProperties": _OBJECT},
    },
    "required": ["format", "bench", "report", "steps", "cells", "aggregates", "comparisons", "suites", "gates", "budget"],
    "additionalProperties": False,
}
