"""TREC as the example spec says: `python benchmarks/trec.py SPEC [--out DIR] [--cache DIR]`.

Runs the spec, then fits scikit-learn's own tf-idf and logistic regression plainly on the same rows. Prints one line of JSON: macro F1 of
the encoder at each seed, of the linear model, and of scikit-learn's own, with the largest difference of their probabilities.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

import benchc
from benchc.compiler.plan import Cell
from benchc.disk import cache_folder
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.store import Entry, Store


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("spec", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cache")
    chosen = parser.parse_args()
    out = chosen.out or Path(tempfile.mkdtemp()) / "run"
    results = benchc.run(chosen.spec, out=out, cache=chosen.cache)
    plan = benchc.compile(chosen.spec, cache=chosen.cache).plan
    assert plan is not None
    linear = next(cell for cell in plan.cells if cell.model == "linear")
    scores = {cell["id"]: cell["metrics"]["macro_f1"]["value"] for cell in results.cells}
    theirs, difference = plain_scikit_learn(linear, Store(cache_folder(chosen.cache)), out / "predictions")
    print(json.dumps({"macro_f1": scores, "scikit_learn": theirs, "largest_difference_of_probabilities": difference}))


def plain_scikit_learn(cell: Cell, store: Store, predictions: Path) -> tuple[float, float]:
    """Macro F1 of scikit-learn's own pipeline on the cell's rows, and how far its probabilities are from the cell's."""
    data = rows_of(cell, store)
    train, test = data.rows("train"), data.rows("test")
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=10, max_iter=1000))
    model.fit(train["question"].to_pylist(), train["kind"].to_pylist())
    probabilities = model.predict_proba(test["question"].to_pylist())
    made = {row["id"]: row["scores"] for row in pq.read_table(predictions / f"{cell.id}.parquet").to_pylist()}
    ours = np.array([made[identity] for identity in test["_id"].to_pylist()])
    score = f1_score(test["kind"].to_pylist(), probabilities.argmax(axis=1), average="macro")
    return float(score), float(np.abs(ours - probabilities).max())


def rows_of(cell: Cell, store: Store) -> DataView:
    rows, split = store.find(cell.rows), store.find(cell.split_step)
    assert isinstance(rows, Entry)
    assert isinstance(split, Entry)
    return open_data(rows.folder, split.folder)


if __name__ == "__main__":
    main()
