"""Parquet files, read a few rows at a time and only the columns that fields use. A row's `line` is its number in the file."""

from collections.abc import Iterator

import pyarrow.parquet as pq

from benchc.runtime.data.batch import Batch, DataFile, Request
from benchc.runtime.data.openfile import reading
from benchc.runtime.data.sources.columnar import table_batches, table_columns

BATCH_ROWS = 16_384


def read(request: Request) -> Iterator[Batch]:
    for part in request.parts:
        for file in part.files:
            yield from _read_file(request, part.split, file)


def _read_file(request: Request, split: str, file: DataFile) -> Iterator[Batch]:
    with reading(file), open(file.path, "rb") as raw, pq.ParquetFile(raw) as table:
        columns = table_columns(request, table.schema_arrow.names, f"`{file.name}`")
        yield from table_batches(request, split, file.index, table.iter_batches(BATCH_ROWS, columns=columns))
