"""`where`: which rows a dataset keeps.

In: conditions on fields, {"field", "op", "value"}. Out: a truth value for each row. Numbers compare as numbers, labels as equal or not,
texts and names by code point.
"""

import operator
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.failures import BadData, near_names
from benchc.runtime.data.labels import label_text

Truths = np.ndarray[tuple[int], np.dtype[np.bool_]]

_COMPARE: Mapping[str, Callable[[pa.Array, pa.Scalar], pa.Array]] = {
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_ALWAYS = {"==": operator.eq, "!=": operator.ne}


def holds(condition: Mapping[str, Json], columns: pa.RecordBatch, labels: Mapping[str, Sequence[Json]]) -> Truths:
    """Whether the condition holds, for each row of a batch."""
    name, op, value = str(condition["field"]), str(condition["op"]), condition["value"]
    if name not in columns.schema.names or name.startswith("_"):
        known = [field for field in columns.schema.names if not field.startswith("_")]
        raise _wrong(f"there is no field `{name}`{near_names(name, known)}")
    values = columns[name]
    if name in labels:
        return _truths(_COMPARE[op](values, pa.scalar(_label_number(name, op, value, labels[name]), pa.int32())))
    if pa.types.is_floating(values.type):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(f"`{name}` is a number, and is compared with `{value}`")
        return _truths(_COMPARE[op](values, pa.scalar(float(value))))
    if not isinstance(value, str) and op not in _ALWAYS:
        raise _wrong(f"`{name}` is a text, and is compared with `{label_text(value)}` by `{op}`")
    return _truths(_COMPARE[op](values, pa.scalar(label_text(value))))


def _label_number(name: str, op: str, value: Json, labels: Sequence[Json]) -> int:
    if op not in _ALWAYS:
        raise _wrong(f"`{name}` is a label, which `{op}` cannot compare", "labels are equal (`==`) or not (`!=`)")
    known = [label_text(label) for label in labels]
    if label_text(value) not in known:
        raise _wrong(f"`{label_text(value)}` is no label of `{name}`{near_names(label_text(value), known)}")
    return known.index(label_text(value))


def _wrong(message: str, help: str = "") -> BadData:
    return BadData("wrong_condition", message, help, ("where",))


def _truths(array: pa.Array) -> Truths:
    truths: Truths = array.to_numpy(zero_copy_only=False)
    return truths
