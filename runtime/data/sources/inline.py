"""Rows that stand in the spec. A row's `line` is its number in the list; it has no file."""

from collections.abc import Iterator, Mapping, Sequence

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.runtime.data.batch import MOST_ROWS, Batch, Request, missing_column


def read(request: Request) -> Iterator[Batch]:
    for split in LOCATION_KEYS:
        rows = request.call[split]
        if rows is None:
            continue
        assert isinstance(rows, Sequence)
        objects = [row for row in rows if isinstance(row, Mapping)]
        present = list(dict.fromkeys(key for row in objects for key in row))
        for column in request.columns:
            if column not in present:
                raise missing_column(column, present, f"`{split}` of the inline rows")
        for start in range(0, len(objects), MOST_ROWS):
            piece = objects[start : start + MOST_ROWS]
            columns = {column: [row.get(column) for row in piece] for column in request.columns}
            yield Batch(split, -1, range(start + 1, start + 1 + len(piece)), columns)
