"""Runs on a server, killed again and again: `python benchmarks/endpoint_resume.py [--rows N] [--kills N]`.

A server on loopback writes texts, and notes what it was asked. Runs of `benchc` are killed when it has given so many further answers, until
one ends by itself. Measured: requests that were finished, that is kept, when a run was killed, and were asked again; requests that were
under way and were asked again, of which there may be as many as `concurrency` for each kill; requests a second, from the first start to
the last end, with the starts of Python in it.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from benchc.runtime.endpoints.asks import COMPLETIONS, Ask, Writing
from benchc.runtime.endpoints.journal import open_journal
from benchc.runtime.partial import FILE

SPEC = """
edition = "2026"
bench "resume" { }
dataset sums {
  source = jsonl(test = "test.jsonl")
  fields { question = text(question), answer = text(answer) }
}
task add : generation { data = sums, input = question, target = answer, decode = greedy(8), metrics = exact_match }
model served { source = endpoint("URL", "adder-2026-01-01", concurrency = 8) }
run main { tasks = add, models = served }
"""
PROGRAM = "from benchc.cli.main import main; main()"
ANSWER_SECONDS = 0.02
LONGEST_SECONDS = 120.0


@dataclass
class Answers:
    """How often each request was asked, by the digest that the client keeps it by."""

    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    given: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, body: Mapping[str, Any]) -> None:
        with self.lock:
            self.asked[Ask(self.url, COMPLETIONS, body, Writing()).digest] += 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: ClassVar[Answers]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answers.note(body)
        time.sleep(ANSWER_SECONDS)
        usage = {"prompt_tokens": 4, "completion_tokens": 1}
        text = str(sum(map(int, body["prompt"].split("+"))))
        content = json.dumps({"model": body["model"], "choices": [{"text": text, "finish_reason": "stop"}], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        with self.answers.lock:
            self.answers.given += 1

    def log_message(self, *words: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--kills", type=int, default=5)
    chosen = parser.parse_args()
    Handler.answers = Answers()
    server = Server(("127.0.0.1", 0), Handler)
    Handler.answers.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="benchc-") as folder:
        print(json.dumps(measured(Path(folder), Handler.answers, chosen.rows, chosen.kills)))
    server.shutdown()


def measured(folder: Path, answers: Answers, rows: int, kills: int) -> Mapping[str, Any]:
    lines = (json.dumps({"question": f"{number} + {number * 7}", "answer": f"{number * 8}"}) + "\n" for number in range(rows))
    (folder / "test.jsonl").write_text("".join(lines))
    (folder / "spec.bench").write_text(SPEC.replace("URL", answers.url))
    started = time.monotonic()
    finished_again = 0
    for number in range(1, kills + 2):
        finished, before = kept(folder), Counter(answers.asked)
        if number <= kills:
            killed(folder, answers, number * rows // (kills + 1))
        else:
            assert run(folder).wait(LONGEST_SECONDS) == 0, "the last run did not end well"
        finished_again += sum(answers.asked[digest] > before[digest] for digest in finished)
    seconds = time.monotonic() - started
    under_way_again = sum(count - 1 for count in answers.asked.values()) - finished_again
    return {
        "requests": rows,
        "kills": kills,
        "asked": sum(answers.asked.values()),
        "finished_asked_again": finished_again,
        "under_way_asked_again": under_way_again,
        "requests_per_second": round(sum(answers.asked.values()) / seconds, 1),
    }


def run(folder: Path) -> "subprocess.Popen[bytes]":
    arguments = ["run", "spec.bench", "--out", "out", "--cache", "cache", "--quiet", "--no-report"]
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], cwd=folder, stdout=subprocess.DEVNULL)


def killed(folder: Path, answers: Answers, given: int) -> None:
    """A run that is killed when the server has given so many answers in all."""
    child = run(folder)
    until = time.monotonic() + LONGEST_SECONDS
    while answers.given < given and child.poll() is None:
        assert time.monotonic() < until, "the server was not asked"
        time.sleep(0.001)
    assert child.poll() is None, "the run ended before it was killed"
    child.send_signal(signal.SIGKILL)
    child.wait()
    time.sleep(5 * ANSWER_SECONDS)  # what was under way is answered to nobody


def kept(folder: Path) -> set[str]:
    """Digests of the requests whose answers a killed run left."""
    found: set[str] = set()
    for path in (folder / "cache" / "checkpoints").glob(f"*/{FILE}"):
        found |= open_journal(path.parent).found
    return found


if __name__ == "__main__":
    main()
