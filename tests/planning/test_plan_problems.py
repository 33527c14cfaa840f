"""Problems that planning finds: the failing example of each explanation has its problem, the mended one has a plan."""

import pytest
from memory_files import MemoryFiles

from benchc.compiler.explanations import explain
from benchc.compiler.lower import CODES
from benchc.compiler.pipeline import Compiled
from benchc.compiler.pipeline import compile as compile_spec
from benchc.compiler.source import FileDigest


class LockedFiles(MemoryFiles):
    """Files of which some may not be read."""

    def digest(self, path: str) -> FileDigest:
        if "locked" in path:
            raise PermissionError(13, "Permission denied", path)
        return MemoryFiles.digest(self, path)


def compiled(text: str, files: dict[str, str]) -> Compiled:
    return compile_spec("spec.bench", LockedFiles({**files, "spec.bench": text}))


@pytest.mark.parametrize("code", CODES)
def test_the_failing_example_has_the_problem_and_the_mended_has_a_plan(code: str) -> None:
    explanation = explain(code)
    assert explanation is not None
    failing = compiled(explanation.failing, explanation.files)
    assert [problem.code for problem in failing.problems if problem.level == "error"] == [code]
    assert failing.plan is None
    mended = compiled(explanation.mended, explanation.files)
    assert mended.plan is not None, mended.problems
