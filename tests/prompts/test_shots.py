"""Which worked examples an example is shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_data import TASK, exam, view_of

from benchc.runtime.prompts.rows import PromptRow, SplitRows
from benchc.runtime.prompts.shots import Shots, nearest
from benchc.runtime.work import StepFailed


def ask(row: PromptRow) -> str:
    return str(row.values["question"])


def shown(shots: Shots, example: PromptRow) -> list[str]:
    return [ask(row) for row in shots.of(example)]


def call(kind: str, count: int = 3, per: str = "task") -> dict[str, Any]:
    return {"call": kind, "count": count, **({} if kind == "first" else {"per": per})}


def pool_and_test(folder: Path, train: list[dict[str, str]], test: list[dict[str, str]]) -> tuple[SplitRows, SplitRows]:
    view = view_of(folder, {"train": train, "test": test})
    return SplitRows(view, "train", TASK), SplitRows(view, "test", TASK)


def test_first_takes_rows_in_their_order(tmp_path: Path) -> None:
    pool, test = pool_and_test(tmp_path, exam(6), exam(2, 10))
    assert shown(Shots(pool, call("first"), 0, ask), test[0]) == ["question 0", "question 1", "question 2"]


def test_an_example_is_never_its_own_shot(tmp_path: Path) -> None:
    pool, _ = pool_and_test(tmp_path, exam(4), exam(1, 10))
    shots = Shots(pool, call("first"), 0, ask)
    assert shown(shots, pool[1]) == ["question 0", "question 2", "question 3"]


def test_a_copy_of_the_example_is_never_a_shot(tmp_path: Path) -> None:
    copy = {**exam(1)[0], "A": "other", "answer": "B"}  # the same question with other choices
    pool, test = pool_and_test(tmp_path, exam(4), [copy])
    assert shown(Shots(pool, call("first"), 0, ask), test[0]) == ["question 1", "question 2", "question 3"]


@pytest.mark.parametrize("kind", ["random", "balanced"])
@pytest.mark.parametrize("per", ["task", "example"])
def test_draws_depend_on_content_not_on_the_order_of_rows(tmp_path: Path, kind: str, per: str) -> None:
    pool, test = pool_and_test(tmp_path / "a", exam(20), exam(4, 50))
    turned, others = pool_and_test(tmp_path / "b", exam(20)[::-1], exam(4, 50)[::-1])
    ours = {ask(row): shown(Shots(pool, call(kind, per=per), 7, ask), row) for row in test}
    theirs = {ask(row): shown(Shots(turned, call(kind, per=per), 7, ask), row) for row in others}
    assert ours == theirs


def test_another_seed_draws_others(tmp_path: Path) -> None:
    pool, test = pool_and_test(tmp_path, exam(30), exam(1, 50))
    drawn = {tuple(shown(Shots(pool, call("random"), seed, ask), test[0])) for seed in range(8)}
    assert len(drawn) > 1


def test_shots_per_task_are_the_same_for_all_and_per_example_are_not(tmp_path: Path) -> None:
    pool, test = pool_and_test(tmp_path, exam(30), exam(6, 50))
    of_task = Shots(pool, call("random"), 1, ask)
    of_example = Shots(pool, call("random", per="example"), 1, ask)
    assert len({tuple(shown(of_task, row)) for row in test}) == 1
    assert len({tuple(shown(of_example, row)) for row in test}) > 1


def test_balanced_shots_have_the_labels_in_turn(tmp_path: Path) -> None:
    pool, test = pool_and_test(tmp_path, exam(30), exam(1, 50))
    rows = Shots(pool, call("balanced", 6), 3, ask).of(test[0])
    assert [row.answer for row in rows] == [0, 1, 2, 0, 1, 2]


def test_similar_shots_stand_with_the_nearest_last(tmp_path: Path) -> None:
    pool, test = pool_and_test(tmp_path, exam(5), exam(1, 3))
    shots = Shots(pool, {"call": "similar", "count": 2}, 0, ask, lambda row, count: [3, 4, 1, 0, 2][:count])
    assert shown(shots, test[0]) == ["question 1", "question 4"]  # number 3 asks the same


def test_nearest_are_those_with_the_largest_cosine() -> None:
    pool = np.array([[1, 0], [0, 1], [0.8, 0.6], [1, 0]], np.float32)
    assert nearest(pool, np.array([[1, 0]], np.float32), 3) == [0, 3, 2]


def test_too_few_rows_for_the_shots_are_told(tmp_path: Path) -> None:
    pool, test = pool_and_test(tmp_path, exam(2), exam(1, 50))
    with pytest.raises(StepFailed, match="has 2 rows that can be shots, and 3 are asked for"):
        Shots(pool, call("first"), 0, ask).of(test[0])
