"""ROUGE through the library rouge-score, which is imported where it is used.

Its own tokenizer keeps a-z and digits alone: a text of another script has no words, and a remark says so.
"""

from collections.abc import Sequence
from typing import Any

from benchc.runtime.metrics.examples import Examples, Floats
from benchc.runtime.metrics.metric import Metric, Note, Settings, mean_statistic, of_texts
from benchc.runtime.metrics.text_match import answer_remarks, mean_over_answers
from benchc.runtime.metrics.words import chinese_words, has_other_scripts
from benchc.runtime.requirements import required

PARTS = {"precision": 0, "recall": 1, "f1": 2}


class CharacterTokenizer:
    """Chinese by characters, other words whole, for rouge-score."""

    def tokenize(self, text: str) -> Sequence[str]:
        return chinese_words(text)


def _metric(kind: str, formula: str) -> Metric:
    def per_example(examples: Examples, settings: Settings) -> Floats:
        scorer = _scorer(kind, settings)
        part = PARTS[str(settings["part"])]
        return mean_over_answers(of_texts(examples), lambda answer, reference: float(scorer.score(reference, answer)[kind][part]))

    return Metric(
        Note(f"{formula}; mean over examples, by rouge-score", "Lin 2004"),
        lambda examples, settings: mean_statistic(per_example(examples, settings)),
        _remarks,
        per_example=per_example,
    )


def _scorer(kind: str, settings: Settings) -> Any:
    rouge = required("rouge_score.rouge_scorer", "rouge-score", "generation")
    tokenizer = CharacterTokenizer() if settings["tokenize"] == "characters" else None
    return rouge.RougeScorer([kind], use_stemmer=bool(settings["stemmer"]), tokenizer=tokenizer)


def _remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    remarks = answer_remarks(examples, settings)
    if settings["tokenize"] == "english" and has_other_scripts(list(of_texts(examples).target)):
        return (*remarks, "the references have letters beyond a-z, which count as spaces: take `tokenize = characters` for Chinese")
    return remarks


ROUGE_1 = _metric("rouge1", "F1 of single words, as bags")
ROUGE_2 = _metric("rouge2", "F1 of pairs of neighbouring words, as bags")
ROUGE_L = _metric("rougeL", "F1 of the longest common subsequence of words")
ROUGE_LSUM = _metric("rougeLsum", "F1 of the union of longest common subsequences, line by line")
