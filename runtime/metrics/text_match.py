"""Answers that are texts against a reference: equal or not, and words in common."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from benchc.runtime.metrics.examples import Examples, Floats, TextExamples
from benchc.runtime.metrics.metric import Metric, Note, Proportion, Settings, mean_statistic, of_texts
from benchc.runtime.metrics.words import chinese_words, english_words, normalised

Likeness: TypeAlias = Callable[[str, str], float]
"""How alike an answer and a reference are, 0 to 1."""


def mean_over_answers(examples: TextExamples, likeness: Likeness) -> Floats:
    """(n,) mean of the likeness of an example's answers to its reference; an answer that could not be extracted counts 0."""
    pairs = zip(examples.answers, examples.target, strict=True)
    return np.array([_mean([0.0 if answer is None else likeness(answer, target) for answer in answers]) for answers, target in pairs])


def answer_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    """How many answers could not be extracted, and whether there are several for each example."""
    known = of_texts(examples)
    answers = [answer for of_example in known.answers for answer in of_example]
    absent = sum(answer is None for answer in answers)
    remarks = (f"{absent} of {len(answers)} answers could not be extracted and count as wrong",) if absent else ()
    if len(answers) > known.count:
        return (*remarks, f"mean over the {len(answers)} samples of {known.count} examples")
    return remarks


def words_in_common(answer: Sequence[str], reference: Sequence[str]) -> float:
    """F1 of two bags of words. No word on one side: 1 when neither has any, else 0."""
    if not answer or not reference:
        return float(list(answer) == list(reference))
    common = sum((Counter(answer) & Counter(reference)).values())
    return 2 * common / (len(answer) + len(reference))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _matches(examples: Examples, settings: Settings) -> Floats:
    ignored = tuple(bool(settings[name]) for name in ("ignore_case", "ignore_punctuation", "ignore_articles"))

    def equal(answer: str, reference: str) -> float:
        return float(normalised(answer, *ignored) == normalised(reference, *ignored))

    return mean_over_answers(of_texts(examples), equal)


def _proportion_of_matches(examples: Examples, settings: Settings) -> Proportion | None:
    """Only one answer an example makes independent trials."""
    if any(len(answers) > 1 for answers in of_texts(examples).answers):
        return None
    return Proportion(int(_matches(examples, settings).sum()), examples.count)


def _word_f1(examples: Examples, settings: Settings) -> Floats:
    words = chinese_words if settings["language"] == "zh" else english_words
    return mean_over_answers(of_texts(examples), lambda answer, reference: words_in_common(words(answer), words(reference)))


EXACT_MATCH = Metric(
    Note("answers equal to the reference / examples; runs of white space are one space", "definition"),
    lambda examples, settings: mean_statistic(_matches(examples, settings)),
    answer_remarks,
    _proportion_of_matches,
    _matches,
)

TOKEN_F1 = Metric(
    Note(
        "mean over examples of 2 c / (a + r): c words in common, a of the answer, r of the reference, as bags; without case, punctuation "
        "and (English) articles",
        "Rajpurkar et al. 2016; Chinese: Cui et al. 2019",
    ),
    lambda examples, settings: mean_statistic(_word_f1(examples, settings)),
    answer_remarks,
    per_example=_word_f1,
)
