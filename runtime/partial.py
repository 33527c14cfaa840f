"""What a step has finished of many like requests, kept where a killed run finds it again.

In: a file in the step's checkpoint folder, results by request: any key that says what was asked, any JSON. Out: the results of earlier
tries. The file only grows, by lines of `checksum JSON`; a line that a kill cut off, and whatever stands behind it, is not there. The
folder belongs to the step's key and goes when the step is done. Not here: what a request is.
"""

import json
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchc.compiler.jsonvalue import Json
from benchc.runtime.disk_writes import Disk

FILE: Final = "partial.jsonl"
FORMAT: Final = "benchc-partial/1"


@dataclass(slots=True)
class Partial:
    """`earlier`: results that were there when the file was opened; they are never asked for again. May be used by several threads.

    What is added becomes durable when `every_seconds` have gone by since the last time, or by `flush`. `clock`: monotonic seconds.
    """

    path: Path
    every_seconds: float
    clock: Callable[[], float]
    earlier: Mapping[str, Json]
    disk: Disk = field(default_factory=Disk)
    _waiting: dict[str, Json] = field(default_factory=dict)
    _written_at: float = 0.0
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._written_at = self.clock()

    @property
    def is_due(self) -> bool:
        """Whether it is time to make durable what is finished."""
        return self.clock() - self._written_at >= self.every_seconds

    def add(self, key: str, result: Json) -> None:
        """A finished request. Raises OSError when it is time to write and the disk cannot."""
        with self._one_at_a_time:
            self._waiting[key] = result
        if self.is_due:
            self.flush()

    def flush(self) -> None:
        """Makes all that was added durable. Raises OSError."""
        with self._one_at_a_time:
            self._written_at = self.clock()
            if self._waiting:
                head = b"" if self.path.is_file() else _line({"format": FORMAT})
                lines = (_line({"key": key, "result": result}) for key, result in self._waiting.items())
                self.disk.append(self.path, b"".join((head, *lines)))
                self._waiting.clear()


def open_partial(folder: Path, every_seconds: float, clock: Callable[[], float], disk: Disk | None = None) -> Partial:
    """The partial results in a step's checkpoint folder. A damaged end is cut off; a file of another format begins anew."""
    path, disk = folder / FILE, disk or Disk()
    lines, whole_bytes = _read(path)
    if not lines or lines[0] != {"format": FORMAT}:
        path.unlink(missing_ok=True)
        lines = []
    elif whole_bytes < path.stat().st_size:
        with path.open("rb+") as file:
            file.truncate(whole_bytes)
    return Partial(path, every_seconds, clock, {str(line["key"]): line["result"] for line in lines[1:]}, disk)


def _line(value: Mapping[str, Json]) -> bytes:
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return b"%08x %b\n" % (zlib.crc32(content), content)


def _read(path: Path) -> tuple[list[dict[str, Json]], int]:
    """The lines up to the first that is not whole, and how many bytes they are."""
    if not path.is_file():
        return [], 0
    found: list[dict[str, Json]] = []
    size = 0
    with path.open("rb") as file:
        for line in file:
            value = _value(line)
            if value is None:
                break
            found.append(value)
            size += len(line)
    return found, size


def _value(line: bytes) -> dict[str, Json] | None:
    checksum, _, content = line[:-1].partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(content):
        return None
    value: dict[str, Json] = json.loads(content.decode("utf-8", "surrogatepass"))
    return value
