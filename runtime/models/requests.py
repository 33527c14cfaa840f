"""What a prompted task asks of a language model: the requests that its encode step wrote.

In: the encode step's folder, the row numbers of a split. Out: `Request`s, those of a row together, rows in the split's order. Not here:
making them.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from benchc.runtime.work import StepFailed

REQUESTS = "requests.arrow"
ALL_ROWS = -1  # row of a request that serves every row, such as a prompt without content


@dataclass(frozen=True, slots=True)
class Request:
    """`tokens`: context and continuation; from `scored_from` on they are scored (none for a prompt to continue). `part`: number of the
    choice, label or window. Sizes are those of the scored text."""

    row: int
    part: int
    role: str
    tokens: tuple[int, ...]
    scored_from: int
    bytes: int
    characters: int
    words: int

    @property
    def scored(self) -> int:
        """Tokens that are scored."""
        return len(self.tokens) - self.scored_from


@dataclass(frozen=True, slots=True)
class RequestTable:
    """Requests by row number; `shared`: those that serve every row."""

    by_row: dict[int, list[Request]]
    shared: tuple[Request, ...]

    def of(self, row: int, role: str) -> list[Request]:
        """A row's requests of one role, by part."""
        return sorted((one for one in self.by_row[row] if one.role == role), key=lambda one: one.part)

    def all(self) -> Iterator[Request]:
        yield from self.shared
        for requests in self.by_row.values():
            yield from requests


def read_requests(encoded: Path, rows: Iterable[int]) -> RequestTable:
    """The requests of these rows. Raises StepFailed when a row has none: the encode step and the split disagree."""
    by_row: dict[int, list[Request]] = {int(row): [] for row in rows}
    shared: list[Request] = []
    numbers = _Numbers()
    with pa.memory_map(str(encoded / REQUESTS)) as mapped, pa.ipc.open_file(mapped) as file:
        for index in range(file.num_record_batches):
            for request in _requests(file.get_batch(index), by_row, numbers):
                (shared if request.row == ALL_ROWS else by_row[request.row]).append(request)
    missing = [row for row, requests in by_row.items() if not requests]
    if missing:
        raise StepFailed("requests_missing", f"{len(missing)} rows have no requests, the first is row {missing[0]}", "plan again")
    return RequestTable(by_row, tuple(shared))


class _Numbers(dict[int, int]):
    """One object for each token id, so that a million tokens cost a pointer each."""

    def __missing__(self, number: int) -> int:
        self[number] = number
        return number


def _requests(batch: pa.RecordBatch, wanted: Container[int], numbers: _Numbers) -> Iterator[Request]:
    names = ("row", "part", "role", "scored_from", "bytes", "characters", "words")
    columns = [batch.column(name).to_pylist() for name in names]
    tokens = batch.column("tokens")
    for index, (row, part, role, scored_from, *sizes) in enumerate(zip(*columns, strict=True)):
        if row == ALL_ROWS or row in wanted:
            ids = tuple(numbers[int(one)] for one in tokens[index].values.to_numpy())
            yield Request(row, part, role, ids, scored_from, *sizes)
