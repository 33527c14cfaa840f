"""A task as the plan's params give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from benchc.compiler.jsonvalue import Json


@dataclass(frozen=True, slots=True)
class Task:
    """`inputs`: the fields that the model at hand sees. `target` is empty where the kind has none, or where `constant` gives the right
    choice of every row. `choices`: the field with the choices. `group` is None when the task names none."""

    kind: str
    inputs: tuple[str, ...]
    target: str
    group: str | None
    choices: str | None = None
    constant: int | None = None
    calibrated: bool = False


def read_task(params: Mapping[str, Json]) -> Task:
    """From a step's params: the task, its inputs narrowed to those of the model where the model names some."""
    task = cast(Mapping[str, Json], params["task"])
    model = cast(Mapping[str, Json] | None, params.get("model"))
    inputs = cast("list[str] | str | None", (model or {}).get("inputs") or task.get("inputs"))
    target = task.get("target")
    constant = next((cast(int, value) for name, value in target.items() if name != "call"), None) if isinstance(target, Mapping) else None
    return Task(
        str(task["kind"]),
        (inputs,) if isinstance(inputs, str) else tuple(inputs or ()),
        target if isinstance(target, str) else "",
        cast("str | None", task.get("group")),
        cast("str | None", task.get("choices")),
        constant,
        _is_calibrated(task.get("calibrate")),
    )


def _is_calibrated(calibrate: Json) -> bool:
    return isinstance(calibrate, Mapping) and calibrate["call"] != "none"
