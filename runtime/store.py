"""The store: finished steps, one folder each, named by the step's key.

In: a step and the files that it made. Out: `Entry`, whole and checked, or `Damage`, or None.
Not here: housekeeping (`cache`), locks (`claims`), running steps (`execute`).

    entries/ab/abcd.../     step.json (the step as planned), entry.json (files with digests), the step's files
    checkpoints/abcd.../    what a step that was killed can go on from
    locks/abcd...           who computes a step just now; run-... who uses which entries
    aside/abcd....TOKEN/    results in the making
    damaged/abcd....TOKEN/  entries that did not match their digests
    converted/abcd...-1/    models in another form than the one they came in, with an entry.json of their own (`models/gguf`)

An entry appears by one rename within one file system, after everything in it was made durable: it is there whole or not at all.
"""

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchc.compiler.plan import Step
from benchc.runtime.claims import Owner, claimed
from benchc.runtime.disk_writes import Disk
from benchc.version import VERSION

ENTRY_FORMAT: Final = "benchc-entry/1"
STEP, ENTRY = "step.json", "entry.json"
CONVERTED: Final = "converted"  # folder of the store for converted models, named by the digest of what they were made from
LARGE_FILE_BYTES: Final = 32 * 1024 * 1024
_CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished step. `files` by path relative to `folder`; `seconds` is what the step took; `made` is ISO time, UTC."""

    key: str
    kind: str
    folder: Path
    files: Mapping[str, StoredFile]
    made: str
    seconds: float
    benchc: str

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files.values())


@dataclass(frozen=True, slots=True)
class Damage:
    """An entry that is there but cannot be used, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make one entry: `folder` is empty and waits for the files, `checkpoint` may hold what an earlier try left."""

    key: str
    folder: Path
    checkpoint: Path


@dataclass(frozen=True, slots=True)
class Store:
    """A store at `folder`. `checked` remembers which files were found whole, by size and time of change, while this object lives."""

    folder: Path
    disk: Disk = field(default_factory=Disk)
    checked: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, key: str) -> Path:
        return self.folder / "entries" / key[:2] / key

    def find(self, key: str) -> Entry | Damage | None:
        """The entry, its small files checked against their digests and its large ones against their size."""
        return self._find(key, LARGE_FILE_BYTES)

    def find_checked(self, key: str) -> Entry | Damage | None:
        """The entry with every file checked against its digest: for what a step is about to read."""
        return self._find(key, None)

    def _find(self, key: str, most_bytes: int | None) -> Entry | Damage | None:
        folder = self.place(key)
        if not folder.is_dir():
            return None
        entry = read_entry(folder)
        if isinstance(entry, Damage):
            return entry
        if entry.key != key:
            return Damage(key, f"`entry.json` is that of step {entry.key[:12]}")
        return self._damage(entry, most_bytes) or entry

    def check(self, entry: Entry) -> Damage | None:
        """Compares every file of an entry with its digest."""
        return self._damage(entry, None)

    def _damage(self, entry: Entry, most_bytes: int | None) -> Damage | None:
        for name, file in entry.files.items():
            reason = self._fault(entry.folder / name, file, most_bytes)
            if reason is not None:
                return Damage(entry.key, f"`{name}` {reason}")
        return None

    def _fault(self, path: Path, file: StoredFile, most_bytes: int | None) -> str | None:
        try:
            status = path.stat()
        except FileNotFoundError:
            return "is missing"
        if status.st_size != file.size_bytes:
            return f"has {status.st_size:,} bytes instead of {file.size_bytes:,}"
        stamp = (status.st_size, status.st_mtime_ns)
        if self.checked.get(path) == stamp or (most_bytes is not None and file.size_bytes > most_bytes):
            return None
        if sha256_of(path) != file.sha256:
            return "does not match its checksum"
        self.checked[path] = stamp
        return None

    def set_aside(self, key: str) -> None:
        """Moves a damaged entry out of the way, so that it can be made again."""
        damaged = self.folder / "damaged"
        self.disk.make_folder(damaged)
        self.disk.rename(self.place(key), damaged / f"{key}.{uuid.uuid4().hex[:8]}")

    def mark_used(self, entry: Entry) -> None:
        """Notes the time of use, by which `cache gc` chooses. A store that may only be read is used all the same."""
        with contextlib.suppress(OSError):
            (entry.folder / "entry.json").touch()

    @contextlib.contextmanager
    def claim(self, key: str, waiting: Callable[[Owner | None], None]) -> Iterator[Claim]:
        """The sole right to make the entry `key`; waits while another process has it. Files not kept by the end are removed."""
        with claimed(self.folder / "locks" / key, self.disk, waiting) as owner:
            for leftover in (self.folder / "aside").glob(f"{key}.*"):
                self.disk.remove_tree(leftover)  # of a process that was killed
            folder = self.folder / "aside" / f"{key}.{owner.token}"
            checkpoint = self.folder / "checkpoints" / key
            self.disk.make_folder(folder)
            self.disk.make_folder(checkpoint)
            try:
                yield Claim(key, folder, checkpoint)
            finally:
                if folder.exists():
                    self.disk.remove_tree(folder)
                if checkpoint.is_dir() and not any(checkpoint.iterdir()):
                    checkpoint.rmdir()

    def keep(self, claim: Claim, step: Step, seconds: float) -> Entry:
        """Turns the claim's folder into the entry, and drops its checkpoint."""
        self.disk.write(claim.folder / STEP, _json_bytes(_step_json(step)))
        entry = seal(claim.folder, Entry(step.key, step.kind, self.place(step.key), {}, now_text(), seconds, VERSION), self.disk)
        self.disk.make_folder(entry.folder.parent)
        self.disk.rename(claim.folder, entry.folder)
        self.disk.sync_folder(entry.folder.parent)
        self.disk.remove_tree(claim.checkpoint)
        return entry

    @contextlib.contextmanager
    def in_use(self, keys: Iterable[str]) -> Iterator[None]:
        """Keeps `cache gc` of any process away from these entries. From a store that cannot be written nothing is removed anyway."""
        if self.folder.is_dir() and not os.access(self.folder, os.W_OK):
            yield
            return
        name = f"run-{uuid.uuid4().hex}"
        lock = self.folder / "locks" / name
        with claimed(lock, self.disk, lambda owner: None):
            users = lock.with_suffix(".keys")
            try:
                self.disk.write(users, "\n".join(keys).encode())
                yield
            finally:
                users.unlink(missing_ok=True)

    def conversions(self) -> Iterator[Path]:
        """Folders of converted models, damaged ones included, sorted. What is only in the making has a dot in its name."""
        for folder in sorted((self.folder / CONVERTED).glob("*")):
            if folder.is_dir() and "." not in folder.name:
                yield folder

    def all_keys(self) -> Iterator[str]:
        """Keys of all entries, damaged ones included, sorted."""
        for folder in sorted((self.folder / "entries").glob("*/*")):
            yield folder.name


