"""Tables to batches: what parquet, arrow and hub have in common.

In: record batches. Out: batches of the columns that fields use; a path into nested values is followed row by row.
"""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from benchc.runtime.data.batch import MOST_ROWS, Batch, Request, Values, missing_column, require_columns
from benchc.runtime.data.row_path import top_column, value_at


def table_columns(request: Request, present: Sequence[str], where: str) -> list[str]:
    """The top-level columns that the request needs; raises when one is missing."""
    needed = list(dict.fromkeys(top_column(column, present) for column in request.columns))
    for column, top in zip(request.columns, (top_column(column, present) for column in request.columns), strict=True):
        if top not in present:
            raise missing_column(column, present, where)
    require_columns(needed, present, where)
    return needed


def table_batches(request: Request, split: str, file: int, tables: Iterable[pa.RecordBatch], first_row: int = 1) -> Iterator[Batch]:
    """Batches of record batches; rows are numbered from `first_row`."""
    row = first_row
    for table in tables:
        for start in range(0, table.num_rows, MOST_ROWS):
            piece = table.slice(start, MOST_ROWS)
            columns = {column: _values(piece, column) for column in request.columns}
            yield Batch(split, file, range(row, row + piece.num_rows), columns)
            row += piece.num_rows


def _values(table: pa.RecordBatch, column: str) -> Values:
    names = table.schema.names
    top = top_column(column, names)
    values = table.column(names.index(top))
    if top == column:
        return values
    return [value_at({top: value}, column) for value in values.to_pylist()]
