"""Compares answers and references token by token in an encoder's vectors, for BERTScore (Zhang et al. 2020)."""

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchc.compiler.jsonvalue import Json
from benchc.runtime.examination.examination import Examination, Examined
from benchc.runtime.examination.token_vectors import Layers, TextVectors, inverse_frequencies, vectors_of
from benchc.runtime.metrics.bertscore import matched
from benchc.runtime.metrics.language_predictions import answers_in
from benchc.runtime.models.adapters import adapter_folder
from benchc.runtime.models.model_files import model_folder

Weigh: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def examine(job: Examination) -> Examined:
    """Column `similarity`: precision, recall and F1 of each answer; zeros where there is none."""
    answers = answers_in(job.predictions, job.predictions.schema.metadata or {})
    references = [text or "" for text in job.predictions["target"].to_pylist()]
    texts = [*references, *(answer for of_example in answers for answer in of_example if answer is not None)]
    model = cast("Mapping[str, Json]", job.metric["model"])
    folder = model_folder(cast("Mapping[str, Json]", model["source"]), next(iter(job.locations), None), job.work)
    layer, longest = cast("int | None", job.metric["layer"]), cast("int | None", model.get("max_length"))
    adapter = adapter_folder(model, next(iter(job.locations[1:]), None), job.work)
    vectors = vectors_of(texts, Layers(folder, adapter, layer), longest, job.work)
    weigh = inverse_frequencies([vectors[text].ids for text in references]) if job.metric["idf"] else _alike
    made = [
        [(0.0, 0.0, 0.0) if answer is None else _similarity(vectors[answer], vectors[reference], weigh) for answer in of_example]
        for of_example, reference in zip(answers, references, strict=True)
    ]
    about = {"texts": len(vectors), "cut": sum(one.cut for one in vectors.values())}
    return Examined({"similarity": pa.array(made, pa.list_(pa.list_(pa.float64())))}, about)


def _alike(ids: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.ones(len(ids))


def _similarity(answer: TextVectors, reference: TextVectors, weigh: Weigh) -> tuple[float, float, float]:
    return matched(answer.vectors, reference.vectors, weigh(answer.ids), weigh(reference.ids))
