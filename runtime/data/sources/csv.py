"""Values parted by a character: csv and tsv.

In: files with or without a header. Out: batches of strings, with the physical line on which each row starts, also behind values with
line breaks in them. Blank lines are passed over. Rows with another number of values than there are columns are bad rows, and so are
those with broken quotes. Not here: numbers and labels.

Python's own parser is used: it alone says on which line of the file a row starts. Arrow's is faster but counts rows.
"""

import csv
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from benchc.runtime.data.batch import MOST_CHARACTERS, MOST_ROWS, Batch, DataFile, Request, require_columns
from benchc.runtime.data.failures import BadData
from benchc.runtime.data.openfile import read_lines, refuse_wide_mark

MOST_VALUE_CHARACTERS = 2**28

_REASONS = (
    ("new-line character seen", "a carriage return stands inside the row; lines end in LF or CRLF"),
    ("unexpected end of data", "a quote is opened here and never closed"),
    ("expected after", "a character stands right behind a closing quote"),
    ("field larger than", f"a value is longer than {MOST_VALUE_CHARACTERS} characters: a quote may be opened here and never closed"),
)


def read(request: Request) -> Iterator[Batch]:
    csv.field_size_limit(MOST_VALUE_CHARACTERS)  # Python's own limit of 131,072 characters is shorter than texts are
    for part in request.parts:
        for file in part.files:
            refuse_wide_mark(file, request.text("encoding"))
            yield from _read_file(request, part.split, file)


def _read_file(request: Request, split: str, file: DataFile) -> Iterator[Batch]:
    reader = csv.reader(read_lines(file, request.text("encoding")), strict=True, **_dialect(request))
    names = _column_names(request, file, reader)
    require_columns(request.columns, names, f"`{file.name}`")
    positions = [names.index(column) for column in request.columns]
    rows: list[list[str]] = []
    lines: list[int] = []
    characters_left = MOST_CHARACTERS
    for line, row in _rows(request, file, reader):
        if len(row) != len(names):
            request.reject(file, line, f"has {_count(len(row), 'value')}, not {len(names)}")
            continue
        rows.append(row)
        lines.append(line)
        characters_left -= sum(map(len, row))
        if len(rows) == MOST_ROWS or characters_left < 0:
            yield _batch(request, split, file, lines, rows, positions)
            rows, lines, characters_left = [], [], MOST_CHARACTERS
    if rows:
        yield _batch(request, split, file, lines, rows, positions)


def _batch(request: Request, split: str, file: DataFile, lines: list[int], rows: list[list[str]], positions: list[int]) -> Batch:
    columns = {name: list(map(itemgetter(at), rows)) for name, at in zip(request.columns, positions, strict=True)}
    return Batch(split, file.index, lines, columns)


def _rows(request: Request, file: DataFile, reader: "Any") -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the line on which each starts."""
    line = reader.line_num + 1
    while True:
        try:
            for row in reader:
                if row:
                    yield line, row
                line = reader.line_num + 1
            return
        except csv.Error as problem:
            request.reject(file, line, _reason(problem))
            line = reader.line_num + 1


def _column_names(request: Request, file: DataFile, reader: "Any") -> Sequence[str]:
    columns = request.call["columns"]
    if request.text("header") == "yes":
        if columns is not None:
            raise BadData(
                "columns_twice",
                f"`{file.name}` is said to have a header, and `columns` are given too",
                "write `header = none`, or leave `columns` out",
            )
        try:
            return next(filter(None, reader))
        except StopIteration:
            raise BadData("empty_file", f"`{file.name}` holds blank lines alone") from None
        except csv.Error as problem:
            raise BadData("wrong_header", f"`{file.name}`:{reader.line_num}: the header cannot be read: {_reason(problem)}") from problem
    if not isinstance(columns, Sequence) or isinstance(columns, str):
        raise BadData(
            "no_columns", f"`{file.name}` has no header, and `columns` does not name its columns", "write `columns = [a, b, ...]`"
        )
    return [str(column) for column in columns]


def _dialect(request: Request) -> dict[str, Any]:
    escape = request.call["escape"]
    if request.text("quoting") == "none":
        return {"delimiter": request.text("separator"), "quoting": csv.QUOTE_NONE, "quotechar": None, "escapechar": escape}
    return {"delimiter": request.text("separator"), "quoting": csv.QUOTE_MINIMAL, "quotechar": request.text("quote"), "escapechar": escape}


def _reason(problem: csv.Error) -> str:
    text = str(problem)
    return next((reason for mark, reason in _REASONS if mark in text), text)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
