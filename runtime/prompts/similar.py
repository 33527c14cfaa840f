"""Rows that are near to a text: by an encoder's sentence vectors, or by tf-idf of words.

In: the rows that shots come from, the texts by which they are compared. Out: a function from a row to the places of the nearest rows,
the nearest first. Not here: which of them become shots (`shots`).
"""

from collections.abc import Callable, Mapping, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer

from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.adapters import adapter_folder
from benchc.runtime.models.sentence_vectors import sentence_encoder
from benchc.runtime.prompts.rows import PromptRow, SplitRows
from benchc.runtime.prompts.shots import nearest
from benchc.runtime.work import Work

Near = Callable[[PromptRow, int], Sequence[int]]


def nearest_rows(
    pool: SplitRows, text: Callable[[PromptRow], str], model: Mapping[str, Json] | None, locations: Sequence[str], work: Work
) -> Near:
    """`locations`: of the encoder, and of its adapter where it has one."""
    texts = [text(row) for row in pool]
    if model is None:
        vectorizer = TfidfVectorizer(sublinear_tf=True)
        terms = vectorizer.fit_transform(texts)
        return lambda row, count: nearest(terms, vectorizer.transform([text(row)]), count)
    adapter = adapter_folder(model, next(iter(locations[1:]), None), work)
    encode = sentence_encoder(_vectors_call(model), next(iter(locations), None), work, adapter)
    vectors = encode(texts)
    return lambda row, count: nearest(vectors, encode([text(row)]), count)


def _vectors_call(model: Mapping[str, Json]) -> Mapping[str, Json]:
    """A model block as the call of `sentence_vectors`; vectors are scaled to length one, whatever the block says."""
    return {"call": "sentence_vectors", **{name: model[name] for name in ("source", "pooling", "max_length")}, "normalize": True}
