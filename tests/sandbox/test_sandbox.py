"""Programs that do harm fail, and do no harm."""

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchc.runtime.sandbox.sandbox import Limits, Outcome, run_program, run_programs
from benchc.runtime.work import StepFailed


def has_jail() -> bool:
    try:
        return run_program("pass", Limits(20.0)).passed
    except StepFailed:
        return False


pytestmark = pytest.mark.skipif(not has_jail(), reason="this machine does not allow the namespaces that the jail is made of")


def ended(program: str, seconds: float = 20.0, **limits: int) -> Outcome:
    return run_program(program, Limits(seconds, **limits))


def check_failed(program: str, outcome: str, detail: str = "", seconds: float = 20.0, **limits: int) -> Outcome:
    made = ended(program, seconds, **limits)
    assert made.outcome == outcome, made
    assert detail in made.detail
    return made


def processes_with(mark: str) -> list[str]:
    """Command lines on this machine that hold a text."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if mark in line:
            found.append(line)
    return found


def test_a_program_that_comes_to_its_end_has_passed() -> None:
    assert ended("assert sorted([2, 1]) == [1, 2]").passed


def test_an_exception_is_told() -> None:
    check_failed("assert 1 == 2, 'not equal'", "failed", "AssertionError: not equal")
    check_failed("def f(:", "failed", "SyntaxError")


def test_leaving_before_the_end_is_no_success() -> None:
    check_failed("import sys\nsys.exit(0)\nassert False", "failed", "SystemExit")
    check_failed("import os\nos._exit(0)\nassert False", "ended_early", "exit status 0")


def test_a_child_that_goes_on_to_the_end_is_no_success() -> None:
    check_failed("import os, time\nif os.fork():\n    time.sleep(1)\n    assert False", "failed", "AssertionError")


def test_an_endless_loop_is_ended() -> None:
    started = time.monotonic()
    check_failed("while True:\n    pass", "timeout", seconds=1.0)
    assert time.monotonic() - started < 15


def test_a_sleeper_is_ended() -> None:
    check_failed("import time\ntime.sleep(1000)", "timeout", seconds=1.0)
    check_failed("import os, time\nfor end in range(4):\n    os.close(end)\ntime.sleep(1000)", "timeout", seconds=1.0)


FORKING = """
import os, time
made = 0
try:
    while made < 300:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
finally:
    print("made", made)
"""


def test_a_program_that_keeps_forking_is_held_and_its_children_die_with_it() -> None:
    made = check_failed(FORKING, "failed", "BlockingIOError")
    assert int(made.output.split()[-1]) < 16
    assert processes_with("sandbox/jail.py") == []


def test_children_that_it_leaves_behind_die_with_it() -> None:
    program = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(60)\n    os._exit(0)\n"
    assert ended(program).passed
    assert processes_with("sandbox/jail.py") == []


def test_a_gigabyte_of_output_is_cut() -> None:
    made = check_failed("line = 'x' * 1_000_000\nfor _ in range(1000):\n    print(line)", "too_much_output")
    assert len(made.output) <= 4096


def test_it_cannot_delete_its_folder_or_the_system() -> None:
    check_failed("import shutil\nshutil.rmtree('/work')", "failed", "OSError")
    check_failed("import shutil\nshutil.rmtree('/usr')", "failed", "OSError")
    assert Path("/usr/bin").is_dir()


def test_what_is_deleted_in_its_folder_is_its_own(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    program = (
        f"import os\nassert not os.path.exists({str(kept)!r})\nassert os.listdir('.') == []\nopen('mine', 'w').close()\nos.remove('mine')"
    )
    assert ended(program).passed
    assert kept.read_text() == "kept"


def test_it_does_not_see_homes_configuration_or_other_processes() -> None:
    for place in (os.path.expanduser("~/.bashrc"), os.path.expanduser("~/.ssh"), "/etc/passwd", "/proc/1/environ", str(Path(__file__))):
        check_failed(f"open({place!r}).read()", "failed", "Error")
    check_failed("import os\nassert os.environ.get('BENCHC_MARK') is None\nos.listdir('/proc')", "failed", "FileNotFoundError")


@pytest.fixture
def listener() -> Iterator[tuple[int, list[int]]]:
    """A server on loopback, and the connections that it got."""
    seen: list[int] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = threading.Event()

    def accept() -> None:
        while not stop.is_set():
            try:
                server.accept()[0].close()
                seen.append(1)
            except TimeoutError:
                continue

    thread = threading.Thread(target=accept)
    thread.start()
    yield server.getsockname()[1], seen
    stop.set()
    thread.join()
    server.close()


def test_it_reaches_no_network_not_even_loopback(listener: tuple[int, list[int]]) -> None:
    port, seen = listener
    check_failed(f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2).sendall(b'x')", "failed", "PermissionError")
    assert seen == []


def test_it_cannot_kill_its_keepers() -> None:
    program = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(0.2)\nassert os.getppid() == 1\nos.kill(-1, 9)"
    check_failed(program, "failed", "ProcessLookupError")


def test_filling_the_disk_stops_at_the_limit() -> None:
    many = "for number in range(2000):\n    open(f'file{number}', 'wb').write(bytes(1_000_000))"
    check_failed(many, "failed", "No space left", disk_bytes=20_000_000)
    check_failed("open('big', 'wb').write(bytes(50_000_000))", "failed", "File too large", disk_bytes=20_000_000)


def test_memory_stops_at_the_limit() -> None:
    check_failed("x = bytearray(2 << 30)", "failed", "MemoryError")


def test_it_gets_no_rights_back() -> None:
    program = """
import ctypes
libc = ctypes.CDLL(None)
assert libc.unshare(0x10000000) == -1          # a user namespace, where it would be the superuser
assert libc.mount(b"x", b"/work", b"tmpfs", 0, None) == -1
assert libc.ptrace(16, 1, 0, 0) == -1
assert libc.setuid(0) == -1
"""
    assert ended(program).passed


def test_programs_do_not_see_each_other() -> None:
    writes = "open('left', 'w').write('x')"
    looks = "import os\nassert os.listdir('.') == [], os.listdir('.')\n"
    assert [one.passed for one in run_programs([writes, looks, writes, looks], Limits(20.0))] == [True] * 4


def test_equal_programs_run_once() -> None:
    counts: list[int] = []
    run_programs(["pass", "pass", "x = 1"], Limits(20.0), counts.append)
    assert counts == [1, 2]


def test_a_killed_caller_leaves_nothing_running() -> None:
    program = "import time\ntime.sleep(100)"
    code = f"from benchc.runtime.sandbox.sandbox import *\nprint('go', flush=True)\nrun_program({program!r}, Limits(100.0))"
    caller = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert caller.stdout is not None
    caller.stdout.readline()
    wait_until(lambda: len(processes_with("sandbox/jail.py")) >= 3)
    caller.kill()
    caller.wait()
    wait_until(lambda: processes_with("sandbox/jail.py") == [])


def wait_until(holds: object) -> None:
    assert callable(holds)
    for _ in range(200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it does not come to hold")


@pytest.mark.shared
def test_the_reference_solutions_of_humaneval_pass(shared_data: Path) -> None:
    with gzip.open(shared_data / "humaneval" / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as file:
        problems = [json.loads(line) for line in file]
    programs = [f"{one['prompt']}{one['canonical_solution']}\n{one['test']}\ncheck({one['entry_point']})\n" for one in problems]
    outcomes = run_programs(programs, Limits(10.0))
    assert len(outcomes) == 164
    assert [problem["task_id"] for problem, one in zip(problems, outcomes, strict=True) if not one.passed] == []
