"""Raw values as texts.

In: a column's raw values. Out: an Arrow array of strings, null where a value is no text, with the reason. A value is a text when it is
a string, a number or a truth value; a string with undecodable bytes or a NUL is none. Not here: what fields make of texts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.jsonvalue import canonical
from benchc.runtime.data.batch import Values
from benchc.runtime.data.openfile import undecodable

MOST_CHARACTERS = 2**28  # of one text: an Arrow array of strings holds 2 GiB


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot be used. `row` counts from 0 within the batch; `reason` goes behind the field's name: "is empty".
    `code` tells a value that is no label from the others."""

    row: int
    reason: str
    code: str = "bad_row"


@dataclass(frozen=True, slots=True)
class Converted:
    """A field's values in a batch; those with a fault stand there as null or as anything."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()


def texts(values: Values, encoding: str, join: str | None = None) -> Converted:
    """All values as strings. With `join` a list of values becomes one text."""
    whole = _all_clean(values)
    return Converted(whole) if whole is not None else _one_by_one(_python_values(values), encoding, join)


def text_of(value: object, encoding: str, join: str | None = None) -> str | Fault:
    """One value as a string, or what is wrong with it (with row 0)."""
    match value:
        case None:
            return Fault(0, "is missing")
        case str() if len(value) > MOST_CHARACTERS:
            return Fault(0, f"is longer than {MOST_CHARACTERS:,} characters")
        case str():
            wrong = undecodable(value, encoding)
            return value if wrong is None else Fault(0, f"cannot be read: {wrong}")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return canonical(value) if math.isfinite(value) else Fault(0, "is not a finite number")
        case list() | tuple() if join is not None:
            return _joined(value, encoding, join)
        case list() | tuple():
            return Fault(0, f"holds {len(value)} values, not one")
        case dict():
            return Fault(0, "is an object, not a text")
        case _:
            return Fault(0, f"is a {type(value).__name__}, not a text")


def _joined(values: Sequence[object], encoding: str, join: str) -> str | Fault:
    parts = [text_of(value, encoding) for value in values]
    fault = next((part for part in parts if isinstance(part, Fault)), None)
    return fault or join.join(part for part in parts if isinstance(part, str))


def _all_clean(values: Values) -> pa.Array | None:
    """The values as an array of strings when all of them are strings without fault; the quick way."""
    try:
        if isinstance(values, pa.Array):
            array = values.cast(pa.string()) if _is_textual(values.type) else None
        else:
            array = pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    if not isinstance(array, pa.Array) or array.null_count or pc.any(pc.match_substring(array, "\0")).as_py():
        return None
    return array


def _is_textual(type: pa.DataType) -> bool:
    inner = type.value_type if pa.types.is_dictionary(type) else type
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_integer(inner))


def _python_values(values: Values) -> Sequence[object]:
    found: Sequence[object] = values.to_pylist() if isinstance(values, pa.Array) else values
    return found


def _one_by_one(values: Sequence[object], encoding: str, join: str | None) -> Converted:
    found = [text_of(value, encoding, join) for value in values]
    faults = tuple(replace(item, row=row) for row, item in enumerate(found) if isinstance(item, Fault))
    return Converted(pa.array([item if isinstance(item, str) else None for item in found], pa.string()), faults)
