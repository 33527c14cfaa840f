"""BERTScore: an answer's tokens matched with the reference's by the cosine of their vectors.

Here is the matching alone, on vectors; the vectors are made in `examination/token_vectors`. Source: Zhang et al. 2020.
"""

import numpy as np
from numpy.typing import NDArray

from benchc.runtime.metrics.examples import Examples, Floats
from benchc.runtime.metrics.metric import Metric, MetricMisfitError, Note, Settings, mean_statistic, of_texts
from benchc.runtime.metrics.text_match import answer_remarks

PARTS = {"precision": 0, "recall": 1, "f1": 2}


def matched(
    answer: NDArray[np.float64], reference: NDArray[np.float64], answer_weights: Floats, reference_weights: Floats
) -> tuple[float, float, float]:
    """Precision, recall and F1 of greedy matching.

    `answer`: [a, width], `reference`: [r, width], rows of length one; weights [a] and [r], not negative. Recall is the weighted mean over
    the reference's tokens of the highest cosine with a token of the answer, precision the same the other way round. A side without
    tokens, or whose weights are all 0, gives 0.
    """
    if not answer_weights.sum() or not reference_weights.sum():
        return 0.0, 0.0, 0.0
    cosines = answer @ reference.T
    precision = float(cosines.max(axis=1) @ answer_weights / answer_weights.sum())
    recall = float(cosines.max(axis=0) @ reference_weights / reference_weights.sum())
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def _part(examples: Examples, settings: Settings) -> Floats:
    similarity = of_texts(examples).similarity
    if similarity is None:
        raise MetricMisfitError("the texts were not compared")
    place = PARTS[str(settings["part"])]
    return np.array([np.mean([answer[place] for answer in answers]) for answers in similarity], dtype=np.float64)


BERTSCORE = Metric(
    Note(
        "mean over examples of the F1 of P (mean over the answer's tokens of the highest cosine with a token of the reference) and R (the "
        "reverse), weighted by idf where asked; not rescaled",
        "Zhang et al. 2020",
    ),
    lambda examples, settings: mean_statistic(_part(examples, settings)),
    answer_remarks,
    per_example=_part,
)
