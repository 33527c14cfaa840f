"""Partial results of a step: what was made durable is there again, whatever a kill left behind it."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchc.runtime.disk_writes import Disk
from benchc.runtime.partial import FILE, open_partial


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_results_are_written_when_it_is_time_and_read_again(tmp_path: Path) -> None:
    clock = Clock()
    partial = open_partial(tmp_path, 30.0, clock)
    partial.add("a", 1.5)
    assert not (tmp_path / FILE).exists()
    clock.now = 30.0
    partial.add("b", {"text": "ü\n", "number": 0.1 + 0.2})
    partial.add("c", None)
    assert open_partial(tmp_path, 30.0, clock).earlier == {"a": 1.5, "b": {"text": "ü\n", "number": 0.1 + 0.2}}
    partial.flush()
    assert set(open_partial(tmp_path, 30.0, clock).earlier) == {"a", "b", "c"}


@given(cut=st.integers(0, 400))
def test_whatever_a_kill_cuts_off_the_rest_is_read_and_gone_on_with(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("cut")
    partial = open_partial(folder, 0.0, Clock())
    for number in range(8):
        partial.add(f"key {number}", [number / 7])
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(whole[:cut])
    again = open_partial(folder, 0.0, Clock())
    assert list(again.earlier) == [f"key {number}" for number in range(len(again.earlier))]
    assert len(again.earlier) == max(0, whole[:cut].count(b"\n") - 1)
    again.add("more", "x")
    assert open_partial(folder, 0.0, Clock()).earlier == {**again.earlier, "more": "x"}


def test_a_line_that_does_not_match_its_checksum_is_not_believed(tmp_path: Path) -> None:
    partial = open_partial(tmp_path, 0.0, Clock())
    partial.add("a", 11)
    partial.add("b", 22)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes().replace(b"22", b"23"))
    assert open_partial(tmp_path, 0.0, Clock()).earlier == {"a": 11}


def test_a_file_of_another_format_begins_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("something else\n")
    open_partial(tmp_path, 0.0, Clock()).add("a", 1)
    assert open_partial(tmp_path, 0.0, Clock()).earlier == {"a": 1}


def test_a_disk_that_cannot_be_written_is_told_and_loses_nothing(tmp_path: Path) -> None:
    full = [True]

    def before(operation: str, path: Path) -> None:
        if full[0]:
            raise OSError(28, "No space left on device", str(path))

    partial = open_partial(tmp_path, 0.0, Clock(), Disk(before))
    with pytest.raises(OSError, match="No space left"):
        partial.add("a", 1)
    full[0] = False
    partial.flush()
    assert open_partial(tmp_path, 0.0, Clock()).earlier == {"a": 1}


def test_several_threads_may_add(tmp_path: Path) -> None:
    partial = open_partial(tmp_path, 0.0, Clock())
    threads = [threading.Thread(target=lambda n=n: [partial.add(f"{n} {i}", i) for i in range(50)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_partial(tmp_path, 0.0, Clock()).earlier) == 200
