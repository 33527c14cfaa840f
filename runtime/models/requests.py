"""What a prompted task asks of a language model: the requests that its encode step wrote.

In: the encode step's folder, the row numbers of a split. Out: `Request`s, those of a row together, rows in the split's order. Not here:
making them.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import pyarrow as pa

from benchc.runtime.work import StepFailed

REQUESTS, TEXTS = "requests.arrow", "texts.arrow"
ALL_ROWS = -1  # row of a request that serves every row, such as a prompt without content


class OfRow(Protocol):
    """What every request says of its place."""

    @property
    def row(self) -> int: ...

    @property
    def part(self) -> int: ...

    @property
    def role(self) -> str: ...


Held = TypeVar("Held", bound=OfRow)


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
class TextRequest:
    """A request of a model whose tokenizer is not here: `context` and what is scored behind it, "" for a prompt to continue. Else as
    `Request`."""

    row: int
    part: int
    role: str
    context: str
    continuation: str
    bytes: int
    characters: int
    words: int


@dataclass(frozen=True, slots=True)
class RequestTable(Generic[Held]):
    """Requests by row number; `shared`: those that serve every row."""

    by_row: dict[int, list[Held]]
    shared: tuple[Held, ...]

    def of(self, row: int, role: str) -> list[Held]:
        """A row's requests of one role, by part."""
        return sorted((one for one in self.by_row[row] if one.role == role), key=lambda one: one.part)

    def all(self) -> Iterator[Held]:
        yield from self.shared
        for requests in self.by_row.values():
            yield from requests


def read_requests(encoded: Path, rows: Iterable[int]) -> RequestTable[Request]:
    """The requests of these rows. Raises StepFailed when a row has none: the encode step and the split disagree."""
    wanted, numbers = dict.fromkeys(map(int, rows)), _Numbers()
    return _table(wanted, (request for batch in _batches(encoded / REQUESTS) for request in _requests(batch, wanted, numbers)))


def read_text_requests(encoded: Path, rows: Iterable[int]) -> RequestTable[TextRequest]:
    """As `read_requests`."""
    wanted = dict.fromkeys(map(int, rows))
    records = (record for batch in _batches(encoded / TEXTS) for record in batch.to_pylist())
    return _table(wanted, (TextRequest(**record) for record in records if record["row"] == ALL_ROWS or record["row"] in wanted))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(path)) as mapped, pa.ipc.open_file(mapped) as file:
        for index in range(file.num_record_batches):
            yield file.get_batch(index)


def _table(rows: Iterable[int], requests: Iterable[Held]) -> RequestTable[Held]:
    by_row: dict[int, list[Held]] = {row: [] for row in rows}
    shared: list[Held] = []
    for request in requests:
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
