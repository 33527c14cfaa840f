"""Typed access to parts of a JSON document that another program may have written.

In: a JSON value. Out: Python values of a known type. A part that is absent or null is "nothing" (`None`, `""`, an empty tuple);
a part of another type is a fault in the file and raises `DocumentError`, which names the place. Not here: what the parts mean.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json

Record: TypeAlias = Mapping[str, Json]


class DocumentError(Exception):
    """The file does not have the form that it promises."""


def record(value: Json, place: str) -> Record:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise DocumentError(f"`{place}` is not an object")


def part(parent: Record, key: str) -> Record:
    return record(parent.get(key), key)


def items(parent: Record, key: str) -> Sequence[Json]:
    value = parent.get(key)
    if value is None:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    raise DocumentError(f"`{key}` is not a list")


def records(parent: Record, key: str) -> tuple[Record, ...]:
    return tuple(record(item, key) for item in items(parent, key))


def text(parent: Record, key: str) -> str:
    value = parent.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise DocumentError(f"`{key}` is not a text")


def texts(parent: Record, key: str) -> tuple[str, ...]:
    return tuple(item if isinstance(item, str) else str(item) for item in items(parent, key))


def number(parent: Record, key: str) -> float | None:
    value = parent.get(key)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise DocumentError(f"`{key}` is not a number")


def numbers(parent: Record, key: str) -> tuple[float, ...]:
    return tuple(float(item) for item in items(parent, key) if isinstance(item, int | float))


def integer(parent: Record, key: str) -> int | None:
    value = number(parent, key)
    return None if value is None else int(value)


def truth(parent: Record, key: str) -> bool | None:
    value = parent.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise DocumentError(f"`{key}` is not true or false")
