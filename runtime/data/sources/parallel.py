"""Parallel files: one file a column, aligned by line.

In: for each division, the files of each column. Out: batches of their lines. Blank lines count. Files of one row of columns that differ
in length are an error that says how long each is, never a silent cut.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from benchc.runtime.data.batch import MOST_CHARACTERS, MOST_ROWS, Batch, DataFile, Part, Request, require_columns
from benchc.runtime.data.failures import BadData
from benchc.runtime.data.openfile import read_lines, refuse_wide_mark
from benchc.runtime.data.sources.lines import CARRIAGE_RETURN, without_end


def read(request: Request) -> Iterator[Batch]:
    for part in request.parts:
        require_columns(request.columns, list(part.columns), f"the division `{part.split}`")
        for files in _aligned(part):
            for file in files.values():
                refuse_wide_mark(file, request.text("encoding"))
            yield from _read_files(request, part.split, files)


def _aligned(part: Part) -> Iterator[Mapping[str, DataFile]]:
    """The n-th file of each column, for each n."""
    counts = {column: len(files) for column, files in part.columns.items()}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"`{column}` has {count}" for column, count in counts.items())
        raise BadData("unequal_files", f"columns have different numbers of files: {listed}", about=("source", part.split))
    for number in range(next(iter(counts.values()), 0)):
        yield {column: files[number] for column, files in part.columns.items()}


def _read_files(request: Request, split: str, files: Mapping[str, DataFile]) -> Iterator[Batch]:
    first = files[request.columns[0]].index if request.columns else next(iter(files.values())).index
    column_files = {column: files[column].index for column in request.columns}
    streams = {column: read_lines(file, request.text("encoding")) for column, file in files.items()}
    start = 1
    while True:
        taken = _take(streams)
        lengths = {column: len(lines) for column, lines in taken.items()}
        if len(set(lengths.values())) > 1:
            raise _unequal(split, files, streams, {column: start - 1 + length for column, length in lengths.items()})
        length = next(iter(lengths.values()))
        if length == 0:
            return
        columns, numbers = _without_bad_rows(request, files, start, {column: taken[column] for column in request.columns}, length)
        yield Batch(split, first, numbers, columns, column_files)
        start += length


def _take(streams: Mapping[str, Iterator[str]]) -> dict[str, list[str]]:
    """The next lines of each file: equally many while each has some left, few where they are long."""
    first, *others = streams
    taken: dict[str, list[str]] = {first: []}
    characters_left = MOST_CHARACTERS
    for line in islice(streams[first], MOST_ROWS):
        taken[first].append(line)
        characters_left -= len(line)
        if characters_left < 0:
            break
    ended = len(taken[first]) < MOST_ROWS and characters_left >= 0
    most = len(taken[first]) + (1 if ended else 0)  # one more, to see whether the others end there too
    return taken | {column: list(islice(streams[column], most)) for column in others}


def _without_bad_rows(
    request: Request, files: Mapping[str, DataFile], start: int, taken: Mapping[str, list[str]], length: int
) -> tuple[dict[str, list[str]], list[int]]:
    texts = {column: [without_end(line) for line in lines] for column, lines in taken.items()}
    bad: set[int] = set()
    for column, lines in texts.items():
        for at, line in enumerate(lines):
            if "\r" in line and at not in bad:
                bad.add(at)
                request.reject(files[column], start + at, CARRIAGE_RETURN)
    kept = [at for at in range(length) if at not in bad]
    if bad:
        texts = {column: [lines[at] for at in kept] for column, lines in texts.items()}
    return texts, [start + at for at in kept]


def _unequal(split: str, files: Mapping[str, DataFile], streams: Mapping[str, Iterator[str]], read: Mapping[str, int]) -> BadData:
    counts = {column: count + sum(1 for _ in streams[column]) for column, count in read.items()}
    listed = ", ".join(f"`{files[column].name}` has {count}" for column, count in counts.items())
    return BadData(
        "unequal_lengths",
        f"parallel files differ in their number of lines: {listed}",
        "each line belongs to the same line of the others",
        ("source", split),
    )
