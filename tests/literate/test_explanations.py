"""Every explanation's failing example has its problem, and the mended one has not."""

import pytest
from literate import ROOT
from memory_files import MemoryFiles

from benchc.compiler.explanations import codes, explain
from benchc.compiler.lower import CODES as PLAN_CODES
from benchc.compiler.pipeline import check
from benchc.compiler.problems import Problem
from benchc.runtime.data.inspect import CODES as DATA_CODES


def problems_of(text: str, files: dict[str, str]) -> tuple[Problem, ...]:
    return check(ROOT, MemoryFiles({**files, ROOT: text})).problems


@pytest.mark.parametrize("code", [code for code in codes() if code not in (*DATA_CODES, *PLAN_CODES)])
def test_the_failing_example_has_the_problem_and_the_mended_has_not(code: str) -> None:
    explanation = explain(code)
    assert explanation is not None
    failing = problems_of(explanation.failing, explanation.files)
    assert [(p.code, p.level) for p in failing if p.code == code][:1] == [(code, explanation.level)], failing
    mended = problems_of(explanation.mended, explanation.files)
    assert [p for p in mended if p.code == code or p.level == "error"] == []
