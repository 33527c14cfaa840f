"""What the report draws of answers to questions with choices, of generated texts, of likelihoods of passages.

In: examples, the writing itself. Out: JSON. The shapes are read by the report alone.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from benchc.compiler.jsonvalue import Json
from benchc.runtime.metrics.examples import ChoiceExamples, Floats, Indices, PassageExamples, TextExamples, Truths
from benchc.runtime.metrics.probability import confidence_and_truth, equal_width_bins
from benchc.runtime.metrics.writing import ENDS, Writing

RELIABILITY_BINS = 10
HISTOGRAM_BINS = 30
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
MOST_WORDS, LONGEST_WORD = 10, 40  # of a server for why a text ended, and characters of one
MOST_DOCUMENTS = 200  # that are listed one by one


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
    return {
        "places": {"targets": _counts(examples.target, examples.prediction), "answers": _counts(examples.prediction, examples.target)},
        "reliability": reliability(*confidence_and_truth(examples, {})) if has_probabilities(examples) else [],
    }


def has_probabilities(examples: ChoiceExamples) -> bool:
    return examples.count > 0 and (examples.probabilities is not None or examples.likelihoods is not None)


def of_texts(examples: TextExamples) -> Mapping[str, Json]:
    """`characters`: quantiles (least, quarters, most) of the lengths of answers and references, and histograms with common edges."""
    answers = [answer for of_example in examples.answers for answer in of_example]
    given = [len(answer) for answer in answers if answer is not None]
    references = [len(text) for text in examples.target if text is not None]
    edges = np.histogram_bin_edges([*given, *references], _bins([*given, *references])) if given or references else np.zeros(0)
    return {
        "answers": {"count": len(answers), "not_extracted": len(answers) - len(given)},
        "characters": {
            "answers": _quantiles(given),
            "references": _quantiles(references),
            "edges": edges.tolist(),
            "answer_counts": _histogram(given, edges),
            "reference_counts": _histogram(references, edges),
        },
    }


def of_writing(writing: Writing) -> Mapping[str, Json]:
    """`ended`: samples by what ended them; `ended_otherwise`: by a server's own words, the most frequent. `written`: characters of the
    texts as they came, their tokens (null where the model does not count them), samples of an example."""
    ended = Counter(one for of_example in writing.ended for one in of_example)
    others = [(word, count) for word, count in ended.items() if word not in ENDS]
    texts = [len(text) for of_example in writing.texts for text in of_example]
    tokens = None if writing.tokens is None else [count for of_example in writing.tokens for count in of_example]
    sizes = [len(of_example) for of_example in writing.texts]
    edges = np.histogram_bin_edges(tokens, _bins(tokens)) if tokens else np.zeros(0)
    return {
        "ended": {name: ended[name] for name in ENDS},
        "ended_otherwise": {word[:LONGEST_WORD]: count for word, count in sorted(others, key=_frequent)[:MOST_WORDS]},
        "written": {
            "samples": {"total": sum(sizes), "least": min(sizes, default=0), "most": max(sizes, default=0)},
            "characters": _quantiles(texts),
            "tokens": None
            if tokens is None
            else {"total": sum(tokens), "quantiles": _quantiles(tokens), "edges": edges.tolist(), "counts": _histogram(tokens, edges)},
        },
    }


def _frequent(counted: tuple[str, int]) -> tuple[int, str]:
    """The most frequent first, ties by the word."""
    return -counted[1], counted[0]


def of_passed(examples: TextExamples) -> Mapping[str, Json]:
    """Of programs that were run: how many passed, and for how many problems so many of their samples did."""
    passed = [] if examples.passed is None else [(sum(of_example), len(of_example)) for of_example in examples.passed]
    problems: Json = [{"passed": right, "of": of, "problems": count} for (right, of), count in sorted(Counter(passed).items())]
    return {"programs": sum(of for _, of in passed), "passed": sum(right for right, _ in passed), "problems": problems}


def of_passages(examples: PassageExamples, ids: Sequence[object]) -> Mapping[str, Json]:
    """`bits_per_byte`: a histogram over the texts that have bytes, and their quantiles. `documents`: the texts one by one, in the order of
    `ids`; of many, those whose ids have the smallest hashes. `left_out`: how many others there are."""
    sized = examples.bytes > 0
    bits = -examples.log_likelihood[sized] / (np.log(2) * examples.bytes[sized])
    counts, edges = np.histogram(bits, HISTOGRAM_BINS) if len(bits) else (np.zeros(0), np.zeros(0))
    listed = some_rows(ids, MOST_DOCUMENTS)
    return {
        "bits_per_byte": {
            "edges": edges.tolist(),
            "counts": counts.tolist(),
            "quantiles": np.quantile(bits, QUANTILES).tolist() if len(bits) else [],
        },
        "documents": [_document(examples, row, str(ids[row])) for row in listed],
        "left_out": examples.count - len(listed),
    }


def some_rows(ids: Sequence[object], most: int) -> list[int]:
    """At most so many rows, the same whatever their order: those whose ids have the smallest hashes."""
    hashes = [hashlib.blake2b(str(one).encode("utf-8", "surrogatepass"), digest_size=8).digest() for one in ids]
    return sorted(sorted(range(len(hashes)), key=hashes.__getitem__)[:most])


def _document(examples: PassageExamples, row: int, name: str) -> Json:
    """Perplexity by token and bits by byte; null for a text without tokens or bytes, or where it is too large."""
    nats = -float(examples.log_likelihood[row])
    tokens, words, size = (int(of[row]) for of in (examples.tokens, examples.words, examples.bytes))
    per_token = nats / tokens if tokens else math.nan
    return {
        "id": name,
        "tokens": tokens,
        "words": words,
        "bytes": size,
        "log_likelihood": -nats,
        "perplexity": math.exp(per_token) if per_token < 700 else None,
        "bits_per_byte": nats / (math.log(2) * size) if size else None,
    }


def _counts(places: Indices, others: Indices) -> Json:
    """Both lists are as long as the highest place in either asks for."""
    length = int(max(places.max(initial=-1), others.max(initial=-1))) + 1
    counts: Json = np.bincount(places, minlength=length).tolist()
    return counts


def _quantiles(sizes: Sequence[int]) -> Json:
    return np.quantile(sizes, QUANTILES).tolist() if sizes else []


def _bins(sizes: Sequence[int]) -> int:
    """Whole numbers close together get a bin each at most."""
    return max(1, min(HISTOGRAM_BINS, max(sizes) - min(sizes)))


def _histogram(sizes: Sequence[int], edges: Floats) -> Json:
    counts: Json = np.histogram(sizes, edges)[0].tolist() if len(edges) else []
    return counts
