"""Housekeeping of the store: what is in it, what can go, whether it is whole.

In: `Store`, limits, the time. Out: what was found and removed. Not here: making and using entries (`store`).
What a living process computes or uses is never removed. An entry goes by one rename, so that nobody sees half of it.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchc.runtime.claims import is_held
from benchc.runtime.store import CONVERTED, Damage, Entry, Store, read_entry


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with the time of its last use, in seconds since 1970."""

    entry: Entry
    used: float


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that goes, or would go: the path, its size and why."""

    path: Path
    kind: str
    size_bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """`unused_seconds`: entries that were not used for as long go. `keep_bytes`: then those longest unused, until the rest fits."""

    unused_seconds: float | None
    keep_bytes: int | None


def list_entries(store: Store) -> list[Listed]:
    """Entries and converted models that can be read, the last used first."""
    found = []
    for folder in (*(store.place(key) for key in store.all_keys()), *store.conversions()):
        entry = read_entry(folder)
        if isinstance(entry, Entry):
            with contextlib.suppress(FileNotFoundError):  # removed by another process meanwhile
                found.append(Listed(entry, (entry.folder / "entry.json").stat().st_mtime))
    return sorted(found, key=lambda one: one.used, reverse=True)


def choose_removals(store: Store, limits: Limits, now: float) -> list[Removal]:
    """What `gc` removes: leftovers of processes that died, damaged entries that were set aside, and entries beyond the limits."""
    kept = _in_use(store, now)
    return [*_leftovers(store, now), *_beyond(list_entries(store), limits, kept, now)]


def remove(store: Store, removals: Iterable[Removal]) -> None:
    for removal in removals:
        if removal.kind == "lock":
            removal.path.unlink(missing_ok=True)
            continue
        away = store.folder / "aside" / f"{removal.path.name}.removed"
        store.disk.make_folder(away.parent)
        try:
            store.disk.rename(removal.path, away)
        except FileNotFoundError:
            continue  # another process was quicker
        store.disk.remove_tree(away)


def verify(store: Store, told: Callable[[str], None]) -> list[Damage]:
    """Checks every file of every entry, and of every converted model, against its digest; `told` hears each key before its turn."""
    damages = []
    for key in store.all_keys():
        told(key)
        found = store.find_checked(key)
        if isinstance(found, Damage):
            damages.append(found)
    for folder in store.conversions():
        told(folder.name)
        entry = read_entry(folder)
        damage = entry if isinstance(entry, Damage) else store.check(entry)
        if damage is not None:
            damages.append(damage)
    return damages


def _in_use(store: Store, now: float) -> set[str]:
    """Keys that living processes compute, or need for the run that they are in."""
    keys: set[str] = set()
    for lock in (store.folder / "locks").glob("*"):
        if lock.suffix == ".keys" or not is_held(lock, now):
            continue
        users = lock.with_suffix(".keys")
        if lock.name.startswith("run-") and users.is_file():
            keys.update(users.read_text().split())
            keys.update(folder.name for folder in store.conversions())  # any run may be about to read any of them
        else:
            keys.add(lock.name)
    return keys


def _leftovers(store: Store, now: float) -> list[Removal]:
    found: list[Removal] = []
    for lock in (store.folder / "locks").glob("*"):
        holder = lock.with_suffix("") if lock.suffix == ".keys" else lock
        if not is_held(holder, now):
            found.append(Removal(lock, "lock", 0, "its process is gone"))
    for folder in (store.folder / "aside").glob("*"):
        if not is_held(store.folder / "locks" / folder.name.partition(".")[0], now):
            found.append(Removal(folder, "unfinished", _size(folder), "its process is gone"))
    for folder in (store.folder / "checkpoints").glob("*"):
        if store.place(folder.name).is_dir() and not is_held(store.folder / "locks" / folder.name, now):
            found.append(Removal(folder, "checkpoint", _size(folder), "its step is done"))
    found += _conversion_leftovers(store, now)
    found += [Removal(folder, "damaged", _size(folder), "set aside as damaged") for folder in (store.folder / "damaged").glob("*")]
    return found


def _conversion_leftovers(store: Store, now: float) -> Iterator[Removal]:
    """What a killed conversion left, and converted models whose `entry.json` tells nothing, which no run takes."""
    for path in sorted((store.folder / CONVERTED).glob("*")):
        name, dot, _ = path.name.partition(".")
        if is_held(path.with_name(f"{name}.lock"), now):
            continue
        if path.suffix == ".lock":
            yield Removal(path, "lock", 0, "its process is gone")
        elif dot:
            yield Removal(path, "unfinished", _size(path), "its process is gone")
        elif path.is_dir() and isinstance(damage := read_entry(path), Damage):
            yield Removal(path, "damaged", _size(path), damage.reason)


def _beyond(listed: list[Listed], limits: Limits, kept: set[str], now: float) -> list[Removal]:
    """The oldest go first; `listed` has the last used first."""
    found: list[Removal] = []
    size = sum(one.entry.size_bytes for one in listed)
    for one in reversed(listed):
        entry = one.entry
        if entry.key in kept:
            continue
        if limits.unused_seconds is not None and now - one.used > limits.unused_seconds:
            reason = f"not used for {(now - one.used) / 86400:.0f} days"
        elif limits.keep_bytes is not None and size > limits.keep_bytes:
            reason = "the store is larger than it may be"
        else:
            continue
        size -= entry.size_bytes
        found.append(Removal(entry.folder, entry.kind, entry.size_bytes, reason))
    return found


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
