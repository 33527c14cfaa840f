"""A task as the plan's params give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from benchc.compiler.jsonvalue import Json


@dataclass(frozen=True, slots=True)
class Task:
    """`inputs`: the fields that the model at hand sees, one or two. `group` is None when the task names none."""

    kind: str
    inputs: tuple[str, ...]
    target: str
    group: str | None


def read_task(params: Mapping[str, Json]) -> Task:
    """From a step's params: the task, its inputs narrowed to those of the model where the model names some."""
    task = cast(Mapping[str, Json], params["task"])
    model = cast(Mapping[str, Json] | None, params.get("model"))
    inputs = (model or {}).get("inputs") or task["inputs"]
    group = task.get("group")
    return Task(str(task["kind"]), tuple(cast(list[str], inputs)), str(task["target"]), None if group is None else str(group))
