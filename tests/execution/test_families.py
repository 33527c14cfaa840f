"""A comparison that failed takes no other one along."""

import json
from pathlib import Path

import pytest

from benchc.compiler.plan import Step
from benchc.runtime.families import family_result
from benchc.runtime.outcome import Done, Failed, StepOutcome


def done(folder: Path, p: float) -> Done:
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"p": p, "standard_error": 0.1}), "utf-8")
    return Done(folder, 0.1, reused=False)


def test_the_others_are_corrected_for_as_many_tests_as_were_planned(tmp_path: Path) -> None:
    family = Step("f", "aggregate", 1, {"of": "comparisons", "correction": "holm", "alpha": 0.05}, {"values": ("a", "b", "c")}, {})
    failure = Failed("b", "out_of_memory", "memory ran out", "")
    ends: dict[str, StepOutcome] = {"a": done(tmp_path / "a", 0.01), "b": failure, "c": done(tmp_path / "c", 0.03), "f": failure}
    result = family_result(family, ends)
    assert result["p_adjusted"] == [pytest.approx(0.03), None, pytest.approx(0.06)]
    assert result["significant"] == [True, None, False]
    assert [one is None for one in result["smallest_detectable_difference"]] == [False, True, False]  # type: ignore[union-attr]
