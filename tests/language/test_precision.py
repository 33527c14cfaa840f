"""`precision = auto`: bfloat16 only where a sample of the work gives the same answers."""

import numpy as np
import pytest

from benchc.runtime.language.precision import NATS, Trial, judge
from benchc.runtime.language.scorer import Scores
from benchc.runtime.language.trie import Query

TRIAL = Trial((Query((1, 2), 1, 0), Query((1, 3), 1, 1), Query((1, 4, 5), 1, 2)), ((0, 1),))
EXACT = (-1.0, -1.005, -2.0, -3.0)


def scores(*values: float) -> Scores:
    return Scores(np.array(values), np.zeros(len(values), np.bool_), 0, 0)


def test_the_same_answers_within_the_tolerance_allow_bfloat16() -> None:
    verdict = judge(TRIAL, scores(*EXACT), scores(-1.001, -1.004, -2.01, -3.0))
    assert verdict.precision == "bfloat16"
    assert "of 1 sampled answers 0 changed" in verdict.note


def test_a_changed_answer_refuses_it() -> None:
    verdict = judge(TRIAL, scores(*EXACT), scores(-1.006, -1.004, -2.0, -3.0))
    assert verdict.precision == "float32"
    assert "1 changed" in verdict.note


def test_log_probabilities_that_differ_more_refuse_it() -> None:
    assert judge(TRIAL, scores(*EXACT), scores(*(value + 2 * NATS for value in EXACT))).precision == "float32"


def test_the_note_says_what_is_tolerated() -> None:
    assert f"{NATS:g} nats" in judge(TRIAL, scores(*EXACT), scores(*EXACT)).note


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_either_way_says_which_and_why(precision: str) -> None:
    shift = 0.0 if precision == "bfloat16" else 1.0
    note = judge(TRIAL, scores(*EXACT), scores(*(value + shift for value in EXACT))).note
    assert note.startswith(precision)
