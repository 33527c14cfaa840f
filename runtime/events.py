"""What happened, as it happened: events.jsonl.

In: events, which are JSON objects with a key "event". Out: one line each, with the time, written at once.
Not here: who shows them (`progress`). Losing an event loses no result: when the file cannot be written, the run goes on and
`failure` says why, which run.json repeats.
"""

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json

Event: TypeAlias = Mapping[str, Json]
Listener: TypeAlias = Callable[[Event], None]


class EventLog:
    """Appends to a file. Steps may send events from threads of their own."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self.failure: str | None = None
        self._now = now
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")

    def __call__(self, event: Event) -> None:
        line = json.dumps({"time": self._now().isoformat(timespec="milliseconds"), **event}, ensure_ascii=False, default=str)
        with self._lock:
            if self.failure is not None:
                return
            try:
                self._file.write(line + "\n")
                self._file.flush()
            except OSError as trouble:
                self.failure = str(trouble)

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as trouble:
            self.failure = str(trouble)


def to_all(*listeners: Listener) -> Listener:
    """One listener that passes each event on to several, in order."""

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell
