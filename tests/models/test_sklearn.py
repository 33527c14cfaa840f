"""Models of scikit-learn: the numbers are those of its own pipelines."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chain import Chain, about, completed, scores, table
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.pipeline import make_pipeline, make_union
from skops import io as skops_io

from benchc.runtime.models import sklearn_family
from benchc.runtime.models.estimator_file import FITTED, load_estimator, save_estimator
from benchc.runtime.models.estimators import CLASSIFIERS, REGRESSORS, make_estimator
from benchc.runtime.work import StepFailed

LABELS = ["cold", "warm", "mild"]
TRAIN = [
    ("snow fell on the frozen lake", "cold"),
    ("ice and snow, a frozen pond", "cold"),
    ("the sun burns on hot sand", "warm"),
    ("hot tea in the summer sun", "warm"),
    ("a soft wind in spring", "mild"),
    ("spring rain and a soft light", "mild"),
    ("frozen hands in winter", "cold"),
    ("summer heat, hot streets", "warm"),
]
TEST = [("a frozen summer", "cold"), ("soft snow", "mild"), ("hot wind of spring", "warm"), ("nothing known", "mild")]
TEXTS, WORDS = [text for text, _ in TRAIN], [text for text, _ in TEST]
TRUTH = [LABELS.index(label) for _, label in TRAIN]


def rows(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"text": text, "target": label, "size": len(text)} for text, label in pairs]


def classifier(folder: Path) -> Chain:
    return Chain(folder, "classification", ["text"], {"text": "text", "target": LABELS}).load(train=rows(TRAIN), test=rows(TEST))


def regressor(folder: Path) -> Chain:
    chain = Chain(folder, "regression", ["text"], {"text": "text", "size": "number"}, target="size")
    return chain.load(train=rows(TRAIN), test=rows(TEST))


def source(estimator: Any, *features: Any) -> dict[str, Any]:
    return {"call": "sklearn", "features": list(features), "estimator": estimator}


def test_tfidf_and_logistic_regression_give_scikit_learns_probabilities(tmp_path: Path) -> None:
    chain = classifier(tmp_path)
    model = source({"call": "logistic_regression", "C": 10}, {"call": "tfidf", "ngrams": [1, 2], "sublinear": True})
    predicted = chain.predict(chain.train(model))
    plain = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10)).fit(TEXTS, TRUTH)
    np.testing.assert_array_equal(scores(predicted), plain.predict_proba(WORDS).astype(np.float32))
    assert table(predicted).column("prediction").to_pylist() == [LABELS[label] for label in plain.predict(WORDS)]


def test_joined_features_and_sgd_give_scikit_learns_decisions(tmp_path: Path) -> None:
    chain = classifier(tmp_path)
    features = {"call": "tfidf", "min_df": 2}, {"call": "counts", "analyzer": "char_wb", "ngrams": [2, 3]}
    predicted = chain.predict(chain.train(source({"call": "sgd", "loss": "hinge"}, *features), seed=5))
    union = make_union(TfidfVectorizer(min_df=2), CountVectorizer(analyzer="char_wb", ngram_range=(2, 3)))
    plain = make_pipeline(union, SGDClassifier(random_state=5)).fit(TEXTS, TRUTH)
    np.testing.assert_array_equal(scores(predicted), plain.decision_function(WORDS).astype(np.float32))
    assert table(predicted).schema.metadata[b"benchc.scores"] == b"decision"
    assert "loss" not in table(predicted).column_names


def test_regression_gives_scikit_learns_numbers(tmp_path: Path) -> None:
    chain = regressor(tmp_path)
    predicted = chain.predict(chain.train(source({"call": "auto"}, {"call": "tfidf", "analyzer": "char"})))
    plain = make_pipeline(TfidfVectorizer(analyzer="char"), Ridge()).fit(TEXTS, [len(text) for text in TEXTS])
    np.testing.assert_array_equal(table(predicted).column("prediction").to_numpy(), plain.predict(WORDS))


def test_a_pair_has_columns_of_both_texts_their_product_and_difference(tmp_path: Path) -> None:
    pairs = [{"a": first, "b": second, "target": label} for (first, label), (second, _) in zip(TRAIN, TRAIN[::-1], strict=True)]
    chain = Chain(tmp_path, "classification", ["a", "b"], {"a": "text", "b": "text", "target": LABELS}).load(train=pairs, test=pairs)
    predicted = chain.predict(chain.train(source({"call": "auto"}, {"call": "tfidf"})))
    vectorizer = TfidfVectorizer().fit([*TEXTS, *TEXTS[::-1]])
    a, b = vectorizer.transform(TEXTS), vectorizer.transform(TEXTS[::-1])
    columns = sparse.hstack([a, b, a.multiply(b), abs(a - b)], format="csr")
    expected = LogisticRegression().fit(columns, TRUTH).predict_proba(columns)
    np.testing.assert_array_equal(scores(predicted), expected.astype(np.float32))


def test_prediction_in_many_batches_gives_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = classifier(tmp_path)
    fitted = chain.train(source({"call": "auto"}, {"call": "tfidf"}))
    whole = scores(chain.predict(fitted))
    monkeypatch.setattr(sklearn_family, "PREDICT_ROWS", 1)
    np.testing.assert_array_equal(scores(chain.predict(fitted)), whole)


def test_a_label_without_training_rows_gets_probability_zero(tmp_path: Path) -> None:
    fields = {"text": "text", "target": ["absent", *LABELS]}
    chain = Chain(tmp_path, "classification", ["text"], fields).load(train=rows(TRAIN), test=rows(TEST))
    for estimator, lowest in (("logistic_regression", 0.0), ("linear_svm", None)):
        found = scores(chain.predict(chain.train(source({"call": estimator}, {"call": "tfidf"}))))
        assert (found[:, 0] < found[:, 1:].min(axis=1)).all()
        assert lowest is None or (found[:, 0] == lowest).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_is_fitted_kept_and_read_back(tmp_path: Path, name: str) -> None:
    chain = classifier(tmp_path)
    features = {"call": "hashing", "columns": 64, "signed": False}
    predicted = chain.predict(chain.train(source({"call": name}, features), seed=3))
    assert scores(predicted).shape == (4, 3)
    assert set(table(predicted).column("prediction").to_pylist()) <= set(LABELS)


@pytest.mark.parametrize("name", REGRESSORS)
def test_every_regressor_is_fitted_kept_and_read_back(tmp_path: Path, name: str) -> None:
    chain = regressor(tmp_path)
    predicted = chain.predict(chain.train(source({"call": name}, {"call": "tfidf"}), seed=3))
    assert np.isfinite(table(predicted).column("prediction").to_numpy()).all()


VARIANTS = [
    *(("k_neighbors", {"metric": metric}) for metric in ("euclidean", "cosine", "manhattan")),
    *(("svm", {"kernel": kernel}) for kernel in ("rbf", "linear", "poly", "sigmoid")),
    *(("sgd", {"loss": loss}) for loss in ("log", "hinge", "modified_huber")),
    ("naive_bayes", {"kind": "complement"}),
    ("random_forest", {"max_features": 0.5}),
    ("gradient_boosting", {"trees": 3}),
]


@pytest.mark.parametrize(("name", "settings"), VARIANTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_estimator_read_back_predicts_the_same(tmp_path: Path, name: str, settings: dict[str, Any], dtype: type) -> None:
    matrix = np.random.default_rng(0).random((60, 5)).astype(dtype)
    fitted = make_estimator(completed("estimator", {"call": name, **settings}), "classification", 0).fit(matrix, np.arange(60) % 3)
    save_estimator(fitted, tmp_path)
    np.testing.assert_array_equal(load_estimator(tmp_path).predict(matrix), fitted.predict(matrix))


class Stranger:
    """A type that nobody trusts."""


def test_a_file_that_asks_for_another_type_is_refused(tmp_path: Path) -> None:
    skops_io.dump(Stranger(), tmp_path / FITTED)
    with pytest.raises(StepFailed, match="Stranger") as failed:
        load_estimator(tmp_path)
    assert failed.value.code == "model_not_trusted"


def test_one_class_is_named(tmp_path: Path) -> None:
    only = [row for row in rows(TRAIN) if row["target"] == "cold"]
    chain = Chain(tmp_path, "classification", ["text"], {"text": "text", "target": LABELS}).load(train=only, test=only)
    with pytest.raises(StepFailed, match="all rows of train have the label `cold`"):
        chain.train(source({"call": "auto"}, {"call": "tfidf"}))


def test_texts_without_terms_are_named(tmp_path: Path) -> None:
    empty = [{"text": "! ?", "target": label} for label in LABELS]
    chain = Chain(tmp_path, "classification", ["text"], {"text": "text", "target": LABELS}).load(train=empty, test=empty)
    with pytest.raises(StepFailed) as failed:
        chain.train(source({"call": "auto"}, {"call": "tfidf"}))
    assert failed.value.code == "no_features"


def test_a_dense_matrix_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sklearn_family, "LARGEST_DENSE_BYTES", 100)
    chain = classifier(tmp_path)
    with pytest.raises(StepFailed, match="dense") as failed:
        chain.train(source({"call": "gradient_boosting"}, {"call": "tfidf"}))
    assert failed.value.code == "out_of_memory"


def test_what_scikit_learn_warns_of_is_a_note(tmp_path: Path) -> None:
    chain = classifier(tmp_path)
    fitted = chain.train(source({"call": "logistic_regression", "max_iter": 1}, {"call": "tfidf"}))
    assert any("converge" in note for note in about(fitted, "train.json")["notes"])
