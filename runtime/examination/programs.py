"""Runs what a model wrote with the tests of each example, in a sandbox.

The program is the input's text (where it continues that) and the answer, then the tests, then `check(ENTRY)` where the tests define a
function `check`, as HumanEval's do (Chen et al. 2021). It has passed when all of that came to its end.
"""

from collections import Counter
from collections.abc import Sequence
from typing import cast

import pyarrow as pa

from benchc.runtime.examination.examination import Examination, Examined
from benchc.runtime.sandbox.sandbox import Limits, Outcome, run_programs
from benchc.runtime.work import Progress, StepFailed

LONGEST_NAME = 80  # characters of an exception's name, which a program chooses


def examine(job: Examination) -> Examined:
    """Columns `passed`, `outcomes` and `details`. Raises StepFailed unless the user allowed it and the machine offers a sandbox."""
    if not job.work.allow_code_execution:
        raise StepFailed(
            "code_execution_off",
            "`pass_at` runs programs that a model wrote, which is off",
            "read docs/sandbox.md, then run again with `--allow-code-execution`",
        )
    answers = cast("list[list[str | None]]", job.predictions["extracted"].to_pylist())
    programs = [[_program(job, row, answer or "") for answer in of_example] for row, of_example in enumerate(answers)]
    flat = [program for of_example in programs for program in of_example]
    outcomes = iter(run_programs(flat, _limits(job), lambda done: job.work.progress(Progress(done, len(flat), "programs"))))
    ended = [[next(outcomes) for _ in of_example] for of_example in programs]
    return Examined(
        _columns(ended),
        {
            "programs": len(flat),
            "outcomes": _counts(ended),
            "exceptions": _exceptions(ended),
            "sandbox": "namespaces, limits, system call filter",
        },
    )


def _program(job: Examination, row: int, answer: str) -> str:
    def field(name: str) -> str:
        value = job.rows[name][row].as_py()
        return "" if value is None else str(value)

    before = "".join(field(name) for name in job.inputs) if job.metric["continues"] else ""
    entry = job.metric["entry"]
    call = "" if entry is None else f"\ncheck({field(str(entry))})"
    return f"{before}{answer}\n{field(str(job.metric['tests']))}{call}\n"


def _limits(job: Examination) -> Limits:
    timeout, memory = job.metric["timeout"], job.metric["memory"]
    assert isinstance(timeout, int | float)
    assert isinstance(memory, int)
    return Limits(float(timeout), memory)


def _columns(ended: Sequence[Sequence[Outcome]]) -> dict[str, pa.Array]:
    return {
        "passed": pa.array([[one.passed for one in of_example] for of_example in ended], pa.list_(pa.bool_())),
        "outcomes": pa.array([[one.outcome for one in of_example] for of_example in ended], pa.list_(pa.string())),
        "details": pa.array([[one.detail for one in of_example] for of_example in ended], pa.list_(pa.string())),
    }


def _counts(ended: Sequence[Sequence[Outcome]]) -> dict[str, int]:
    return dict(sorted(Counter(one.outcome for of_example in ended for one in of_example).items()))


def _exceptions(ended: Sequence[Sequence[Outcome]]) -> dict[str, int]:
    """Of programs that failed, how many by the name of the exception; `AssertionError` is a test that does not hold."""
    details = (one.detail for of_example in ended for one in of_example if one.outcome == "failed")
    return dict(sorted(Counter(detail.partition(":")[0].strip()[:LONGEST_NAME] or "unknown" for detail in details).items()))
