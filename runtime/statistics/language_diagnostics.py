"""What the report draws of answers to questions with choices, of generated texts, of likelihoods of passages.

In: examples. Out: JSON. The shapes are read by the report alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.examples import ChoiceExamples, Floats, Indices, PassageExamples, TextExamples, Truths
from benchc.runtime.metrics.probability import confidence_and_truth, equal_width_bins

RELIABILITY_BINS = 10
HISTOGRAM_BINS = 30
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


def reliability(confidence: Floats, correct: Truths) -> Json:
    """Bins of equal width of the answer's probability. A bin without examples has null means."""
    place = equal_width_bins(confidence, RELIABILITY_BINS)
    counts = np.bincount(place, minlength=RELIABILITY_BINS)
    confident = np.bincount(place, confidence, RELIABILITY_BINS)
    right = np.bincount(place, correct, RELIABILITY_BINS)
    return [
        {
            "low": index / RELIABILITY_BINS,
            "high": (index + 1) / RELIABILITY_BINS,
            "confidence": float(confident[index] / count) if count else None,
            "accuracy": float(right[index] / count) if count else None,
            "count": int(count),
        }
        for index, count in enumerate(counts)
    ]


def of_choices(examples: ChoiceExamples) -> Mapping[str, Json]:
    """`places`: how often each place in the list of choices is right, and how often it is the answer."""
    known = examples.count > 0 and (examples.probabilities is not None or examples.likelihoods is not None)
    return {
        "places": {"targets": _counts(examples.target, examples.prediction), "answers": _counts(examples.prediction, examples.target)},
        "reliability": reliability(*confidence_and_truth(examples, {})) if known else [],
    }


def of_texts(examples: TextExamples) -> Mapping[str, Json]:
    """`characters`: quantiles (least, quarters, most) of the lengths of answers and references."""
    answers = [answer for of_example in examples.answers for answer in of_example]
    given = [answer for answer in answers if answer is not None]
    return {
        "answers": {"count": len(answers), "not_extracted": len(answers) - len(given)},
        "characters": {"answers": _quantiles(given), "references": _quantiles([text for text in examples.target if text is not None])},
    }


def of_passages(examples: PassageExamples) -> Mapping[str, Json]:
    """`bits_per_byte`: a histogram over the texts that have bytes."""
    sized = examples.bytes > 0
    bits = -examples.log_likelihood[sized] / (np.log(2) * examples.bytes[sized])
    if not len(bits):
        return {"bits_per_byte": {"edges": [], "counts": []}}
    counts, edges = np.histogram(bits, HISTOGRAM_BINS)
    return {"bits_per_byte": {"edges": edges.tolist(), "counts": counts.tolist()}}


def _counts(places: Indices, others: Indices) -> Json:
    """Both lists are as long as the highest place in either asks for."""
    length = int(max(places.max(initial=-1), others.max(initial=-1))) + 1
    counts: Json = np.bincount(places, minlength=length).tolist()
    return counts


def _quantiles(texts: Sequence[str]) -> Json:
    return np.quantile([len(text) for text in texts], QUANTILES).tolist() if texts else []
