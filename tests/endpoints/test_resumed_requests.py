"""A run that is killed half way asks no finished request again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_server import Fake, Fault, serving, wait_until
from served_specs import write_spec

from benchc import api
from benchc.runtime.partial import FILE
from benchc.runtime.results import comparable

PROGRAM = "from benchc.cli.main import main; main()"
FIRST = 17  # requests that are answered before the run is killed
TASKS = "quiz, kind, reply, talked"


def start(spec: Path, out: str) -> "subprocess.Popen[bytes]":
    folder = spec.parent
    command = [sys.executable, "-c", PROGRAM, "run", str(spec), "--out", str(folder / out), "--cache", str(folder / "cache"), "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kept(folder: Path) -> int:
    """Answers that are durable: the lines of each file after its first, which names its format."""
    return sum(path.read_bytes().count(b"\n") - 1 for path in (folder / "cache" / "checkpoints").glob(f"*/{FILE}"))


def distinct(bodies: list[dict[str, Any]]) -> int:
    return len({json.dumps(body, sort_keys=True) for body in bodies})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_asks_no_finished_request_again(tmp_path: Path, number: signal.Signals) -> None:
    fake = Fake(fault=lambda number, path, body: Fault("slow", seconds=60.0) if number >= FIRST else None)
    with serving(fake) as url:
        spec = write_spec(tmp_path, url, TASKS, "concurrency = 3", rows=12)
        child = start(spec, "out")
        try:
            wait_until(lambda: kept(tmp_path) == FIRST or child.poll() is not None, 60.0)
            assert child.poll() is None, "the run ended before it was killed"
        finally:
            child.send_signal(number)
            child.wait(30)
        finished = fake.answered()
        assert len(finished) == FIRST
        fake.fault = lambda number, path, body: None
        assert start(spec, "out").wait(120) == 0
        answered = fake.answered()
        assert len(answered) == len(set(answered)) > FIRST
        for text in finished:
            assert sum(json.dumps([one.path, one.body], sort_keys=True) == text for one in fake.seen) == 1
        other = Fake()
        with serving(other) as elsewhere:
            text = spec.read_text().replace(url, elsewhere)
            (tmp_path / "alone.bench").write_text(text)
            alone = api.run(tmp_path / "alone.bench", tmp_path / "alone", cache=str(tmp_path / "other"))
    resumed = api.open_results(tmp_path / "out")
    for one, lonely in zip(resumed.cells, alone.cells, strict=True):
        assert comparable(one["metrics"]) == comparable(lonely["metrics"])
        assert one["usage"] == lonely["usage"]
    events = [json.loads(line) for line in (tmp_path / "out" / "events.jsonl").read_text().splitlines()]
    assert sum(event["requests"] for event in events if event["event"] == "requests_resumed") == FIRST
    assert kept(tmp_path) == 0


def test_an_other_question_is_asked_and_what_is_the_same_is_not(tmp_path: Path) -> None:
    fake = Fake(fault=lambda number, path, body: Fault("status", 400) if "103" in body.get("prompt", "") else None)
    with serving(fake) as url:
        spec = write_spec(tmp_path, url, "reply", "concurrency = 1")
        assert api.run(spec, tmp_path / "a", cache=str(tmp_path / "cache")).exit_code == 4
        fake.fault = lambda number, path, body: None
        before = len(fake.answered())
        spec.write_text(spec.read_text().replace("greedy(6)", "greedy(7)"))
        assert api.run(spec, tmp_path / "b", cache=str(tmp_path / "cache")).exit_code == 0
    assert len(fake.answered()) == before + 6
    assert distinct([one.body for one in fake.seen if one.answered]) == before + 6
