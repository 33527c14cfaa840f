"""Fields: raw columns become typed ones.

In: the `fields` of a load step, batches of raw values. Out: `Rows`: the fields' Arrow arrays for the rows that are sound; the others go to
`BadRows`, each once, with the first thing that is wrong with it. Not here: identity of rows, files.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.batch import Batch, Values
from benchc.runtime.data.choice_lists import choices
from benchc.runtime.data.failures import BadRow, BadRows, shorten
from benchc.runtime.data.labels import Labels, read_labels
from benchc.runtime.data.plain_text import Converted, Fault, texts

TYPES = {
    "text": pa.string(),
    "choices": pa.list_(pa.string()),
    "id": pa.string(),
    "group": pa.string(),
    "label": pa.int32(),
    "number": pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what its call says, the columns that it is made of, and its labels where it has some."""

    name: str
    kind: str
    columns: tuple[str, ...]
    call: Mapping[str, Json]
    labels: Labels | None

    @property
    def column(self) -> str:
        """The only column, or the names of all of them for messages."""
        return ", ".join(self.columns)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the source writes values: its character encoding, named in messages, and its decimal mark."""

    encoding: str
    decimal: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Sound rows of one file. `columns` by field name."""

    split: str
    file: int
    lines: np.ndarray[tuple[int], np.dtype[np.int32]]
    columns: Mapping[str, pa.Array]


def read_fields(calls: Mapping[str, Json]) -> tuple[Field, ...]:
    """The fields, sorted by name: their order in the spec means nothing."""
    return tuple(_field(name, cast(Mapping[str, Json], calls[name])) for name in sorted(calls))


def convert(batch: Batch, fields: Sequence[Field], reading: Reading, bad: BadRows, files: Sequence[str]) -> Rows:
    converted = {field.name: _converted(field, batch, reading) for field in fields}
    lines = np.asarray(batch.lines, dtype=np.int32)
    columns = {name: values.values for name, values in converted.items()}
    faulty = _report(batch, fields, converted, bad, files)
    if faulty:
        kept = np.setdiff1d(np.arange(len(lines)), np.array(sorted(faulty)))
        lines, columns = lines[kept], {name: values.take(pa.array(kept)) for name, values in columns.items()}
    return Rows(batch.split, batch.file, lines, columns)


def _field(name: str, call: Mapping[str, Json]) -> Field:
    kind = str(call["call"])
    labels = read_labels(call["labels"]) if kind == "label" else None
    return Field(name, kind, _columns(name, call), call, labels)


def _columns(name: str, call: Mapping[str, Json]) -> tuple[str, ...]:
    if call["call"] == "choices":
        return tuple(str(column) for column in cast("Sequence[str] | None", call["columns"]) or (name,))
    column = call["column"]
    return (name if column is None else str(column),)


def _converted(field: Field, batch: Batch, reading: Reading) -> Converted:
    if field.kind == "choices":
        return choices([batch.columns[column] for column in field.columns], reading.encoding, bool(field.call["optional"]))
    return _CONVERT[field.kind](field, batch.columns[field.columns[0]], reading)


def _report(
    batch: Batch, fields: Sequence[Field], converted: Mapping[str, Converted], bad: BadRows, files: Sequence[str]
) -> Mapping[int, BadRow]:
    """Adds the rows with a fault to `bad`, in order, and returns them by number."""
    found: dict[int, BadRow] = {}
    for field in fields:
        file = batch.column_files.get(field.columns[0], batch.file)
        place = files[file] if file >= 0 else batch.split
        for fault in converted[field.name].faults:
            if fault.row not in found:
                reason = f"{field.kind} `{field.name}` {fault.reason}"
                found[fault.row] = BadRow(place, int(batch.lines[fault.row]), reason, field.name, fault.code)
    for row in sorted(found):
        bad.add(found[row])
    return found


def _text(field: Field, values: Values, reading: Reading) -> Converted:
    join = field.call["join"]
    found = texts(values, reading.encoding, None if join is None else str(join))
    return Converted(pc.utf8_trim_whitespace(found.values), found.faults) if field.call["strip"] else found


def _name(field: Field, values: Values, reading: Reading) -> Converted:
    """Values that name something: any text but the empty one."""
    found = texts(values, reading.encoding)
    empty = np.flatnonzero(pc.equal(found.values, "").fill_null(False).to_numpy(zero_copy_only=False))
    return Converted(found.values, (*found.faults, *(Fault(int(row), "is empty") for row in empty)))


def _label(field: Field, values: Values, reading: Reading) -> Converted:
    assert field.labels is not None
    found = texts(values, reading.encoding)
    numbers = field.labels.number(found.values)
    faulty = {fault.row for fault in found.faults}
    return Converted(numbers.values, (*found.faults, *(fault for fault in numbers.faults if fault.row not in faulty)))


def _number(field: Field, values: Values, reading: Reading) -> Converted:
    array = _quick_numbers(values, reading.decimal)
    if array is None:
        return _bounded(field, _numbers_one_by_one(values.to_pylist() if isinstance(values, pa.Array) else values, reading))
    return _bounded(field, Converted(array))


def _quick_numbers(values: Values, decimal: str) -> pa.Array | None:
    """All values as finite numbers, or None when one is not, or may not be."""
    try:
        array = values if isinstance(values, pa.Array) else pa.array(values)
        if pa.types.is_boolean(array.type) or (decimal != "." and pa.types.is_string(array.type)):
            return None
        array = array.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, UnicodeEncodeError, OverflowError):
        return None
    return None if array.null_count or not pc.all(pc.is_finite(array)).as_py() else array


def _numbers_one_by_one(values: Sequence[object], reading: Reading) -> Converted:
    found = [_number_of(value, reading) for value in values]
    faults = tuple(replace(item, row=row) for row, item in enumerate(found) if isinstance(item, Fault))
    return Converted(pa.array([item if isinstance(item, float) else None for item in found], pa.float64()), faults)


def _number_of(value: object, reading: Reading) -> float | Fault:
    match value:
        case None:
            return Fault(0, "is missing")
        case bool():
            return Fault(0, f"is {str(value).lower()}, not a number")
        case int() | float():
            number = _float(value)
        case str() if not value.strip():
            return Fault(0, "is empty")
        case str():
            number = _parse(value, reading.decimal)
        case _:
            number = None
    if number is None:
        return Fault(0, f"is {shorten(value)}, which is no number")
    return number if math.isfinite(number) else Fault(0, f"is {shorten(value)}, not a finite number")


def _float(value: int | float) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _parse(text: str, decimal: str) -> float | None:
    if "_" in text or (decimal != "." and "." in text):
        return None
    try:
        return float(text.replace(decimal, "."))
    except ValueError:
        return None


def _bounded(field: Field, found: Converted) -> Converted:
    low, high = field.call["min"], field.call["max"]
    if low is None and high is None:
        return found
    numbers = found.values.to_numpy(zero_copy_only=False)
    faults = list(found.faults)
    if low is not None:
        faults += (Fault(int(row), f"is {numbers[row]:g}, less than {low}") for row in np.flatnonzero(numbers < cast(float, low)))
    if high is not None:
        faults += (Fault(int(row), f"is {numbers[row]:g}, more than {high}") for row in np.flatnonzero(numbers > cast(float, high)))
    return Converted(found.values, tuple(faults))


_CONVERT: Mapping[str, Callable[[Field, Values, Reading], Converted]] = {
    "text": _text,
    "label": _label,
    "number": _number,
    "id": _name,
    "group": _name,
}

KINDS = (*_CONVERT, "choices")
