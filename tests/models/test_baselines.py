"""Baselines give what their one line in the catalog says."""

from pathlib import Path

import numpy as np
import pytest
from chain import Chain, scores, table

ROWS = [{"text": f"row {number}", "target": label} for number, label in enumerate("aaabbc")]
MANY = [{"text": f"test {number}", "target": "a"} for number in range(400)]


def labelled(folder: Path, test: list[dict[str, str]]) -> Chain:
    return Chain(folder, "classification", ["text"], {"text": "text", "target": ["c", "b", "a", "unseen"]}).load(train=ROWS, test=test)


def answers(chain: Chain, name: str, seed: int = 1) -> Path:
    return chain.predict(chain.train({"call": "baseline", "answer": {"call": name}}, seed=seed))


def test_majority_answers_the_most_frequent_label_with_the_shares_of_train(tmp_path: Path) -> None:
    predicted = answers(labelled(tmp_path, MANY[:2]), "majority")
    assert table(predicted).column("prediction").to_pylist() == ["a", "a"]
    np.testing.assert_allclose(scores(predicted), [[1 / 6, 1 / 3, 1 / 2, 0]] * 2, rtol=1e-6)
    np.testing.assert_allclose(table(predicted).column("loss").to_numpy(), np.log(2), rtol=1e-6)


def test_stratified_draws_labels_by_their_shares(tmp_path: Path) -> None:
    drawn = table(answers(labelled(tmp_path, MANY), "stratified")).column("prediction").to_pylist()
    shares = [drawn.count(label) / len(drawn) for label in ("c", "b", "a", "unseen")]
    np.testing.assert_allclose(shares, [1 / 6, 1 / 3, 1 / 2, 0], atol=0.08)  # three standard deviations of 400 draws


def test_uniform_draws_all_labels_alike(tmp_path: Path) -> None:
    drawn = table(answers(labelled(tmp_path, MANY), "uniform")).column("prediction").to_pylist()
    assert all(abs(drawn.count(label) / len(drawn) - 0.25) < 0.07 for label in ("c", "b", "a", "unseen"))


def test_draws_follow_seed_and_row_not_position(tmp_path: Path) -> None:
    whole, part = labelled(tmp_path / "whole", MANY), labelled(tmp_path / "part", MANY[::-1][:100])

    def by_row(folder: Path) -> dict[str, str]:
        return dict(zip(table(folder).column("id").to_pylist(), table(folder).column("prediction").to_pylist(), strict=True))

    of_whole, of_part = by_row(answers(whole, "uniform")), by_row(answers(part, "uniform"))
    assert of_part == {row: of_whole[row] for row in of_part}
    assert of_whole != by_row(answers(whole, "uniform", seed=2))


@pytest.mark.parametrize(("name", "value"), [("mean", 4.0), ("median", 2.0)])
def test_mean_and_median(tmp_path: Path, name: str, value: float) -> None:
    rows = [{"text": str(number), "target": number} for number in (1, 2, 9)]
    chain = Chain(tmp_path, "regression", ["text"], {"text": "text", "target": "number"}).load(train=rows, test=rows)
    predicted = table(answers(chain, name))
    assert predicted.column("prediction").to_pylist() == [value] * 3
    assert predicted.column("loss").to_pylist() == [(number - value) ** 2 for number in (1, 2, 9)]
