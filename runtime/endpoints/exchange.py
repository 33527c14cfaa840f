"""One HTTP exchange with a server.

In: an address, a key, a body. Out: `Answer`, whatever its status, or `AskFailed` when none arrived whole. Redirects are not followed, so
that the key goes nowhere else. Not here: trying again (`caller`), what an answer means (`replies`, `failure`).
"""

import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import urllib3

from benchc.runtime.endpoints.failure import AskFailed
from benchc.runtime.work import StepFailed
from benchc.version import VERSION

CHUNK_BYTES: Final = 65536
MOST_BYTES: Final = 64 * 2**20  # of an answer
CONNECT_SECONDS: Final = 30.0
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by name in lower case; `body` as text, in which the key does not stand."""

    status: int
    headers: Mapping[str, str]
    body: str


class Exchange(Protocol):
    """Sends a JSON body to a path below the server's address. Raises AskFailed."""

    def post(self, path: str, body: bytes) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Server:
    """`url` without a slash at its end. `key` is sent and shown nowhere. `timeout_seconds` of a whole exchange."""

    url: str
    key: str | None
    timeout_seconds: float

    @property
    def host(self) -> str:
        return urllib.parse.urlsplit(self.url).netloc


class HttpExchange:
    """Through a pool of connections, which threads may share."""

    def __init__(self, server: Server, connections: int, clock: Callable[[], float], variable: Callable[[str], str | None]) -> None:
        self._server = server
        self._clock = clock
        proxy = proxy_for(server.url, variable)
        self._pool = urllib3.PoolManager(1, maxsize=connections) if proxy is None else urllib3.ProxyManager(proxy, 1, maxsize=connections)
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": f"benchc/{VERSION}"}
        if server.key is not None:
            self._headers["Authorization"] = f"Bearer {server.key}"

    def post(self, path: str, body: bytes) -> Answer:
        started, limit = self._clock(), self._server.timeout_seconds
        timeout = urllib3.Timeout(connect=min(limit, CONNECT_SECONDS), read=limit)
        try:
            response = self._pool.request(
                "POST", self._server.url + path, body=body, headers=self._headers, timeout=timeout, retries=False, preload_content=False
            )
            try:
                content = self._read(response, started)
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise self._failure(error) from None  # the error's own text holds the address of an object
        text = content.decode("utf-8", "replace")
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, self._without_key(text))

    def _read(self, response: urllib3.BaseHTTPResponse, started: float) -> bytes:
        """All of an answer. A server that drips is given up when the whole takes too long, not only when it pauses."""
        parts: list[bytes] = []
        size = 0
        while part := response.read1(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if self._clock() - started > self._server.timeout_seconds:
                response.close()
                raise self._slow()
            if size > MOST_BYTES:
                response.close()
                raise AskFailed(
                    "endpoint_reply", f"{self._server.host} answers with more than {MOST_BYTES // 2**20} MiB", "look at the server"
                )
        return b"".join(parts)

    def _failure(self, error: urllib3.exceptions.HTTPError) -> AskFailed:
        host = self._server.host
        match error:  # the first two are timeouts too, by their class
            case urllib3.exceptions.NameResolutionError():
                return AskFailed("endpoint_unreachable", f"no address is known for {host}", "check `url`", passing=True, everywhere=True)
            case urllib3.exceptions.NewConnectionError():
                advice = "start the server, or check `url`; what was answered is kept"
                return AskFailed("endpoint_unreachable", f"{host} takes no connection", advice, passing=True, everywhere=True)
            case urllib3.exceptions.ConnectTimeoutError() | urllib3.exceptions.ReadTimeoutError():
                return self._slow()
            case urllib3.exceptions.SSLError():
                return AskFailed(
                    "endpoint_unreachable", f"{host} cannot be trusted: {error}", "check `url` and its certificate", everywhere=True
                )
            case urllib3.exceptions.ProxyError():
                return AskFailed(
                    "endpoint_unreachable", f"the proxy does not reach {host}", "check the proxy", passing=True, everywhere=True
                )
            case _:
                return AskFailed("endpoint_cut_off", f"{host} cut its answer off", "see the server's log, and run again", passing=True)

    def _slow(self) -> AskFailed:
        message = f"{self._server.host} did not answer within {self._server.timeout_seconds:g} s"
        return AskFailed("endpoint_slow", message, "raise `timeout`, or lower `concurrency`", passing=True)

    def _without_key(self, text: str) -> str:
        return text if not self._server.key else text.replace(self._server.key, "[key]")


def read_key(name: str | None, variable: Callable[[str], str | None]) -> str | None:
    """The key in an environment variable; None where none is named. Raises StepFailed when it is not set, or cannot be sent."""
    if name is None:
        return None
    key = (variable(name) or "").strip()
    if not key:
        message = f"the environment variable `{name}`, which holds the server's key, is not set"
        raise StepFailed("endpoint_key", message, f"set it: export {name}=...")
    if not key.isascii() or not key.isprintable():
        raise StepFailed("endpoint_key", f"the environment variable `{name}` holds characters that no key has", "set it again")
    return key


def proxy_for(url: str, variable: Callable[[str], str | None]) -> str | None:
    """The proxy that the usual variables (`https_proxy`, `no_proxy`) name for an address."""
    parts = urllib.parse.urlsplit(url)
    found = _either(f"{parts.scheme}_proxy", variable)
    if found is None or parts.hostname in LOOPBACK:
        return None
    if any(_covers(one.strip(), parts.hostname or "") for one in (_either("no_proxy", variable) or "").split(",")):
        return None
    return found if "://" in found else f"http://{found}"


def _covers(pattern: str, host: str) -> bool:
    """Whether an item of `no_proxy` is the host or a domain above it."""
    return pattern == "*" or (pattern != "" and (host == pattern.lstrip(".") or host.endswith("." + pattern.lstrip("."))))


def _either(name: str, variable: Callable[[str], str | None]) -> str | None:
    return variable(name) or variable(name.upper()) or None
