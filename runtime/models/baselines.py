"""Simple answers: the floor that a model must beat, and the reference itself.

Fitted form: `baseline.json`. Probabilities of `majority` and `stratified` are the labels' shares in the training rows, those of
`uniform` are all alike. `stratified` and `uniform` draw each row's label from the seed and the row's identity. Equal counts: the
first label of the list is the most frequent. Baselines that are not fitted, for choices and texts, are in `reference_baselines`.
"""

import json
from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from benchc.runtime.models import reference_baselines
from benchc.runtime.models.family import FitJob, FitReport, Predicted, PredictJob
from benchc.runtime.seeds import derive_seed, row_hashes, uniforms
from benchc.runtime.tasks import KINDS
from benchc.runtime.tasks.answers import Answers, LabelAnswers, Probabilities, ValueAnswers
from benchc.runtime.work import StepFailed

FITTED = "baseline.json"
LEARNED = ("majority", "stratified", "uniform", "mean", "median")
BASELINES = (*LEARNED, "oracle", "longest_choice", "lead", "copy_input")


def fit(job: FitJob) -> FitReport:
    source = cast(Mapping[str, Mapping[str, str]], job.model["source"])
    answer = source["answer"]["call"]
    kind = KINDS[job.task.kind]
    truth = kind.targets(job.view, job.task, job.split)
    if not len(truth):
        raise StepFailed("empty_split", f"the split {job.split} has no rows to fit on", "check `splits` and `where` of the dataset")
    fitted: dict[str, object] = {"answer": answer, "seed": job.seed}
    match answer:
        case "majority" | "stratified" | "uniform":
            labels = kind.output_count(job.view, job.task)
            fitted["shares"] = _shares(answer, truth, labels).tolist()
        case "mean":
            fitted["value"] = float(np.mean(truth))
        case "median":
            fitted["value"] = float(np.median(truth))
        case _:
            raise StepFailed("unknown_baseline", f"there is no baseline `{answer}`", f"known are {', '.join(LEARNED)}")
    (job.work.folder / FITTED).write_text(json.dumps(fitted))
    return FitReport(parameters=0, trainable_parameters=0)


def predict(job: PredictJob) -> Predicted:
    if job.fitted is None:
        return reference_baselines.predict(job)
    fitted = json.loads((job.fitted / FITTED).read_text())
    rows = job.view.rows(job.split)
    if "value" in fitted:
        return Predicted(ValueAnswers(np.full(len(rows), fitted["value"])))
    shares = np.asarray(fitted["shares"])
    if fitted["answer"] == "majority":
        return Predicted(_same_label(shares, len(rows)))
    drawn = uniforms(row_hashes(rows.column("_id")), derive_seed(fitted["seed"], fitted["answer"]))
    return Predicted(_drawn_labels(shares, drawn))


def _shares(answer: str, truth: npt.NDArray[np.int64], labels: int) -> npt.NDArray[np.float64]:
    if answer == "uniform":
        return np.full(labels, 1 / labels)
    return np.bincount(truth, minlength=labels) / len(truth)


def _same_label(shares: npt.NDArray[np.float64], rows: int) -> Answers:
    chosen = np.full(rows, int(shares.argmax()), np.int64)
    return LabelAnswers(chosen, Probabilities(np.broadcast_to(shares, (rows, len(shares)))))


def _drawn_labels(shares: npt.NDArray[np.float64], drawn: npt.NDArray[np.float64]) -> Answers:
    edges = np.cumsum(shares)[:-1]
    chosen = np.searchsorted(edges, drawn, side="right").astype(np.int64)
    return LabelAnswers(chosen, Probabilities(np.broadcast_to(shares, (len(drawn), len(shares)))))
