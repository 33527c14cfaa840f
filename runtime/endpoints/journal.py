"""Answers that are kept as they come, so that no finished request is asked again.

In: a folder that survives a kill (a step's checkpoint). Out: `Journal`. One line an answer, each with a checksum and made durable before
the next request is counted as done; a line that a kill cut off is dropped. Requests are there by their digests alone.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from benchc.runtime.endpoints.caller import Told
from benchc.runtime.endpoints.replies import reply_json, reply_of

NAME: Final = "answers-1.jsonl"  # the number goes up when lines change their meaning
DIGITS: Final = 16


@dataclass(slots=True)
class Journal:
    """`answers` by the request's digest; `found`: digests of those that an earlier try left."""

    folder: Path
    answers: dict[str, Told] = field(default_factory=dict)
    found: frozenset[str] = frozenset()
    _file: IO[bytes] = field(init=False)

    def __enter__(self) -> Self:
        path = self.folder / NAME
        whole = 0
        if path.is_file():
            content = path.read_bytes()
            for digest, told, end in _lines(content):
                self.answers[digest] = told
                whole = end
        self.found = frozenset(self.answers)
        self._file = path.open("ab")
        self._file.truncate(whole)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def add(self, digest: str, told: Told) -> None:
        """Raises OSError when it cannot be kept."""
        self.answers[digest] = told
        text = json.dumps({"request": digest, "tries": told.tries, "reply": reply_json(told.reply)}, ensure_ascii=True).encode()
        self._file.write(_checksum(text) + b" " + text + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _lines(content: bytes) -> Iterator[tuple[str, Told, int]]:
    """The sound lines from the beginning on, each with the place where it ends; what follows a damaged one is asked again."""
    at = 0
    while (end := content.find(b"\n", at)) >= 0:
        line = content[at:end]
        if line[:DIGITS] != _checksum(line[DIGITS + 1 :]):
            return
        value: Mapping[str, object] = json.loads(line[DIGITS + 1 :])
        reply = value["reply"]
        assert isinstance(reply, Mapping), "a checked line holds a reply"
        yield str(value["request"]), Told(reply_of(reply), int(str(value["tries"]))), end + 1
        at = end + 1


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:DIGITS].encode()
