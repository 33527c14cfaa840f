"""Programs that a model wrote, each run in a jail of its own.

In: texts of programs, limits. Out: an `Outcome` for each, in order. A program that does not come to its end, in time, within its
limits, has failed; nothing that it does reaches the machine (see `docs/sandbox.md`). A machine without the means for that runs nothing.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchc.runtime.work import StepFailed

JAIL = Path(__file__).with_name("jail.py")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/work", "TMPDIR": "/work", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
WORKERS = 2
GRACE_SECONDS = 20.0  # for the jail to be built and taken down, on a busy machine


@dataclass(frozen=True, slots=True)
class Limits:
    """`timeout_seconds`: wall clock, from the program's start. `memory_bytes`: address space of each process. `processes`: at a time,
    threads and the jail's own two among them. `disk_bytes`: what its folder holds. `output_bytes`: to both standard streams."""

    timeout_seconds: float
    memory_bytes: int = 1 << 30
    processes: int = 16
    disk_bytes: int = 64 << 20
    output_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """`outcome`: "passed", or why not: "failed" (an exception, which `detail` tells), "timeout", "too_much_output", "ended_early" (left or
    was killed before its last line). `output`: the beginning of what it printed."""

    outcome: str
    detail: str
    output: str

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


def run_programs(programs: Sequence[str], limits: Limits, done: Callable[[int], None] = lambda count: None) -> tuple[Outcome, ...]:
    """Equal programs are run once. `done` hears how many are finished. Raises StepFailed when this machine offers no jail."""
    distinct = tuple(dict.fromkeys(programs))
    results: dict[str, Outcome] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        for program, outcome in zip(distinct, pool.map(lambda text: run_program(text, limits), distinct), strict=True):
            results[program] = outcome
            done(len(results))
    return tuple(results[program] for program in programs)


def run_program(program: str, limits: Limits) -> Outcome:
    """One program, run to its end or its limits."""
    if not sys.platform.startswith("linux"):
        raise _no_jail(f"it needs Linux, and this is {sys.platform}")
    job = json.dumps({"program": program, **asdict(limits)}).encode("utf-8", "surrogatepass")
    command = [sys.executable, "-P", "-s", "-S", "-B", str(JAIL)]
    keeper = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT, cwd="/", start_new_session=True
    )
    try:
        answer = keeper.communicate(job, timeout=limits.timeout_seconds + GRACE_SECONDS)[0]
    except subprocess.TimeoutExpired:
        return Outcome("timeout", "", "")
    finally:
        keeper.kill()  # what it keeps dies with it
        keeper.wait()
    return _read(answer)


def _read(answer: bytes) -> Outcome:
    try:
        value = json.loads(answer)
    except ValueError:
        return Outcome("ended_early", "the jail broke down", "")
    if value["outcome"] == "no_jail":
        raise _no_jail(value["detail"])
    return Outcome(value["outcome"], value["detail"], value["output"])


def _no_jail(reason: str) -> StepFailed:
    return StepFailed(
        "no_sandbox",
        f"programs that a model wrote cannot be run safely here: {reason}",
        "run on Linux 5.12 or later where unprivileged user namespaces are allowed; docs/sandbox.md says what is needed",
    )
