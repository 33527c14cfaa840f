"""BLEU, chrF and TER through the library sacrebleu, which is imported where it is used.

sacrebleu counts each answer by itself (n-grams, edits); the value follows from the sums of these counts over the corpus. The counts are
kept, so that a resample of the examples is a sum of other counts and the value of all examples is the library's own to rounding. With
several samples of an example the first one is taken: these are figures of one text for each reference.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from benchc.runtime.metrics.examples import Examples, Floats
from benchc.runtime.metrics.metric import Metric, Note, Settings, Statistic, Weights, of_texts, weighted_sums
from benchc.runtime.requirements import required

Scorer: TypeAlias = Any  # one of sacrebleu's metrics
FromSums: TypeAlias = Callable[[Floats, Settings], Floats]
SMOOTHING = {"floor": 0.1, "add_k": 1.0}  # sacrebleu's own values


def _counted(make: Callable[[Settings], Scorer], from_sums: FromSums, examples: Examples, settings: Settings) -> Statistic:
    answers, references = _pairs(examples)
    if not answers:
        return lambda weights: np.full(len(weights), np.nan)
    counts = np.array(make(settings)._extract_corpus_statistics(answers, [references]), dtype=np.float64)

    def statistic(weights: Weights) -> Floats:
        value = from_sums(weighted_sums(weights, counts), settings)
        return np.where(weights.sum(axis=1) > 0, value, np.nan)

    return statistic


def _remarks(make: Callable[[Settings], Scorer], examples: Examples, settings: Settings) -> tuple[str, ...]:
    """The signature by which others can repeat the figure, and what was done with answers that are not there."""
    answers, references = _pairs(examples)
    if not answers:
        return ()
    scorer = make(settings)
    scorer.corpus_score(answers[:1], [references[:1]])  # the signature knows the number of references after a score alone
    remarks = [f"sacrebleu {scorer.get_signature().format()}"]
    first = [of_example[0] for of_example in of_texts(examples).answers]
    absent = sum(answer is None for answer in first)
    if absent:
        remarks.append(f"{absent} answers could not be extracted and count as empty")
    if any(len(of_example) > 1 for of_example in of_texts(examples).answers):
        remarks.append("the first sample of each example is taken")
    return tuple(remarks)


def _pairs(examples: Examples) -> tuple[Sequence[str], Sequence[str]]:
    known = of_texts(examples)
    return [answers[0] or "" for answers in known.answers], [str(reference) for reference in known.target]


def _library() -> Any:
    library = required("sacrebleu.metrics", "sacrebleu", "generation")
    logging.getLogger("sacrebleu").setLevel(logging.ERROR)  # its advice is for people who call it themselves
    return library


def _bleu(settings: Settings) -> Scorer:
    return _library().BLEU(
        lowercase=bool(settings["lowercase"]),
        tokenize=str(settings["tokenize"]),
        smooth_method=str(settings["smooth"]).replace("_", "-"),
        max_ngram_order=settings["max_order"],
    )


def bleu_of_sums(sums: Floats, settings: Settings) -> Floats:
    """(resamples,) from sums (resamples, 2 + 2 orders): length of answers, of references, matching n-grams of each order, n-grams."""
    orders = (sums.shape[1] - 2) // 2
    length, reference, matches, totals = sums[:, 0], sums[:, 1], sums[:, 2 : 2 + orders].copy(), sums[:, 2 + orders :].copy()
    any_match = matches.any(axis=1)
    smooth = str(settings["smooth"])
    if smooth == "add_k":
        matches[:, 1:] += SMOOTHING[smooth]
        totals[:, 1:] += SMOOTHING[smooth]
    counted = np.cumprod(totals > 0, axis=1, dtype=np.float64)  # orders behind the first one without n-grams do not count
    precisions = np.divide(100 * matches, totals, out=np.zeros_like(matches), where=(counted > 0) & (totals > 0))
    absent = (matches == 0) & (counted > 0)
    if smooth == "exp":
        halvings = np.cumsum(absent, axis=1)
        precisions = np.where(absent, 100 / (2.0**halvings * np.maximum(totals, 1)), precisions)
    if smooth == "floor":
        precisions = np.where(absent, 100 * SMOOTHING[smooth] / np.maximum(totals, 1), precisions)
    logs = np.log(precisions, out=np.full_like(precisions, -9999999999.0), where=precisions > 0)
    shortness = np.divide(reference, length, out=np.full_like(length, np.inf), where=length > 0)
    penalty = np.where(length < reference, np.exp(1 - shortness), 1.0)
    return np.where(any_match, np.minimum(penalty * np.exp(logs.mean(axis=1)), 100.0), 0.0)  # rounding may go a hair above


def _chrf(settings: Settings) -> Scorer:
    return _library().CHRF(
        char_order=settings["char_order"],
        word_order=settings["word_order"],
        beta=settings["beta"],
        lowercase=bool(settings["lowercase"]),
        whitespace=bool(settings["whitespace"]),
    )


def chrf_of_sums(sums: Floats, settings: Settings) -> Floats:
    """(resamples,) from sums (resamples, 3 orders): for each order n-grams of answers, of references, in both."""
    of_answers, of_references, matches = sums[:, 0::3], sums[:, 1::3], sums[:, 2::3]
    used = (of_answers > 0) & (of_references > 0)
    count = np.maximum(used.sum(axis=1), 1)
    precision = np.divide(matches, of_answers, out=np.zeros_like(matches), where=used).sum(axis=1) / count
    recall = np.divide(matches, of_references, out=np.zeros_like(matches), where=used).sum(axis=1) / count
    beta = settings["beta"]
    assert isinstance(beta, int)
    above, below = (1 + beta**2) * precision * recall, beta**2 * precision + recall
    return np.asarray(100 * np.divide(above, below, out=np.zeros_like(above), where=below > 0))


def _ter(settings: Settings) -> Scorer:
    return _library().TER(
        normalized=bool(settings["normalized"]),
        no_punct=bool(settings["no_punctuation"]),
        asian_support=bool(settings["asian_support"]),
        case_sensitive=bool(settings["case_sensitive"]),
    )


def ter_of_sums(sums: Floats, settings: Settings) -> Floats:
    """(resamples,) from sums (resamples, 2): edits, words of references. Edits of empty references alone are an error of all."""
    edits, words = sums.T
    rate = np.divide(edits, words, out=np.zeros_like(edits), where=words > 0)
    return 100 * np.where((words == 0) & (edits > 0), 1.0, rate)


def _metric(note: Note, make: Callable[[Settings], Scorer], from_sums: FromSums) -> Metric:
    return Metric(
        note,
        lambda examples, settings: _counted(make, from_sums, examples, settings),
        lambda examples, settings: _remarks(make, examples, settings),
    )


BLEU = _metric(
    Note(
        "100 BP exp(mean over n of ln p_n); p_n n-grams of all answers that stand in their references / all, BP = exp(1 - r / c) where the "
        "answers' length c is below the references' r",
        "Papineni et al. 2002; Post 2018",
    ),
    _bleu,
    bleu_of_sums,
)

CHRF = _metric(
    Note("100 (1 + b^2) P R / (b^2 P + R), P and R means over n of the n-gram precisions and recalls of the whole corpus", "Popovic 2015"),
    _chrf,
    chrf_of_sums,
)

TER = _metric(Note("100 x edits, moves of phrases among them / words of the references", "Snover et al. 2006"), _ter, ter_of_sums)
