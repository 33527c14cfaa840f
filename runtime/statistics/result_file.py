"""The file `result.json` that score, compare, aggregate and gate steps leave, and how later steps read it."""

import json
from collections.abc import Mapping
from pathlib import Path

from benchc.compiler.jsonvalue import Json, canonical

NAME = "result.json"


def write_result(folder: Path, result: Mapping[str, Json]) -> None:
    """Canonical JSON and a newline. ValueError on NaN: undefined values are null."""
    (folder / NAME).write_text(canonical(result) + "\n", "utf-8")


def read_result(folder: Path) -> Mapping[str, Json]:
    result: Mapping[str, Json] = json.loads((folder / NAME).read_text("utf-8"))
    return result


def number(result: Mapping[str, Json], *names: str) -> float | None:
    """The first of these that the result has; None where it is null."""
    for name in names:
        if name in result:
            value = result[name]
            return float(value) if isinstance(value, int | float) else None
    raise KeyError(f"a result has none of {', '.join(names)}")


def call(params: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """The call that a step's parameters hold under this name."""
    value = params[name]
    assert isinstance(value, Mapping)
    return value
