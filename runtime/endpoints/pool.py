"""Many requests at a time, each once.

In: for each job its requests and its journal. Out: for each job why it failed, or None: all its answers are in its journal then. Equal
requests of several jobs are asked once. A failure takes the jobs along that need the request, and all others when no request would fare
better. Threads send; this thread alone writes journals and tells of progress.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from benchc.runtime.endpoints.asks import Ask
from benchc.runtime.endpoints.caller import Caller, Retry, Told
from benchc.runtime.endpoints.failure import AskFailed
from benchc.runtime.endpoints.journal import Journal


@dataclass(frozen=True, slots=True)
class JobAsks:
    """`progress`: told how many of how many are answered. `retried`: told of each try that is made again."""

    asks: Sequence[Ask]
    journal: Journal
    progress: Callable[[int, int], None]
    retried: Callable[[Retry], None]


class Stopped(Exception):  # noqa: N818 - named for what happened
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Stop:
    """`pause` waits, and raises Stopped when waiting is over for good."""

    event: threading.Event = field(default_factory=threading.Event)

    def pause(self, seconds: float) -> None:
        if self.event.wait(seconds):
            raise Stopped


_End: TypeAlias = Told | Retry | Exception


@dataclass(frozen=True, slots=True)
class _News:
    """`noted` is set when the answer is kept: only then does its thread go on, so that no more than `concurrency` answers can be lost."""

    ask: Ask
    end: _End
    noted: threading.Event = field(default_factory=threading.Event)


def ask_all(jobs: Sequence[JobAsks], caller: Caller, concurrency: int, stop: Stop) -> list[Exception | None]:
    """Raises KeyboardInterrupt, and OSError when answers cannot be kept; what was answered stays kept."""
    work = _Work(jobs)
    news: queue.SimpleQueue[_News] = queue.SimpleQueue()
    for _ in range(min(concurrency, len(work.waiting))):
        threading.Thread(target=_send, args=(work, caller, news, stop), name="benchc-endpoint", daemon=True).start()
    try:
        while work.is_open:
            latest = news.get()
            work.note(latest.ask, latest.end)
            latest.noted.set()
            if not work.is_needed:  # what is under way may still end, what waits for another try may not
                work.close()
                stop.event.set()
    finally:
        work.close()
        stop.event.set()
    return [work.failures.get(index) for index in range(len(jobs))]


def _send(work: "_Work", caller: Caller, news: "queue.SimpleQueue[_News]", stop: Stop) -> None:
    for one in work.take():
        try:
            end: _End = caller.ask(one, partial(_put, news, stop, one))
        except Exception as error:  # noqa: BLE001 - handed to the jobs that it belongs to, and recorded there
            work.fail(one, error)
            end = error
        _put(news, stop, one, end)


def _put(news: "queue.SimpleQueue[_News]", stop: Stop, one: Ask, end: _End) -> None:
    latest = _News(one, end)
    news.put(latest)
    while not latest.noted.wait(1.0) and not stop.event.is_set():
        pass


class _Work:
    """What is still to be asked, and for whom."""

    def __init__(self, jobs: Sequence[JobAsks]) -> None:
        self.jobs = jobs
        self.askers: dict[str, list[int]] = {}
        self.failures: dict[int, Exception] = {}
        self.under_way: set[str] = set()
        self.lock = threading.Lock()
        unanswered: dict[str, Ask] = {}
        self.open = [0] * len(jobs)
        self.sizes = [len({one.digest for one in job.asks}) for job in jobs]
        known = {digest: told for job in jobs for digest, told in job.journal.answers.items()}
        for index, job in enumerate(jobs):
            for digest, one in {one.digest: one for one in job.asks}.items():
                if digest in job.journal.answers:
                    continue
                if digest in known:
                    job.journal.add(digest, known[digest])
                    continue
                unanswered[digest] = one
                self.askers.setdefault(digest, []).append(index)
                self.open[index] += 1
        self.waiting = deque(unanswered.values())

    @property
    def is_needed(self) -> bool:
        """Whether a job that can still succeed lacks an answer."""
        return any(count for index, count in enumerate(self.open) if index not in self.failures)

    @property
    def is_open(self) -> bool:
        """Whether an answer is needed, or under way: an answer that was paid for is kept even when its job has failed."""
        with self.lock:
            return self.is_needed or bool(self.under_way)

    def take(self) -> Iterator[Ask]:
        """Requests one after the other, until there are none that anybody needs."""
        while (one := self._next()) is not None:
            yield one

    def _next(self) -> Ask | None:
        with self.lock:
            while self.waiting:
                one = self.waiting.popleft()
                if any(index not in self.failures for index in self.askers[one.digest]):
                    self.under_way.add(one.digest)
                    return one
            return None

    def fail(self, one: Ask, error: Exception) -> None:
        """Before the thread takes another request, so that none is asked in vain."""
        everywhere = isinstance(error, AskFailed) and error.everywhere
        with self.lock:
            reached = [index for index, count in enumerate(self.open) if count] if everywhere else self.askers[one.digest]
            for index in reached if not isinstance(error, Stopped) else ():
                self.failures.setdefault(index, error)

    def note(self, one: Ask, end: Told | Retry | Exception) -> None:
        askers = self.askers[one.digest]
        if isinstance(end, Retry):
            for index in askers:
                self.jobs[index].retried(end)
            return
        if isinstance(end, Told):
            for index in askers:
                self.jobs[index].journal.add(one.digest, end)
        self._count(one, end, askers)
        for index in askers:
            self.jobs[index].progress(self.sizes[index] - self.open[index], self.sizes[index])

    def _count(self, one: Ask, end: Told | Exception, askers: Sequence[int]) -> None:
        with self.lock:
            self.under_way.discard(one.digest)
            if isinstance(end, Told):
                for index in askers:
                    self.open[index] -= 1

    def close(self) -> None:
        with self.lock:
            self.waiting.clear()
