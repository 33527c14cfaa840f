"""When the next request may begin: an even rate, and the time for which a server asked to be left alone.

In: a clock, a way to pause. Out: `Gate`, which threads share.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Gate:
    """`per_minute`: most requests that begin in a minute, evenly; None for no limit. `pause` waits for seconds, and may raise to end the
    waiting."""

    per_minute: float | None
    clock: Callable[[], float]
    pause: Callable[[float], None]
    _next: float = float("-inf")
    _held_until: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self) -> None:
        """Returns when a request may begin."""
        while (wait := self._take()) > 0:
            self.pause(wait)

    def hold(self, seconds: float) -> None:
        """Lets nobody in for a while."""
        with self._lock:
            self._held_until = max(self._held_until, self.clock() + seconds)

    def _take(self) -> float:
        """Seconds until another try; 0 when the way is free, which counts as a beginning."""
        with self._lock:
            now = self.clock()
            free = max(self._next, self._held_until)
            if free > now:
                return free - now
            if self.per_minute is not None:
                self._next = now + 60 / self.per_minute
            return 0.0
