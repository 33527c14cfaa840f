"""Who works on what: lock files that processes on one or several machines respect.

In: the path of a lock file. Out: `claimed`, a context in which this process alone holds it.
Not here: what is protected. A holder that was killed, or that stopped beating, is replaced. Should two processes ever hold the same
lock (one was suspended for long), both do the same work and the store keeps one of two equal results.
"""

import contextlib
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from benchc.runtime.disk_writes import Disk

BEAT_SECONDS: Final = 5.0
DEAD_AFTER_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that holds a lock. `process_started` tells it from a later one with the same number."""

    token: str
    pid: int
    host: str
    process_started: float


def this_process() -> Owner:
    return Owner(uuid.uuid4().hex, os.getpid(), socket.gethostname(), psutil.Process().create_time())


@contextlib.contextmanager
def claimed(lock: Path, disk: Disk, waiting: Callable[[Owner | None], None]) -> Iterator[Owner]:
    """Holds `lock`; waits while a living process does, after telling `waiting` whom for (None when it does not say)."""
    owner = _take(lock, disk, waiting)
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(lock, stop), name="benchc-heartbeat", daemon=True)
    beat.start()
    try:
        yield owner
    finally:
        stop.set()
        beat.join()
        if read_owner(lock) == owner:
            lock.unlink(missing_ok=True)


def read_owner(lock: Path) -> Owner | None:
    """Who holds a lock; None when nobody does or the file is not readable (yet)."""
    try:
        return Owner(**json.loads(lock.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def is_held(lock: Path, now: float) -> bool:
    """Whether a living process holds a lock, as far as one look can tell. `now` is seconds since 1970."""
    owner = read_owner(lock)
    try:
        silent_seconds = now - lock.stat().st_mtime
    except FileNotFoundError:
        return False
    return silent_seconds < DEAD_AFTER_SECONDS and not (owner is not None and has_died(owner))


def _take(lock: Path, disk: Disk, waiting: Callable[[Owner | None], None]) -> Owner:
    me = this_process()
    content = json.dumps(asdict(me)).encode()
    disk.make_folder(lock.parent)
    told = False
    watch = _Watch()
    while True:
        try:
            disk.create_exclusively(lock, content)
        except FileExistsError:
            holder = read_owner(lock)
            if (holder is not None and has_died(holder)) or watch.is_silent(lock):
                _remove_dead(lock, holder)
                continue
            if not told:
                waiting(holder)
                told = True
            time.sleep(POLL_SECONDS)
        else:
            return me


class _Watch:
    """Sees by this machine's own clock whether a lock's heart still beats, whatever the other machine's clock says."""

    def __init__(self) -> None:
        self.last_beat: float | None = None
        self.since = time.monotonic()

    def is_silent(self, lock: Path) -> bool:
        try:
            beat = lock.stat().st_mtime
        except FileNotFoundError:
            return False
        if beat != self.last_beat:
            self.last_beat, self.since = beat, time.monotonic()
        return time.monotonic() - self.since > DEAD_AFTER_SECONDS


def has_died(owner: Owner) -> bool:
    """Only a process of this machine can be known to be dead."""
    if owner.host != socket.gethostname():
        return False
    try:
        started: float = psutil.Process(owner.pid).create_time()
    except psutil.NoSuchProcess:
        return True
    return abs(started - owner.process_started) > 1.0


def _remove_dead(lock: Path, judged: Owner | None) -> None:
    """Moves the dead lock away first: if another process has replaced it since, the living one's is put back."""
    away = lock.with_name(f"{lock.name}.{uuid.uuid4().hex}")
    try:
        lock.rename(away)
    except FileNotFoundError:
        return
    if read_owner(away) != judged:
        with contextlib.suppress(FileExistsError):
            os.link(away, lock)
    away.unlink(missing_ok=True)


def _beat(lock: Path, stop: threading.Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        try:
            os.utime(lock)
        except FileNotFoundError:
            return
        except OSError:
            continue  # a beat that could not be written is late, not a reason to give up
