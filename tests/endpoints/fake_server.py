"""An OpenAI-compatible server on loopback whose model is arithmetic, and which fails as it is told.

Its tokens are words with the white space before them. The log-probability of a token depends on the text before it by `log_probability`, so
that a test can say what a score must be. Every request is noted; nothing leaves 127.0.0.1.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = re.compile(r"\s*\S+|\s+$")
MOST_REQUESTS = 2000
Reply = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Seen:
    path: str
    body: dict[str, Any]
    authorization: str | None
    answered: bool


@dataclass(frozen=True)
class Fault:
    """`kind`: "status", "slow", "drip", "cut_off", "reset", "text" (of the body)."""

    kind: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "{}"
    seconds: float = 5.0


@dataclass
class Fake:
    """`fault`: of the n-th request (from 0), by its path and body; None for a sound answer. `bos`: a special token that is echoed."""

    fault: Callable[[int, str, dict[str, Any]], Fault | None] = lambda number, path, body: None
    completions: bool = True
    chat: bool = True
    likelihoods: bool = True
    usage: bool = True
    bos: str = ""
    seen: list[Seen] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _begun: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> int:
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            self._begun += 1
            assert self._begun < MOST_REQUESTS, "a test asks too much"
            return self._begun - 1

    def end(self, seen: Seen) -> None:
        with self._lock:
            self._now -= 1
            self.seen.append(seen)

    def answered(self) -> list[str]:
        """The bodies of answered requests, as canonical texts."""
        with self._lock:
            return [json.dumps([one.path, one.body], sort_keys=True) for one in self.seen if one.answered]

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/v1/chat/completions" and self.chat:
            text = written("\n".join(str(message["content"]) for message in body["messages"]), body)
            return 200, self._framed({"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}, 7, len(text.split()))
        if path == "/v1/completions" and self.completions:
            if not body.get("echo"):
                text = written(body["prompt"], body)
                return 200, self._framed({"text": text, "finish_reason": "length"}, 5, len(text.split()))
            if not self.likelihoods:
                return 422, {"error": {"message": "Unsupported fields in the request: echo, logprobs"}}
            return 200, self._framed(self._echo(body["prompt"]), len(WORDS.findall(body["prompt"])), 1)
        return 404, {"error": {"message": f"there is no {path}"}}

    def _framed(self, choice: dict[str, Any], read: int, wrote: int) -> dict[str, Any]:
        usage = {"usage": {"prompt_tokens": read, "completion_tokens": wrote}} if self.usage else {}
        return {"id": "x", "model": "fake-1", "choices": [{"index": 0, **choice}], **usage}

    def _echo(self, prompt: str) -> dict[str, Any]:
        tokens = [self.bos] * bool(self.bos) + WORDS.findall(prompt) + [" more"]
        offsets = [sum(map(len, tokens[:at])) for at in range(len(tokens))]
        values: list[float | None] = [
            log_probability("".join(tokens[:at]).removeprefix(self.bos), token) for at, token in enumerate(tokens)
        ]
        values[0] = None
        best = [None if value is None else {"x": value + (0.5 if at % 2 else -0.5)} for at, value in enumerate(values)]
        logprobs = {"tokens": tokens, "token_logprobs": values, "text_offset": offsets, "top_logprobs": best}
        return {"text": prompt + " more", "logprobs": logprobs, "finish_reason": "length"}


def written(prompt: str, body: dict[str, Any]) -> str:
    """What the model writes: the last number of the prompt, and its seed."""
    numbers = re.findall(r"\d+", prompt)
    return f" it is {numbers[-1] if numbers else 'none'} of these {body.get('seed', '')}".rstrip()


def log_probability(before: str, token: str) -> float:
    return -((sum(before.encode()) * 7 + sum(token.encode()) * 13) % 97) / 10 - 0.05


def score(context: str, continuation: str) -> float:
    """Of the continuation's tokens behind the context."""
    total, before = 0.0, context.rstrip()
    for token in WORDS.findall(context[len(before) :] + continuation):
        total += log_probability(before, token)
        before += token
    return total


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: Fake

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = self.fake.begin()
        fault = self.fake.fault(number, self.path, body)
        status, value = self.fake.answer(self.path, body)
        done = False
        try:
            done = self._send(status, json.dumps(value).encode()) if fault is None else self._fail(fault, json.dumps(value).encode())
        except OSError:
            self.close_connection = True  # the client did not wait
        finally:
            self.fake.end(Seen(self.path, body, self.headers.get("Authorization"), done and status == 200))

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> bool:
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        return True

    def _fail(self, fault: Fault, content: bytes) -> bool:
        match fault.kind:
            case "status":
                self._send(fault.status, fault.body.encode(), fault.headers)
            case "text":
                self._send(200, fault.body.encode())
            case "slow":
                self.fake.ended.wait(fault.seconds)
                self._send(200, content)
            case "drip":
                self._head(len(content))
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if self.fake.ended.wait(0.05):
                        break
            case "cut_off":
                self._head(len(content))
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
            case _:
                self.close_connection = True
                self.connection.close()
        return False

    def _head(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


@contextmanager
def serving(fake: Fake) -> Iterator[str]:
    """The address of the server, which runs in threads of this process."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        fake.ended.set()
        server.shutdown()
        server.server_close()


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)
