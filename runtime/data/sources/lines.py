"""A row a line, taken apart by a regular expression.

In: files and a pattern with named groups. Out: batches of the groups' texts. A line that the pattern does not fit as a whole is a bad row.
"""

import re
from collections.abc import Iterator

from benchc.runtime.data.batch import MOST_CHARACTERS, MOST_ROWS, Batch, DataFile, Request, require_columns
from benchc.runtime.data.failures import BadData, shorten
from benchc.runtime.data.openfile import read_lines, refuse_wide_mark, undecodable

CARRIAGE_RETURN = "a carriage return stands inside the line; lines end in LF or CRLF"


def read(request: Request) -> Iterator[Batch]:
    pattern = _compile(request.text("pattern"))
    require_columns(request.columns, list(pattern.groupindex), "the pattern")
    for part in request.parts:
        for file in part.files:
            refuse_wide_mark(file, request.text("encoding"))
            yield from _read_file(request, part.split, file, pattern)


def without_end(line: str) -> str:
    """A line without its LF or CRLF."""
    return line[:-2] if line.endswith("\r\n") else line.removesuffix("\n")


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as problem:
        raise BadData("wrong_pattern", f"the pattern is no regular expression: {problem}", about=("source", "pattern")) from problem


def _read_file(request: Request, split: str, file: DataFile, pattern: re.Pattern[str]) -> Iterator[Batch]:
    encoding = request.text("encoding")
    rows: list[re.Match[str]] = []
    numbers: list[int] = []
    characters_left = MOST_CHARACTERS
    for number, line in enumerate(read_lines(file, encoding), start=1):
        text = without_end(line)
        found = pattern.fullmatch(text)
        if found is None or "\r" in text:
            fault = undecodable(text, encoding) or (CARRIAGE_RETURN if "\r" in text else f"does not fit the pattern: {shorten(text)}")
            request.reject(file, number, fault)
            continue
        rows.append(found)
        numbers.append(number)
        characters_left -= len(line)
        if len(rows) == MOST_ROWS or characters_left < 0:
            yield _batch(request, split, file, numbers, rows)
            rows, numbers, characters_left = [], [], MOST_CHARACTERS
    if rows:
        yield _batch(request, split, file, numbers, rows)


def _batch(request: Request, split: str, file: DataFile, numbers: list[int], rows: list[re.Match[str]]) -> Batch:
    return Batch(split, file.index, numbers, {column: [row[column] for row in rows] for column in request.columns})
