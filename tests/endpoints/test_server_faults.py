"""What a server can do wrong: some of it passes, the rest fails the cells that need it and no others."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_server import Fake, Fault, serving
from served_specs import ROWS, write_spec

from benchc import api
from benchc.runtime.endpoints import caller, exchange
from benchc.runtime.run_results import Results

FLOOR = "model floor { source = baseline(lead) }\nrun other { tasks = [reply], models = floor }"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short here; how long they are is tested with a clock of the tests' own."""
    monkeypatch.setattr(caller, "FIRST_WAIT_SECONDS", 0.01)


def run(folder: Path, fake: Fake, arguments: str = "", tasks: str = "reply", more: str = FLOOR) -> Results:
    with serving(fake) as url:
        return api.run(write_spec(folder, url, tasks, arguments, more), folder / "out", cache=str(folder / "cache"))


def once(fault: Fault) -> Callable[[int, str, dict[str, Any]], Fault | None]:
    """The third request goes wrong, and is then asked again."""
    return lambda number, path, body: fault if number == 2 else None


PASSING = {
    "429": Fault("status", 429, {"Retry-After": "0"}),
    "500": Fault("status", 500, body="<html><h1>oh no</h1></html>"),
    "503": Fault("status", 503),
    "cut off": Fault("cut_off"),
    "reset": Fault("reset"),
    "no JSON": Fault("text", body='{"choices": [{"te'),
    "no choices": Fault("text", body='{"choices": []}'),
    "a text that is none": Fault("text", body='{"choices": [{"text": 3}]}'),
    "nothing": Fault("text", body=""),
    "deep JSON": Fault("text", body="[" * 100_000),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_asked_again(tmp_path: Path, name: str) -> None:
    fake = Fake(fault=once(PASSING[name]))
    results = run(tmp_path, fake, "concurrency = 2")
    served = results.cells[0]
    assert (served["status"], served["error"]) == ("ok", None)
    assert served["usage"]["retries"] == 1  # type: ignore[call-overload,index]
    assert len(fake.seen) == ROWS + 1
    assert len(set(fake.answered())) == len(fake.answered()) == ROWS


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_a_slow_answer_is_given_up_and_asked_again(tmp_path: Path, kind: str) -> None:
    results = run(tmp_path, Fake(fault=once(Fault(kind, seconds=3.0))), "timeout = 500ms")
    assert results.cells[0]["status"] == "ok"
    events = [json.loads(line) for line in (tmp_path / "out" / "events.jsonl").read_text().splitlines()]
    assert [event["code"] for event in events if event["event"] == "request_retried"] == ["endpoint_slow"]


def test_half_a_character_in_an_answer_is_replaced(tmp_path: Path) -> None:
    half = Fault("text", body='{"model": "m\\ud83d", "choices": [{"text": "a\\ud83d b", "finish_reason": "\\ud83d"}]}')
    results = run(tmp_path, Fake(fault=once(half)))
    assert results.cells[0]["status"] == "ok"
    assert "a\ufffd b" in [row["generations"][0] for row in results.predictions(str(results.cells[0]["id"])).to_pylist()]


LASTING = {
    "unknown key": (Fault("status", 401, body='{"error": {"message": "bad key"}}'), "endpoint_key", "answers 401: bad key", 1),
    "forbidden": (Fault("status", 403), "endpoint_key", "answers 403", 1),
    "bad request": (Fault("status", 400, body='{"detail": "no `stop`"}'), "endpoint_refused", "answers 400: no `stop`", 1),
    "nothing left": (
        Fault("status", 429, body='{"error": {"message": "quota", "code": "insufficient_quota"}}'),
        "endpoint_spent",
        "answers 429: quota",
        1,
    ),
    "too long": (
        Fault("status", 400, body='{"error": "this model\'s maximum context length is 8 tokens"}'),
        "prompt_too_long",
        "maximum context length is 8 tokens",
        1,
    ),
    "elsewhere": (Fault("status", 302, {"Location": "http://127.0.0.1:1/"}), "endpoint_moved", "answers 302", 1),
    "always down": (Fault("status", 500), "endpoint_error", "answers 500 (3 tries)", 3),
    "always busy": (Fault("status", 429), "endpoint_busy", "answers 429 (3 tries)", 3),
    "never whole": (Fault("cut_off"), "endpoint_cut_off", "cut its answer off (3 tries)", 3),
    "never JSON": (Fault("text", body="hello"), "endpoint_reply", "is not JSON (3 tries)", 3),
    "asks for hours": (Fault("status", 503, {"Retry-After": "7200"}), "endpoint_busy", "asks to wait 120 minutes", 1),
}


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_fails_the_cell_and_no_other(tmp_path: Path, name: str) -> None:
    fault, code, words, most = LASTING[name]
    fake = Fake(fault=lambda number, path, body: fault)
    results = run(tmp_path, fake, "retries = 2, concurrency = 1")
    error = results.cells[0]["error"]
    assert isinstance(error, dict)
    assert error["code"] == code, error
    assert words in error["message"]
    assert "127.0.0.1:" in error["message"]
    assert error["help"]
    assert results.cells[1]["status"] == "ok"
    assert results.exit_code == 4
    assert len(fake.seen) == most


def test_a_server_that_is_not_there_is_told_soon(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        spec = write_spec(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "reply, quiz", "retries = 1", FLOOR)
        results = api.run(spec, tmp_path / "out", cache=str(tmp_path / "cache"))
    errors = [cell["error"] for cell in results.cells]
    assert [error and error["code"] for error in errors] == ["endpoint_unreachable", "endpoint_unreachable", None]  # type: ignore[call-overload,index]
    assert "takes no connection (2 tries)" in str(errors[0])


def test_one_bad_request_fails_its_own_cell_and_the_others_go_on(tmp_path: Path) -> None:
    def refuse(number: int, path: str, body: dict[str, Any]) -> Fault | None:
        return Fault("status", 400, body='{"error": "no"}') if body.get("echo") and "104" in body["prompt"] else None

    results = run(tmp_path, Fake(fault=refuse), tasks="quiz, reply, talked")
    assert [cell["status"] for cell in results.cells] == ["failed", "ok", "ok", "ok"]


def test_a_server_without_likelihoods_is_told_what_to_do(tmp_path: Path) -> None:
    for number, fake in enumerate((Fake(likelihoods=False), Fake(completions=False))):
        folder = tmp_path / str(number)
        folder.mkdir()
        results = run(folder, fake, tasks="quiz, talked")
        error = results.cells[0]["error"]
        assert isinstance(error, dict)
        assert error["code"] == "endpoint_likelihood"
        assert "extract = choice_letter" in error["help"]
        assert results.cells[1]["status"] == "ok"


def test_answers_that_were_paid_for_are_kept_when_a_cell_fails(tmp_path: Path) -> None:
    fake = Fake(fault=lambda number, path, body: Fault("status", 400) if "105" in body["prompt"] else None)
    with serving(fake) as url:
        spec = write_spec(tmp_path, url, "reply")
        assert api.run(spec, tmp_path / "out", cache=str(tmp_path / "cache")).exit_code == 4
        before = len(fake.answered())
        fake.fault = lambda number, path, body: None
        assert api.run(spec, tmp_path / "again", cache=str(tmp_path / "cache")).exit_code == 0
    assert before > 0
    assert len(set(fake.answered())) == len(fake.answered()) == ROWS


KEY = "sk-Zm9vYmFy/SECRET+0123456789=="


def test_the_key_is_sent_and_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_KEY", KEY)
    monkeypatch.setattr(exchange, "CONNECT_SECONDS", 5.0)
    leak = Fault("status", 400, body=json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}))
    echo = Fault("text", body=json.dumps({"model": KEY, "choices": [{"text": f"your key is {KEY}"}]}))
    fake = Fake(fault=lambda number, path, body: leak if path.endswith("chat/completions") else echo if number == 1 else None)
    results = run(tmp_path, fake, 'key_env = "FAKE_KEY", concurrency = 1', tasks="reply, talked")
    assert [cell["status"] for cell in results.cells] == ["ok", "failed", "ok"]
    assert {one.authorization for one in fake.seen} == {f"Bearer {KEY}"}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if KEY.encode() in path.read_bytes() or b"SECRET" in path.read_bytes()] == []
    assert any(b"FAKE_KEY" in path.read_bytes() for path in files)


@pytest.mark.parametrize(("value", "words"), [(None, "is not set"), ("", "is not set"), ("a\nb", "characters that no key has")])
def test_without_a_key_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None, words: str) -> None:
    monkeypatch.delenv("FAKE_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("FAKE_KEY", value)
    fake = Fake()
    results = run(tmp_path, fake, 'key_env = "FAKE_KEY"')
    error = results.cells[0]["error"]
    assert isinstance(error, dict)
    assert error["code"] == "endpoint_key"
    assert words in error["message"]
    assert "FAKE_KEY" in error["message"]
    assert fake.seen == []
    assert results.cells[1]["status"] == "ok"


def test_planning_imports_no_client_and_reads_no_key(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, "http://127.0.0.1:9/v1", "reply", 'key_env = "PATH"')
    program = (
        "import sys; from benchc import api; plan = api.compile(sys.argv[1], cache=sys.argv[2]).plan; assert plan; "
        "print([name for name in ('urllib3', 'torch', 'numpy', 'http.client') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(spec), str(tmp_path / "c")], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
