"""Running text: a row is a line that is not blank, a paragraph (lines up to a blank one) or a whole file.

In: files. Out: batches with one column, `text`. Line breaks inside a paragraph or document stay, CRLF becomes LF.
"""

from collections.abc import Iterator

from benchc.runtime.data.batch import MOST_CHARACTERS, MOST_ROWS, Batch, DataFile, Request, require_columns
from benchc.runtime.data.openfile import read_lines, refuse_wide_mark
from benchc.runtime.data.sources.lines import CARRIAGE_RETURN, without_end


def read(request: Request) -> Iterator[Batch]:
    require_columns(request.columns, ["text"], "running text")
    units = {"line": _lines, "paragraph": _paragraphs, "document": _document}[request.text("unit")]
    for part in request.parts:
        for file in part.files:
            refuse_wide_mark(file, request.text("encoding"))
            yield from _batches(request, part.split, file, units(_clean_lines(request, file)))


def _clean_lines(request: Request, file: DataFile) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(read_lines(file, request.text("encoding")), start=1):
        text = without_end(line)
        if "\r" in text:
            request.reject(file, number, CARRIAGE_RETURN)
        else:
            yield number, text


def _lines(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return ((number, text) for number, text in lines if text and not text.isspace())


def _paragraphs(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    start, collected = 0, list[str]()
    for number, text in lines:
        if text and not text.isspace():
            start = start if collected else number
            collected.append(text)
        elif collected:
            yield start, "\n".join(collected)
            collected = []
    if collected:
        yield start, "\n".join(collected)


def _document(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield 1, "\n".join(text for _, text in lines)


def _batches(request: Request, split: str, file: DataFile, rows: Iterator[tuple[int, str]]) -> Iterator[Batch]:
    texts: list[str] = []
    numbers: list[int] = []
    characters_left = MOST_CHARACTERS
    for number, text in rows:
        texts.append(text)
        numbers.append(number)
        characters_left -= len(text)
        if len(texts) == MOST_ROWS or characters_left < 0:
            yield Batch(split, file.index, numbers, dict.fromkeys(request.columns, texts))
            texts, numbers, characters_left = [], [], MOST_CHARACTERS
    if texts:
        yield Batch(split, file.index, numbers, dict.fromkeys(request.columns, texts))
