"""Metrics of texts, choices and passages against the libraries and definitions that they follow."""

import itertools
import math
import random
import re
import string
from collections import Counter
from typing import Any

import numpy as np
import pytest
from made_examples import call, choices_at_random

from benchc.runtime.metrics.bertscore import matched
from benchc.runtime.metrics.examples import ChoiceExamples, PassageExamples, TextExamples, take
from benchc.runtime.metrics.language_predictions import objects
from benchc.runtime.metrics.metric import MetricMisfitError
from benchc.runtime.metrics.pass_at import chance_of_passing
from benchc.runtime.metrics.predictions import Predictions
from benchc.runtime.metrics.ragged import Ragged
from benchc.runtime.metrics.registry import measure, metric_of
from benchc.runtime.metrics.words import chinese_words
from benchc.runtime.statistics.comparison import compare
from benchc.runtime.statistics.estimate import Sampling, estimate

WORDS = "the cat sat on a mat , and ( dog ) ran away . Big red fox It's 3.5 % of 猫 狗 running runs".split()  # noqa: SIM905
EQUAL = 1e-9  # relative: the same sums in another order


def texts(answers: list[Any], references: list[str]) -> TextExamples:
    return TextExamples(objects(references), objects([one if isinstance(one, tuple) else (one,) for one in answers]))


def corpus(seed: int, n: int = 40) -> tuple[list[str], list[str]]:
    """Answers and references that share most words; some are empty or one word long."""
    rng = random.Random(seed)
    references = [" ".join(rng.choices(WORDS, k=rng.randint(0, 14))) for _ in range(n)]
    answers = [" ".join(rng.choice(WORDS) if rng.random() < 0.3 else word for word in text.split()) for text in references]
    return answers, references


SACREBLEU: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("bleu", {}, "BLEU", {}),
    ("bleu", {"tokenize": "zh", "lowercase": True}, "BLEU", {"tokenize": "zh", "lowercase": True}),
    ("bleu", {"tokenize": "char", "max_order": 6}, "BLEU", {"tokenize": "char", "max_ngram_order": 6}),
    ("bleu", {"smooth": "floor", "max_order": 9}, "BLEU", {"smooth_method": "floor", "max_ngram_order": 9}),
    ("bleu", {"smooth": "add_k"}, "BLEU", {"smooth_method": "add-k"}),
    ("bleu", {"smooth": "none", "max_order": 9}, "BLEU", {"smooth_method": "none", "max_ngram_order": 9}),
    ("chrf", {}, "CHRF", {}),
    ("chrf", {"word_order": 2, "beta": 3, "whitespace": True}, "CHRF", {"word_order": 2, "beta": 3, "whitespace": True}),
    ("ter", {}, "TER", {}),
    (
        "ter",
        {"normalized": True, "no_punctuation": True, "case_sensitive": True},
        "TER",
        {"normalized": True, "no_punct": True, "case_sensitive": True},
    ),
]


@pytest.mark.parametrize(("name", "settings", "library", "arguments"), SACREBLEU, ids=lambda value: str(value))
@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_a_corpus_has_the_figure_of_sacrebleu_and_so_has_every_resample(
    name: str, settings: dict[str, Any], library: str, arguments: dict[str, Any], n: int
) -> None:
    metrics = pytest.importorskip("sacrebleu.metrics")
    asked = call(name, **settings)
    for seed in range(4):
        answers, references = corpus(seed, n)
        examples = texts(answers, references)
        theirs = getattr(metrics, library)(**arguments)
        assert measure(asked, examples) == pytest.approx(theirs.corpus_score(answers, [references]).score, rel=EQUAL, abs=1e-9)
        drawn = np.random.default_rng(seed).integers(0, n, n)
        weights = np.bincount(drawn, minlength=n)[None].astype(np.float32)
        resampled = theirs.corpus_score([answers[row] for row in drawn], [[references[row] for row in drawn]]).score
        assert metric_of(asked).statistic(examples, asked)(weights)[0] == pytest.approx(resampled, rel=EQUAL, abs=1e-9)


def test_the_signature_of_sacrebleu_is_told() -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    remarks = metric_of(call("bleu")).remarks(texts(["a b"], ["a c"]), call("bleu"))
    assert remarks == (f"sacrebleu nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__}",)


