"""A request asked until it is answered, or it is no use.

In: an `Exchange`, an `Ask`. Out: `Told`: the reply and the tries that it took, or `AskFailed`. Waits grow twofold from half a second, and
are at least what the server asks for: no chance is in them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchc.compiler.jsonvalue import canonical
from benchc.runtime.endpoints.asks import Ask
from benchc.runtime.endpoints.exchange import Exchange
from benchc.runtime.endpoints.failure import AskFailed, failure_of
from benchc.runtime.endpoints.gate import Gate
from benchc.runtime.endpoints.replies import Reply, read_reply

FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 60.0
LONGEST_ASKED_SECONDS: Final = 900.0  # that a server may ask for


@dataclass(frozen=True, slots=True)
class Told:
    """`tries`: 1 when the first was answered."""

    reply: Reply
    tries: int


@dataclass(frozen=True, slots=True)
class Retry:
    """A try that failed, before the next one."""

    failure: AskFailed
    tries: int
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class Caller:
    """`host` names the server in messages; `retries`: tries after the first."""

    exchange: Exchange
    gate: Gate
    host: str
    retries: int
    pause: Callable[[float], None]

    def ask(self, one: Ask, retried: Callable[[Retry], None]) -> Told:
        """Raises AskFailed when all tries failed, or another would be no use."""
        tries = 0
        while True:
            self.gate.enter()
            tries += 1
            try:
                return Told(self._try(one), tries)
            except AskFailed as error:
                failure = error
            if not failure.passing or tries > self.retries:
                raise self._last(failure, tries)
            wait = max(wait_after(tries), failure.wait_seconds)
            if wait > LONGEST_ASKED_SECONDS:
                raise self._too_long_a_wait(failure, wait)
            retried(Retry(failure, tries, wait))
            self._wait(failure, wait)

    def _try(self, one: Ask) -> Reply:
        answer = self.exchange.post(one.path, canonical(one.body).encode())
        if not 200 <= answer.status < 300:
            raise one.explained(failure_of(answer.status, answer.headers, answer.body, self.host))
        return read_reply(one, answer.body, self.host)

    def _wait(self, failure: AskFailed, seconds: float) -> None:
        if failure.everywhere:  # whoever else asks now would be turned away too
            self.gate.hold(seconds)
        else:
            self.pause(seconds)

    def _last(self, failure: AskFailed, tries: int) -> AskFailed:
        counted = f"{failure.message} ({tries} tries)" if tries > 1 else failure.message
        return AskFailed(failure.code, counted, failure.help, everywhere=failure.everywhere)

    def _too_long_a_wait(self, failure: AskFailed, seconds: float) -> AskFailed:
        message = f"{failure.message}; it asks to wait {seconds / 60:,.0f} minutes"
        return AskFailed(failure.code, message, "run again then: what was answered is kept", everywhere=True)


def wait_after(tries: int) -> float:
    """Seconds to wait when so many tries have failed."""
    return min(FIRST_WAIT_SECONDS * float(2 ** min(tries - 1, 30)), LONGEST_WAIT_SECONDS)
