"""Features of texts for scikit-learn's estimators.

In: feature calls in canonical JSON, texts. Out: one matrix [rows, columns], sparse unless all features are dense. Fitted form:
`features.json` and a table of terms for each kind that has a vocabulary; nothing is pickled.

Texts of a pair, a and b, share one vocabulary; their columns are those of a, of b, of a * b and of |a - b|, side by side: the first
two say what each holds, the others what both hold and where they differ.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.texts import Texts
from benchc.runtime.work import StepFailed

Matrix: TypeAlias = Any  # scipy.sparse.csr_matrix or a dense array, [rows, columns]
ToVectors: TypeAlias = Callable[[Sequence[str]], Matrix]
Encoders: TypeAlias = Callable[[int, Mapping[str, Json]], ToVectors]  # the n-th sentence encoder of the settings

ABOUT = "features.json"
FEATURES = ("tfidf", "counts", "hashing", "sentence_vectors")
TRANSFORM_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Features:
    """Fitted features: `calls` as the spec gives them, and for each of them what turns texts into columns."""

    calls: tuple[Mapping[str, Json], ...]
    parts: tuple[Any, ...]  # vectorizers of scikit-learn, or ToVectors of sentence encoders

    def transform(self, fields: Sequence[Texts]) -> Matrix:
        """The matrix of all rows."""
        return _beside([_rows_of(part, fields) for part in self.parts])


def fit_features(calls: Sequence[Mapping[str, Json]], fields: Sequence[Texts], encoders: Encoders) -> tuple[Features, Matrix]:
    """Fitted features, and their matrix of the texts that they were fitted on."""
    parts: list[Any] = []
    matrices: list[Matrix] = []
    for index, call in enumerate(calls):
        part = _part(call, calls[:index], encoders)
        matrices.append(_fit_part(part, fields))
        parts.append(part)
    return Features(tuple(calls), tuple(parts)), _beside(matrices)


def save_features(features: Features, folder: Path) -> None:
    (folder / ABOUT).write_text(json.dumps({"format": "benchc-features/1", "calls": list(features.calls)}, indent=1))
    for index, part in enumerate(features.parts):
        if isinstance(part, CountVectorizer):
            _save_terms(part, folder / f"terms-{index}.arrow")


def load_features(folder: Path, encoders: Encoders) -> Features:
    calls = json.loads((folder / ABOUT).read_text())["calls"]
    parts = [_load_part(call, calls[:index], folder / f"terms-{index}.arrow", encoders) for index, call in enumerate(calls)]
    return Features(tuple(calls), tuple(parts))


def _part(call: Mapping[str, Json], before: Sequence[Mapping[str, Json]], encoders: Encoders) -> Any:
    match call["call"]:
        case "tfidf":
            return TfidfVectorizer(**_counting(call), norm=_none(call["norm"]), sublinear_tf=call["sublinear"])
        case "counts":
            return CountVectorizer(**_counting(call))
        case "hashing":
            columns, signed = call["columns"], call["signed"]
            return HashingVectorizer(
                **_reading(call), n_features=columns, alternate_sign=signed, binary=call["binary"], norm=_none(call["norm"])
            )
        case "sentence_vectors":
            return encoders(sum(other["call"] == "sentence_vectors" for other in before), call)
        case name:
            raise StepFailed("unknown_features", f"there are no features `{name}`", f"known are {', '.join(FEATURES)}")


def _reading(call: Mapping[str, Json]) -> dict[str, Any]:
    pattern = call["token_pattern"]
    return {
        "ngram_range": tuple(cast("list[int]", call["ngrams"])),
        "analyzer": call["analyzer"],
        "lowercase": call["lowercase"],
        "stop_words": _none(call["stop_words"]),
        "strip_accents": _none(call["strip_accents"]),
        **({} if pattern is None else {"token_pattern": pattern}),
    }


def _counting(call: Mapping[str, Json]) -> dict[str, Any]:
    return {
        **_reading(call),
        "min_df": call["min_df"],
        "max_df": float(cast(float, call["max_df"])),
        "max_features": call["max_features"],
        "binary": call["binary"],
    }


def _none(value: Json) -> Json:
    return None if value == "none" else value


def _fit_part(part: Any, fields: Sequence[Texts]) -> Matrix:
    if not isinstance(part, CountVectorizer):
        return _rows_of(part, fields)
    try:
        if len(fields) == 1:
            return part.fit_transform(iter(fields[0]))
        part.fit(chain.from_iterable(fields))
    except ValueError as error:
        raise StepFailed("no_features", f"no terms are left to learn from: {error}", "lower `min_df`, or take other features") from error
    return _rows_of(part, fields)


def _rows_of(part: Any, fields: Sequence[Texts]) -> Matrix:
    """A part's columns of all rows, of pairs as the module says."""
    transform: ToVectors = part.transform if hasattr(part, "transform") else part
    matrices = [_on_top([transform(batch) for batch in texts.batches(TRANSFORM_ROWS)]) for texts in fields]
    if len(matrices) == 1:
        return matrices[0]
    a, b = matrices
    product = a.multiply(b).tocsr() if sparse.issparse(a) else a * b
    return _beside([a, b, product, abs(a - b)])


def _on_top(matrices: Sequence[Matrix]) -> Matrix:
    if len(matrices) == 1:
        return matrices[0]
    return sparse.vstack(matrices, format="csr") if sparse.issparse(matrices[0]) else np.concatenate(matrices)


def _beside(matrices: Sequence[Matrix]) -> Matrix:
    if len(matrices) == 1:
        return matrices[0]
    if any(sparse.issparse(matrix) for matrix in matrices):
        return sparse.hstack([sparse.csr_matrix(matrix) for matrix in matrices], format="csr")
    return np.concatenate(matrices, axis=1)


def _save_terms(part: CountVectorizer, path: Path) -> None:
    """The vocabulary in the order of its columns, with each term's weight where terms are weighed."""
    columns = {"term": pa.array(part.get_feature_names_out().tolist(), pa.large_string())}
    if isinstance(part, TfidfVectorizer):
        columns["weight"] = pa.array(part.idf_)
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _load_part(call: Mapping[str, Json], before: Sequence[Mapping[str, Json]], path: Path, encoders: Encoders) -> Any:
    part = _part(call, before, encoders)
    if not isinstance(part, CountVectorizer):
        return part
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
        part.set_params(vocabulary={term: index for index, term in enumerate(table.column("term").to_pylist())})
        if isinstance(part, TfidfVectorizer):
            part.idf_ = table.column("weight").to_numpy().copy()
    return part