def test_the_interval_of_bleu_is_about_that_of_sacrebleu() -> None:
    """Both bootstrap the corpus; theirs is the plain percentile interval of 1000 other resamples."""
    metrics = pytest.importorskip("sacrebleu.metrics")
    answers, references = corpus(7, 200)
    predictions = Predictions(objects([f"{row:03}" for row in range(200)]), None, texts(answers, references))
    made = estimate(call("bleu"), predictions, Sampling(0.95, 1000, 1))
    theirs = metrics.BLEU().corpus_score(answers, [references], n_bootstrap=1000)
    assert made.low is not None
    assert made.high is not None
    assert (made.high - made.low) / 2 == pytest.approx(theirs._ci, rel=0.2)


def test_two_systems_are_compared_on_the_corpus_figure() -> None:
    answers, references = corpus(3, 60)
    worse = [" ".join(text.split()[::-1]) for text in answers]
    ids = objects([f"{row:03}" for row in range(60)])
    sides = tuple((Predictions(ids, None, texts(side, references)),) for side in (answers, worse))
    for test in ("paired_bootstrap", "permutation"):
        made = compare(call("bleu"), {"call": test, "samples": 300, "alpha": 0.05, "seeds": "fixed"}, (sides[0], sides[1]), 0.95, 1)
        assert made.value_a == pytest.approx(measure(call("bleu"), texts(answers, references)))
        assert made.p is not None
        assert made.p < 0.02


@pytest.mark.parametrize("name", ["rouge1", "rouge2", "rougeL", "rougeLsum"])
@pytest.mark.parametrize("stemmer", [False, True])
def test_rouge_is_the_mean_of_rouge_score(name: str, stemmer: bool) -> None:
    rouge = pytest.importorskip("rouge_score.rouge_scorer")
    answers, references = corpus(5)
    lines = [text.replace(" . ", "\n") for text in references]
    theirs = [rouge.RougeScorer([name], use_stemmer=stemmer).score(line, answer)[name] for answer, line in zip(answers, lines, strict=True)]
    for part, place in (("precision", 0), ("recall", 1), ("f1", 2)):
        mean = sum(one[place] for one in theirs) / len(theirs)
        assert measure(call(name, stemmer=stemmer, part=part), texts(answers, lines)) == pytest.approx(mean, rel=EQUAL)


def test_rouge_of_chinese_needs_characters_and_says_so() -> None:
    examples = texts(["我喜欢猫"], ["我喜欢狗"])
    assert measure(call("rouge1"), examples) == 0
    assert any("tokenize = characters" in remark for remark in metric_of(call("rouge1")).remarks(examples, call("rouge1")))
    assert measure(call("rouge1", tokenize="characters"), examples) == pytest.approx(0.75)
    assert measure(call("rouge2", tokenize="characters"), examples) == pytest.approx(2 / 3)


