"""A JSON object a line.

In: files. Out: batches of the values at the columns' paths. Blank lines are passed over; a line that is no JSON object is a bad row.
A top-level key that no row of a file's first batch has is a missing column; one that a single row lacks is that row's fault.
"""

import json
from collections.abc import Iterator, Mapping

from benchc.runtime.data.batch import MOST_CHARACTERS, MOST_ROWS, Batch, DataFile, Request, missing_column
from benchc.runtime.data.openfile import read_lines, refuse_wide_mark, undecodable
from benchc.runtime.data.row_path import top_column, value_at
from benchc.runtime.data.sources.lines import without_end


def read(request: Request) -> Iterator[Batch]:
    for part in request.parts:
        for file in part.files:
            refuse_wide_mark(file, request.text("encoding"))
            yield from _read_file(request, part.split, file)


def _read_file(request: Request, split: str, file: DataFile) -> Iterator[Batch]:
    rows: list[Mapping[str, object]] = []
    lines: list[int] = []
    characters_left = MOST_CHARACTERS
    checked = False
    for line, text in enumerate(read_lines(file, request.text("encoding")), start=1):
        if text.isspace():
            continue
        row = _parse(request, file, line, text)
        if row is None:
            continue
        rows.append(row)
        lines.append(line)
        characters_left -= len(text)
        if len(rows) == MOST_ROWS or characters_left < 0:
            if not checked:
                _require_keys(request, file, rows)
                checked = True
            yield _batch(request, split, file, lines, rows)
            rows, lines, characters_left = [], [], MOST_CHARACTERS
    if rows:
        if not checked:
            _require_keys(request, file, rows)
        yield _batch(request, split, file, lines, rows)


def _batch(request: Request, split: str, file: DataFile, lines: list[int], rows: list[Mapping[str, object]]) -> Batch:
    return Batch(split, file.index, lines, {column: [value_at(row, column) for row in rows] for column in request.columns})


def _parse(request: Request, file: DataFile, line: int, text: str) -> Mapping[str, object] | None:
    fault = undecodable(text, request.text("encoding"))
    if fault is None:
        try:
            row = json.loads(without_end(text))
        except json.JSONDecodeError as problem:
            fault = f"is not JSON: {problem.msg} at character {problem.colno}"
        except ValueError as problem:
            fault = f"is not JSON that can be read: {problem}"
        except RecursionError:
            fault = "is nested too deeply"
        else:
            if isinstance(row, dict):
                return row
            fault = "is not a JSON object"
    request.reject(file, line, fault)
    return None


def _require_keys(request: Request, file: DataFile, rows: list[Mapping[str, object]]) -> None:
    present = list(dict.fromkeys(key for row in rows for key in row))
    for column in request.columns:
        if top_column(column, present) not in present:
            raise missing_column(column, present, f"`{file.name}`")
