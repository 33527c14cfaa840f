"""Digests of files, remembered between processes so that large data are not read again.

In: paths with size and time of change. Out: the digest that was computed for just these, if any. The memory is a convenience: a
damaged file is the same as an empty one, and a folder that cannot be written only costs time.
"""

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FORMAT: Final = "benchc-digests/1"
SETTLED_NS: Final = 2_000_000_000  # a file that changed less than this before it was read may change again within one tick of its clock
SAVE_AFTER_FILES: Final = 256
SAVE_AFTER_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a file is known to be unchanged."""

    size_bytes: int
    changed_ns: int


@dataclass(slots=True)
class DigestMemory:
    """`known` maps absolute paths to stamp and digest. New ones are saved when there are many, and by `save`."""

    path: Path
    known: dict[str, tuple[Stamp, str]]
    fresh: dict[str, tuple[Stamp, str]] = field(default_factory=dict)

    @staticmethod
    def at(path: Path) -> "DigestMemory":
        return DigestMemory(path, _load(path))

    def get(self, path: str, stamp: Stamp) -> str | None:
        held = self.known.get(path)
        return held[1] if held is not None and held[0] == stamp else None

    def put(self, path: str, stamp: Stamp, sha256: str, read_ns: int) -> None:
        """Remembers a digest of content that was read at `read_ns`, unless the file changed just before."""
        if read_ns - stamp.changed_ns < SETTLED_NS:
            return
        self.known[path] = self.fresh[path] = (stamp, sha256)
        size = sum(stamp.size_bytes for stamp, _ in self.fresh.values())
        if len(self.fresh) >= SAVE_AFTER_FILES or size >= SAVE_AFTER_BYTES:
            self.save()

    def save(self) -> None:
        """Adds what is new to the file, by one rename. Another process may do the same: the later one keeps what both knew, or loses
        what is quick to compute again."""
        if not self.fresh:
            return
        merged = {**_load(self.path), **self.fresh}
        rows = {path: [stamp.size_bytes, stamp.changed_ns, sha256] for path, (stamp, sha256) in sorted(merged.items())}
        with contextlib.suppress(OSError):  # a cache that cannot be written only costs time
            _replace(self.path, json.dumps({"format": FORMAT, "files": rows}))
        self.fresh = {}


def _load(path: Path) -> dict[str, tuple[Stamp, str]]:
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["format"] != FORMAT:
            return {}
        return {name: (Stamp(int(size), int(changed)), str(sha256)) for name, (size, changed, sha256) in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


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
