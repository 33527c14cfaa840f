"""Predictions made up for the tests of statistics."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchc.runtime.metrics.examples import ClassExamples, Indices, ValueExamples
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.statistics.estimate import Call

ACCURACY: Call = {"call": "accuracy"}
MACRO_F1: Call = {"call": "f1", "average": "macro", "positive": None}


def test_call(name: str, **settings: Any) -> dict[str, Any]:
    return {"call": name, "samples": 1000, "alpha": 0.05, **settings}


test_call.__test__ = False  # type: ignore[attr-defined]


def identified(examples: ClassExamples | ValueExamples, groups: NDArray[np.str_] | None = None) -> Predictions:
    return Predictions(np.array([f"r{index:05}" for index in range(examples.count)], dtype=object), groups, examples)


def answers(target: Indices, accuracy: float, rng: np.random.Generator, labels: int = 3) -> ClassExamples:
    """Right with probability `accuracy`, else another label."""
    wrong = (target + rng.integers(1, labels, len(target))) % labels
    names = tuple("abcdefgh"[:labels])
    return ClassExamples(names, target, np.where(rng.random(len(target)) < accuracy, target, wrong))


def right_wrong(right: str) -> ClassExamples:
    """`1` for a right answer, `0` for a wrong one."""
    return ClassExamples(("a", "b"), np.zeros(len(right), dtype=np.int64), np.array([int(one == "0") for one in right]))
