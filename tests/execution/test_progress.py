"""What people read while a run goes on, and in its summary."""

import io
from pathlib import Path

import pytest
from small_plans import FakeSteps, small_plan
from test_run_plan import run

from benchc.runtime.progress import LiveDisplay, Pace, PlainDisplay, describe_progress, duration
from benchc.runtime.summary import summarize
from benchc.runtime.work import Progress, StepFailed


def test_the_pace_of_a_resumed_step_counts_from_where_it_went_on() -> None:
    seconds = iter([10.0, 12.0])
    pace = Pace(lambda: next(seconds))
    assert (pace.rate(265), pace.rate(275)) == (0.0, 5.0)


def test_progress_says_how_far_how_fast_and_how_long_still() -> None:
    assert describe_progress(Progress(120, 500, "steps", "loss 0.41"), 30.0) == "120 of 500 steps, 30.0 a second, 13 s left, loss 0.41"
    assert describe_progress(Progress(0, None, "rows"), 0.0) == "0 rows"


@pytest.mark.parametrize(("seconds", "words"), [(0.42, "0.4 s"), (12.4, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_log_gets_few_lines_that_name_cells_and_failures(tmp_path: Path) -> None:
    stream, seconds = io.StringIO(), iter(range(10_000))
    display = PlainDisplay(small_plan(), stream, lambda: float(next(seconds)))
    fakes = FakeSteps({"train linear 1": StepFailed("nan_loss", "the loss is not a number", "lower the rate")})
    run(tmp_path, fakes, listener=display.event, progress=display.progress)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "19 steps, 0 of them in the store"
    assert "train main.task.floor[seed=1]" in lines
    assert "failed: train main.task.linear[seed=1]: the loss is not a number; lower the rate" in lines
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_keeps_what_is_worth_keeping(tmp_path: Path) -> None:
    stream, seconds = io.StringIO(), iter(range(1_000_000))
    display = LiveDisplay(small_plan(), stream, lambda: float(next(seconds)))
    fakes = FakeSteps({"train linear 1": StepFailed("nan_loss", "the loss is not a [number]", "")})
    with display.shown():
        run(tmp_path, fakes, listener=display.event, progress=display.progress)
    assert "failed: train main.task.linear[seed=1]: the loss is not a [number]" in stream.getvalue()


def test_the_summary_says_who_wins_by_how_much_and_whether_gates_hold(tmp_path: Path) -> None:
    lines = summarize(run(tmp_path).results)
    assert lines[0] == "main.task: accuracy on test (2 examples)"
    assert [line.split() for line in lines[2:4]] == [
        ["floor", "0.5000", "0.4000", "to", "0.6000", "2", "baseline"],
        ["linear", "1.0000", "0.9000", "to", "1.1000", "2", "+0.5000", "significant", "(p", "=", "0.01)"],
    ]
    assert "gate good holds: main.task.linear.accuracy >= 0.5  (1.0000 against 0.5000)" in lines


def test_the_summary_says_what_failed_and_what_to_do(tmp_path: Path) -> None:
    fakes = FakeSteps({"train linear 1": StepFailed("nan_loss", "the loss is not a number", "lower the rate")})
    lines = summarize(run(tmp_path, fakes).results)
    assert "failed: main.task.linear[seed=1]: the loss is not a number; lower the rate" in lines
    assert any(line.split()[:4] == ["linear", "-", "1", "of"] for line in lines)