def seal(folder: Path, entry: Entry, disk: Disk) -> Entry:
    """Makes the files in `folder` durable and writes their digests into its `entry.json`; `entry` is all but them."""
    files = {
        path.relative_to(folder).as_posix(): StoredFile(sha256_of(path), path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / STEP
    }
    for name in files:
        disk.sync_file(folder / name)
    whole = replace(entry, files=files)
    disk.write(folder / ENTRY, _json_bytes(_entry_json(whole)))
    for inner in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        disk.sync_folder(inner)
    return whole


def read_entry(folder: Path) -> Entry | Damage:
    """What `entry.json` says; its files are not looked at."""
    try:
        value = json.loads((folder / "entry.json").read_bytes())
    except FileNotFoundError:
        return Damage(folder.name, "`entry.json` is missing")
    except ValueError:
        return Damage(folder.name, "`entry.json` is not JSON")
    try:
        if value["format"] != ENTRY_FORMAT:
            return Damage(folder.name, f"`entry.json` has the format {value['format']}")
        files = {name: StoredFile(file["sha256"], file["size"]) for name, file in value["files"].items()}
        return Entry(value["key"], value["kind"], folder, files, value["made"], value["seconds"], value["benchc"])
    except (KeyError, TypeError, AttributeError):
        return Damage(folder.name, "`entry.json` lacks what an entry must say")


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _entry_json(entry: Entry) -> object:
    return {
        "format": ENTRY_FORMAT,
        "key": entry.key,
        "kind": entry.kind,
        "files": {name: {"sha256": file.sha256, "size": file.size_bytes} for name, file in entry.files.items()},
        "made": entry.made,
        "seconds": entry.seconds,
        "benchc": entry.benchc,
    }


def _step_json(step: Step) -> object:
    return {
        "key": step.key,
        "kind": step.kind,
        "version": step.version,
        "params": step.params,
        "inputs": step.inputs,
        "hints": step.hints,
    }


def _json_bytes(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8", "surrogatepass")


def now_text() -> str:
    """ISO time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
