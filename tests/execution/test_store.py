"""The store under crashes, failing disks and other processes."""

import errno
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from small_plans import FakeSteps, small_plan, step, surroundings

from benchc.runtime.claims import Owner, claimed, is_held
from benchc.runtime.disk_writes import Disk
from benchc.runtime.execute import execute
from benchc.runtime.outcome import Done
from benchc.runtime.store import Damage, Entry, Store

ONE = step("load", {"source": "one"})


def keep_one(store: Store, text: str = "rows") -> Entry:
    with store.claim(ONE.key, lambda owner: None) as claim:
        (claim.folder / "deep").mkdir()
        (claim.folder / "deep" / "rows.txt").write_text(text)
        (claim.checkpoint / "half").write_text("half")
        return store.keep(claim, ONE, 1.5)


def test_an_entry_is_found_as_it_was_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.find(ONE.key) is None
    kept = keep_one(store)
    assert Store(tmp_path).find_checked(ONE.key) == kept
    assert (kept.folder / "deep" / "rows.txt").read_text() == "rows"
    assert not (tmp_path / "checkpoints" / ONE.key).exists()
    assert list((tmp_path / "aside").iterdir()) == list((tmp_path / "locks").iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "deep" / "rows.txt").write_text("ROWS"), "does not match its checksum"),
        (lambda folder: (folder / "deep" / "rows.txt").write_text("row"), "3 bytes instead of 4"),
        (lambda folder: (folder / "deep" / "rows.txt").unlink(), "is missing"),
        (lambda folder: (folder / "entry.json").unlink(), "is missing"),
        (lambda folder: (folder / "entry.json").write_text("{"), "is not JSON"),
        (lambda folder: (folder / "entry.json").write_text("[]"), "lacks"),
    ],
)
def test_damage_is_noticed(tmp_path: Path, damage, reason: str) -> None:
    kept = keep_one(Store(tmp_path))
    damage(kept.folder)
    found = Store(tmp_path).find(ONE.key)
    assert isinstance(found, Damage)
    assert reason in found.reason


def test_what_was_not_kept_is_gone_but_its_checkpoint_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.claim(ONE.key, lambda owner: None) as claim:
        (claim.checkpoint / "half").write_text("half")
        (claim.folder / "rows.txt").write_text("rows")
    assert store.find(ONE.key) is None
    assert list((tmp_path / "aside").iterdir()) == []
    with store.claim(ONE.key, lambda owner: None) as claim:
        assert (claim.checkpoint / "half").read_text() == "half"


class FailingDisk:
    """Makes the n-th operation fail."""

    def __init__(self, fail_at: int, number: int = errno.ENOSPC) -> None:
        self.left, self.number, self.operations = fail_at, number, 0

    def before(self, operation: str, path: Path) -> None:
        self.operations += 1
        self.left -= 1
        if self.left == 0:
            raise OSError(self.number, os.strerror(self.number), str(path))


def test_whichever_operation_fails_a_rerun_gives_the_same_results(tmp_path: Path) -> None:
    """The SQLite way: the n-th operation on the disk fails, for every n until none is left to fail."""
    plan = small_plan(models=("linear",), seeds=(1,))
    for fail_at in range(1, 1000):
        folder, disk = tmp_path / str(fail_at), FailingDisk(fail_at)
        try:
            outcome = execute(plan, Store(folder, Disk(disk.before)), surroundings(tmp_path, FakeSteps()))
            failed = not all(isinstance(end, Done) for end in outcome.steps.values())
        except OSError as trouble:
            assert trouble.errno == errno.ENOSPC  # noqa: PT017 - the store as a whole could not be used
            failed = True
        again = execute(plan, Store(folder), surroundings(tmp_path, FakeSteps()))
        assert all(isinstance(end, Done) for end in again.steps.values()), fail_at
        assert again.repaired == (), fail_at
        assert list((folder / "locks").iterdir()) == [], fail_at
        if disk.operations < fail_at:
            assert not failed
            assert fail_at > 50
            return
    pytest.fail("the run never got through")


CHILD = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from small_plans import FakeSteps, small_plan, surroundings
    from benchc.runtime.disk_writes import Disk
    from benchc.runtime.execute import execute
    from benchc.runtime.store import Store

    left = int(sys.argv[3])
    def before(operation, path):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    folder = Path(sys.argv[2])
    execute(small_plan(models=("linear",), seeds=(1,)), Store(folder, Disk(before)), surroundings(folder, FakeSteps()))
""")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("kill_at", [1, 2, 3, 4, 6, 9, 13, 20, 31, 47, 66])
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, kill_at: int) -> None:
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(tmp_path), str(kill_at)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    plan, store, fakes = small_plan(models=("linear",), seeds=(1,)), Store(tmp_path), FakeSteps()
    finished = set(store.all_keys())
    outcome = execute(plan, store, surroundings(tmp_path, fakes))
    assert all(isinstance(end, Done) for end in outcome.steps.values())
    assert {key for key, end in outcome.steps.items() if isinstance(end, Done) and end.reused} == finished
    assert outcome.repaired == ()
    assert list((tmp_path / "aside").iterdir()) == []


def _compute_slowly(folder: Path, started, ran) -> None:
    def slow(kind: str):
        def run(step, inputs, work) -> None:
            with ran.get_lock():
                ran.value += 1
            started.set()
            time.sleep(0.05)
            FakeSteps().implementation(kind)(step, inputs, work)

        return run

    around = surroundings(folder, FakeSteps())
    around = type(around)(**{name: getattr(around, name) for name in around.__slots__} | {"implementation": slow})
    execute(small_plan(), Store(folder), around)


def test_two_processes_share_the_work_of_one_plan(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    started, ran = context.Event(), context.Value("i", 0)
    processes = [context.Process(target=_compute_slowly, args=(tmp_path, started, ran)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert ran.value == sum(step.kind != "report" for step in small_plan().steps)


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    lock, waits = tmp_path / "lock", list[Owner | None]()
    lock.write_text(f'{{"token": "t", "pid": {child.pid}, "host": "{socket.gethostname()}", "process_started": 1.0}}')
    with claimed(lock, Disk(), waits.append) as owner:
        assert owner.pid == os.getpid()
        assert is_held(lock, time.time())
    child.communicate()
    assert waits == []
    assert not lock.exists()


def test_a_silent_lock_of_another_machine_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchc.runtime.claims.DEAD_AFTER_SECONDS", 0.3)
    lock, waits = tmp_path / "lock", list[Owner | None]()
    lock.write_text('{"token": "t", "pid": 1, "host": "elsewhere", "process_started": 1.0}')
    with claimed(lock, Disk(), waits.append) as owner:
        assert owner.pid == os.getpid()
    assert [waited and waited.host for waited in waits] == ["elsewhere"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_may_only_be_read_serves_what_it_has(tmp_path: Path) -> None:
    plan = small_plan(models=("linear",), seeds=(1,))
    execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, FakeSteps()))
    folders = [tmp_path / "store", *(path for path in (tmp_path / "store").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    outcome = execute(plan, Store(tmp_path / "store"), surroundings(tmp_path, FakeSteps()))
    for folder in folders:
        folder.chmod(0o755)
    assert all(isinstance(end, Done) and end.reused for end in outcome.steps.values())
