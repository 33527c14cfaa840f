"""Features and an estimator of scikit-learn.

The numbers are those of scikit-learn's own pipeline of the same vectorizer and estimator on the same rows in the same order.
Scores: probabilities where the estimator gives them, else its decisions. A label that no training row has gets probability 0, or a
decision one below the row's lowest.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import sparse

from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.estimator_file import load_estimator, save_estimator
from benchc.runtime.models.estimators import DENSE, make_estimator
from benchc.runtime.models.family import FitJob, FitReport, Predicted, PredictJob
from benchc.runtime.models.features import Encoders, Features, Matrix, ToVectors, fit_features, load_features, save_features
from benchc.runtime.models.model_files import locations
from benchc.runtime.models.texts import Texts, text_fields
from benchc.runtime.tasks import KINDS
from benchc.runtime.tasks.answers import Decisions, LabelAnswers, Probabilities, ValueAnswers
from benchc.runtime.work import Progress, StepFailed, Work

Floats = npt.NDArray[np.floating]

LARGEST_DENSE_BYTES = 4 * 2**30
PREDICT_ROWS = 16_384


def fit(job: FitJob) -> FitReport:
    source = cast("Mapping[str, Any]", job.model["source"])
    truth = KINDS[job.task.kind].targets(job.view, job.task, job.split)
    if job.task.kind == "classification" and len(np.unique(truth)) < 2:
        name = job.view.labels[job.task.target][int(truth[0])]
        raise StepFailed("one_class", f"all rows of {job.split} have the label `{name}`", "an estimator needs at least two labels")
    estimator = make_estimator(source["estimator"], job.task.kind, job.seed)
    fields = text_fields(job.view.rows(job.split), job.task.inputs)
    features, matrix = fit_features(source["features"], fields, _encoders(job.hints, job.work))
    save_features(features, job.work.folder)
    notes = _fit(estimator, _suited(source["estimator"]["call"], matrix), truth)
    save_estimator(estimator, job.work.folder)
    parameters = _count_parameters(estimator)
    return FitReport(parameters=parameters, trainable_parameters=parameters, notes=notes)


def predict(job: PredictJob) -> Predicted:
    assert job.fitted is not None
    features = load_features(job.fitted, _encoders(job.hints, job.work))
    estimator = load_estimator(job.fitted)
    fields = text_fields(job.view.rows(job.split), job.task.inputs)
    labels = KINDS[job.task.kind].output_count(job.view, job.task)
    chosen: list[npt.NDArray[Any]] = []
    scores: list[Floats] = []
    for matrix in _matrices(features, fields, job.work):
        if sparse.issparse(matrix) and _needs_dense(estimator):
            matrix = matrix.toarray()
        chosen.append(estimator.predict(matrix))
        if job.task.kind == "classification":
            scores.append(_scores(estimator, matrix, labels))
    if job.task.kind != "classification":
        return Predicted(ValueAnswers(np.concatenate(chosen).astype(np.float64)))
    kind = Probabilities if hasattr(estimator, "predict_proba") else Decisions
    return Predicted(LabelAnswers(np.concatenate(chosen).astype(np.int64), kind(np.concatenate(scores))))


def _encoders(hints: Mapping[str, Json], work: Work) -> Encoders:
    def encoder(index: int, call: Mapping[str, Json]) -> ToVectors:
        from benchc.runtime.models.sentence_vectors import sentence_encoder  # brings torch, which other features do not need

        known = locations(hints)
        return sentence_encoder(call, known[index] if index < len(known) else None, work)

    return encoder


def _fit(estimator: Any, matrix: Matrix, truth: npt.NDArray[Any]) -> tuple[str, ...]:
    """Fits; what scikit-learn warns of comes back as notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimator.fit(matrix, truth)
        except ValueError as error:
            raise StepFailed(
                "estimator_refused", f"the estimator refuses its input: {_first_line(error)}", "choose other features"
            ) from error
    return tuple(dict.fromkeys(_first_line(warning.message) for warning in caught))


def _suited(estimator: str, matrix: Matrix) -> Matrix:
    """A dense matrix for estimators that take no other."""
    if estimator not in DENSE or not sparse.issparse(matrix):
        return matrix
    needed = matrix.shape[0] * matrix.shape[1] * 8
    if needed > LARGEST_DENSE_BYTES:
        raise StepFailed(
            "out_of_memory",
            f"`{estimator}` needs its {matrix.shape[1]} columns dense, {needed / 2**30:.1f} GiB",
            "lower `max_features`, or use sentence vectors",
        )
    return matrix.toarray()


def _needs_dense(estimator: Any) -> bool:
    return type(estimator).__name__.startswith("HistGradientBoosting")


def _matrices(features: Features, fields: Sequence[Texts], work: Work) -> Any:
    total = len(fields[0])
    for start in range(0, total, PREDICT_ROWS):
        yield features.transform([Texts(texts.column.slice(start, PREDICT_ROWS)) for texts in fields])
        work.progress(Progress(min(start + PREDICT_ROWS, total), total, "examples"))


def _scores(estimator: Any, matrix: Matrix, labels: int) -> Floats:
    """[rows, labels] in the order of the task's labels."""
    if hasattr(estimator, "predict_proba"):
        given = estimator.predict_proba(matrix)
        scores = np.zeros((len(given), labels), given.dtype)
    else:
        given = estimator.decision_function(matrix)
        given = np.stack([-given, given], axis=1) if given.ndim == 1 else given
        scores = np.repeat(given.min(axis=1, keepdims=True) - 1, labels, axis=1)
    scores[:, estimator.classes_] = given
    return scores


def _count_parameters(estimator: Any) -> int | None:
    """Weights of a linear model; None for others."""
    if not hasattr(estimator, "coef_") or sparse.issparse(estimator.coef_):
        return None
    return int(np.size(estimator.coef_) + np.size(estimator.intercept_))


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
