"""Digests of files, remembered between processes so that large data are not read again.

In: paths with size and time of change. Out: the digest that was computed for just these, if any. The memory is a convenience: a
damaged file is the same as an empty one, and a folder that cannot be written only costs time.
"""

import contextlib
import json
import os
import re
import tempfile
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Final

from benchc.compiler.source import FileDigest

FORMAT: Final = "benchc-digests/2"
SETTLED_NS: Final = 2_000_000_000  # a file that changed less than this before it was read may change again within one tick of its clock
SAVE_AFTER_FILES: Final = 256
SAVE_AFTER_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Known:
    """A digest, and when the file that it was made from had last changed."""

    changed_ns: int
    digest: FileDigest


@dataclass(slots=True)
class DigestMemory:
    """`known` maps absolute paths to time of change and digest. New ones are saved when there are many, and by `save`."""

    path: Path
    known: dict[str, Known]
    fresh: dict[str, Known] = field(default_factory=dict)

    @staticmethod
    def at(path: Path) -> "DigestMemory":
        return DigestMemory(path, _load(path))

    def get(self, path: str, size_bytes: int, changed_ns: int) -> FileDigest | None:
        held = self.known.get(path)
        same = held is not None and (held.digest.size_bytes, held.changed_ns) == (size_bytes, changed_ns)
        return held.digest if held is not None and same else None

    def put(self, path: str, changed_ns: int, digest: FileDigest, read_ns: int) -> None:
        """Remembers a digest of content that was read at `read_ns`, unless the file changed just before."""
        if read_ns - changed_ns < SETTLED_NS:
            return
        self.known[path] = self.fresh[path] = Known(changed_ns, digest)
        read_bytes = sum(known.digest.size_bytes for known in self.fresh.values())
        if len(self.fresh) >= SAVE_AFTER_FILES or read_bytes >= SAVE_AFTER_BYTES:
            self.save()

    def save(self) -> None:
        """Adds what is new to the file, by one rename. Another process may do the same: the later one keeps what both knew, or loses
        what is quick to compute again."""
        if not self.fresh:
            return
        merged = {**_load(self.path), **self.fresh}
        rows = {path: [known.changed_ns, *astuple(known.digest)] for path, known in sorted(merged.items())}
        with contextlib.suppress(OSError):  # a cache that cannot be written only costs time
            _replace(self.path, json.dumps({"format": FORMAT, "files": rows}))
        self.fresh = {}


def _load(path: Path) -> dict[str, Known]:
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["format"] != FORMAT:
            return {}
        return {name: _known(*row) for name, row in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _known(changed_ns: int, sha256: str, size_bytes: int, newlines: int) -> Known:
    """Raises ValueError for what cannot be a digest."""
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ValueError(sha256)
    return Known(int(changed_ns), FileDigest(sha256, int(size_bytes), int(newlines)))


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(aside, path)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise
