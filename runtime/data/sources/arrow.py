"""Arrow IPC: files and streams, plain or compressed as a whole. A row's `line` is its number in the file."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from benchc.runtime.data.batch import Batch, DataFile, Request
from benchc.runtime.data.openfile import open_bytes, reading
from benchc.runtime.data.sources.columnar import table_batches, table_columns

FILE_MAGIC = b"ARROW1"


def read(request: Request) -> Iterator[Batch]:
    for part in request.parts:
        for file in part.files:
            with reading(file), _open_table(file) as (schema, batches):
                table_columns(request, schema.names, f"`{file.name}`")
                yield from table_batches(request, part.split, file.index, batches)


@contextmanager
def _open_table(file: DataFile) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The schema and the record batches. A compressed IPC file is read into memory, since its index stands at the end."""
    with open_bytes(file) as stream:
        start = stream.read(len(FILE_MAGIC))
    with open_bytes(file) as stream:
        if start != FILE_MAGIC:
            with pa.ipc.open_stream(pa.PythonFile(stream, mode="r")) as table:
                yield table.schema, iter(table)
            return
        compressed = file.name.endswith((".gz", ".zst"))
        with pa.ipc.open_file(pa.BufferReader(stream.read()) if compressed else stream) as table:
            yield table.schema, (table.get_batch(number) for number in range(table.num_record_batches))
