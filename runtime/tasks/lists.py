"""Columns whose values are lists of different lengths."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa


def list_column(rows: Sequence[Sequence[Any]], item: pa.DataType) -> pa.Array:
    """One list a row."""
    return pa.array([list(row) for row in rows], pa.list_(item))