def squad_words(text: str) -> list[str]:
    """SQuAD's own normalisation, written out again: case, ASCII punctuation, articles, white space."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def squad_f1(answer: str, reference: str) -> float:
    given, wanted = squad_words(answer), squad_words(reference)
    same = sum((Counter(given) & Counter(wanted)).values())
    if not given or not wanted:
        return float(given == wanted)
    return 0.0 if same == 0 else 2 * (same / len(given)) * (same / len(wanted)) / (same / len(given) + same / len(wanted))


def test_token_f1_is_that_of_squad() -> None:
    answers, references = corpus(11, 80)
    expected = sum(map(squad_f1, answers, references)) / 80
    assert measure(call("token_f1"), texts(answers, references)) == pytest.approx(expected, rel=EQUAL)


def test_token_f1_of_chinese_goes_by_characters() -> None:
    assert chinese_words("我爱 NLP，2024年!") == ["我", "爱", "nlp", "2024", "年"]
    assert measure(call("token_f1", language="zh"), texts(["北京大学"], ["北京"])) == pytest.approx(2 * 0.5 / 1.5)
    assert measure(call("token_f1"), texts(["北京大学"], ["北京"])) == 0


@pytest.mark.parametrize(
    ("answer", "reference", "settings", "equal"),
    [
        ("Paris", "Paris", {}, True),
        (" Paris \n", "Paris", {}, True),
        ("paris", "Paris", {}, False),
        ("paris", "Paris", {"ignore_case": True}, True),
        ("Paris.", "Paris", {}, False),
        ("Paris.", "Paris", {"ignore_punctuation": True}, True),
        ("巴黎。", "巴黎", {"ignore_punctuation": True}, True),
        ("The Seine", "Seine", {"ignore_articles": True}, True),
        (None, "Paris", {}, False),
        ("", "", {}, True),
    ],
)
def test_exact_match(answer: str | None, reference: str, settings: dict[str, Any], equal: bool) -> None:
    assert measure(call("exact_match", **settings), texts([answer], [reference])) == float(equal)


def test_samples_are_averaged_and_absent_answers_counted() -> None:
    examples = texts([("1", "2"), ("2", None)], ["1", "2"])
    assert measure(call("exact_match"), examples) == 0.5
    remarks = metric_of(call("exact_match")).remarks(examples, call("exact_match"))
    assert remarks == ("1 of 4 answers could not be extracted and count as wrong", "mean over the 4 samples of 2 examples")
    assert metric_of(call("exact_match")).proportion(examples, call("exact_match")) is None


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 2, 1), (5, 2, 3), (6, 0, 2), (6, 6, 4), (6, 5, 2)])
def test_pass_at_k_is_the_share_of_all_choices_of_k_with_a_program_that_passes(samples: int, passed: int, k: int) -> None:
    outcomes = [True] * passed + [False] * (samples - passed)
    chosen = list(itertools.combinations(outcomes, k))
    assert chance_of_passing(samples, passed, k) == pytest.approx(sum(map(any, chosen)) / len(chosen))


def test_pass_at_k_needs_k_samples() -> None:
    examples = TextExamples(objects(["x"]), objects([("a", "b")]), passed=objects([(True, False)]))
    assert measure(call("pass_at", k=2), examples) == 1.0
    with pytest.raises(MetricMisfitError, match="there are 2"):
        measure(call("pass_at", k=3), examples)
    with pytest.raises(MetricMisfitError, match="were not run"):
        measure(call("pass_at"), texts(["a"], ["x"]))


def test_bertscore_of_hand_made_vectors() -> None:
    """Reference (1, 0), (0, 1); answer (1, 0), (0.6, 0.8), (0, -1). Best cosines: of the answer 1, 0.8, 0; of the reference 1, 0.8."""
    answer = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
    reference = np.array([[1.0, 0.0], [0.0, 1.0]])
    precision, recall, f1 = matched(answer, reference, np.ones(3), np.ones(2))
    assert precision == pytest.approx(0.6)
    assert recall == pytest.approx(0.9)
    assert f1 == pytest.approx(2 * 0.6 * 0.9 / 1.5)


def test_bertscore_weighs_tokens_by_idf() -> None:
    """Weights 3 and 1 of the reference: recall (3 x 1 + 1 x 0.8) / 4."""
    answer, reference = np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    precision, recall, _ = matched(answer, reference, np.array([0.0, 2.0]), np.array([3.0, 1.0]))
    assert precision == pytest.approx(0.8)
    assert recall == pytest.approx(0.95)
    assert matched(answer, reference, np.zeros(2), np.ones(2)) == (0.0, 0.0, 0.0)


def plain_choice(likelihoods: list[float], sizes: list[int] | None, alone: list[float] | None) -> tuple[int, list[float]]:
    """The answer and the probabilities of one question, by a loop."""
    scores = [
        one / (1 if sizes is None else sizes[place]) - (0 if alone is None else alone[place]) for place, one in enumerate(likelihoods)
    ]
    raised = [math.exp(score) for score in scores]
    return max(range(len(scores)), key=scores.__getitem__), [one / sum(raised) for one in raised]


@pytest.mark.parametrize("normalize", ["none", "bytes", "characters", "tokens", "unconditional"])
def test_choices_by_their_definition(normalize: str) -> None:
    examples = choices_at_random(np.random.default_rng(1), 60, 5)
    assert examples.likelihoods is not None
    assert examples.lengths is not None
    assert examples.unconditional is not None
    sizes = {"bytes": examples.lengths.bytes, "characters": examples.lengths.characters, "tokens": examples.lengths.tokens}.get(normalize)
    right, brier, loss = [], [], []
    for row, likelihoods in enumerate(examples.likelihoods.rows()):
        of_row = None if sizes is None else [int(one) for one in sizes.rows()[row]]
        alone = list(examples.unconditional.rows()[row]) if normalize == "unconditional" else None
        answer, probabilities = plain_choice(list(likelihoods), of_row, alone)
        target = int(examples.target[row])
        right.append(answer == target)
        brier.append(sum((one - (place == target)) ** 2 for place, one in enumerate(probabilities)))
        loss.append(-math.log(probabilities[target]))
    assert measure(call("accuracy", normalize=normalize), examples) == pytest.approx(np.mean(right))
    assert measure(call("brier", normalize=normalize), examples) == pytest.approx(np.mean(brier), rel=EQUAL)
    assert measure(call("log_loss", normalize=normalize), examples) == pytest.approx(np.mean(loss), rel=EQUAL)


def test_calibration_of_choices_in_one_bin_is_the_gap_of_accuracy_and_confidence() -> None:
    examples = choices_at_random(np.random.default_rng(2), 60, 5)
    assert examples.likelihoods is not None
    confidence = examples.likelihoods.softmax().largest().mean()
    accuracy = (examples.prediction == examples.target).mean()
    assert measure(call("ece", bins=1), examples) == pytest.approx(abs(accuracy - confidence))


def test_the_loss_of_a_choice_that_is_hardly_possible_is_exact() -> None:
    likelihoods = Ragged.of([[-1.0, -2001.0]])
    lengths = choices_at_random(np.random.default_rng(9), 1, 2).lengths
    examples = ChoiceExamples(np.array([1]), np.array([0]), None, likelihoods, lengths)
    assert measure(call("log_loss"), examples) == pytest.approx(2000.0)


def test_equal_choices_go_to_the_first() -> None:
    tied = Ragged.of([[-1.0, -1.0], [-2.0, -1.0]])
    examples = choices_at_random(np.random.default_rng(3), 2, 2)
    known = ChoiceExamples(np.array([0, 0]), np.array([0, 1]), None, tied, examples.lengths)
    assert measure(call("accuracy"), known) == 0.5


def test_preference_counts_ties_half() -> None:
    pairs = Ragged.of([[-1.0, -2.0], [-3.0, -2.0], [-1.0, -1.0], [-5.0, -9.0]])
    lengths = choices_at_random(np.random.default_rng(4), 4, 2).lengths
    examples = ChoiceExamples(np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64), None, pairs, lengths)
    assert measure(call("preference_rate"), examples) == pytest.approx(2.5 / 4)
    assert metric_of(call("preference_rate")).remarks(examples, call("preference_rate")) == (
        "pairs that are equally likely, which count one half: 1",
    )


def test_preference_is_of_two() -> None:
    with pytest.raises(MetricMisfitError, match="another number"):
        measure(call("preference_rate"), choices_at_random(np.random.default_rng(5), 20, 4))


def test_a_model_without_likelihoods_keeps_its_answers() -> None:
    examples = ChoiceExamples(np.array([1, 0]), np.array([1, 1]))
    asked = call("accuracy", normalize="bytes")
    assert measure(asked, examples) == 0.5
    assert "no likelihoods" in metric_of(asked).remarks(examples, asked)[0]
    with pytest.raises(MetricMisfitError, match="needs probabilities"):
        measure(call("brier"), examples)


def test_unconditional_normalisation_needs_what_it_takes_off() -> None:
    examples = choices_at_random(np.random.default_rng(6), 4, 3)
    bare = ChoiceExamples(examples.target, examples.prediction, None, examples.likelihoods, examples.lengths)
    with pytest.raises(MetricMisfitError, match="without the question"):
        measure(call("accuracy", normalize="unconditional"), bare)


def test_perplexities_by_their_definition() -> None:
    examples = PassageExamples(np.array([-10.0, -6.0]), np.array([5, 3]), np.array([4, 2]), np.array([20, 12]))
    assert measure(call("perplexity"), examples) == pytest.approx(math.exp(16 / 8))
    assert measure(call("word_perplexity"), examples) == pytest.approx(math.exp(16 / 6))
    assert measure(call("bits_per_byte"), examples) == pytest.approx(16 / 32 / math.log(2))
    second = take(examples, np.array([1, 1]))
    weights = np.array([[0.0, 2.0]])
    assert metric_of(call("perplexity")).statistic(examples, {})(weights)[0] == pytest.approx(measure(call("perplexity"), second))


def test_ragged_rows_equal_a_loop() -> None:
    rng = np.random.default_rng(8)
    rows = [rng.integers(0, 4, rng.integers(1, 6)).astype(float).tolist() for _ in range(50)]
    ragged = Ragged.of(rows)
    assert ragged.places_of_largest().tolist() == [row.index(max(row)) for row in rows]
    assert ragged.sums().tolist() == [sum(row) for row in rows]
    some = rng.integers(0, 50, 30)
    assert [row.tolist() for row in ragged[some].rows()] == [rows[place] for place in some]
    assert (ragged != ragged[rng.permutation(50)]).any()
    assert not (ragged != Ragged.of(rows)).any()
