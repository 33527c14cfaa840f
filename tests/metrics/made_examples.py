"""Examples at random for every metric, of each kind of task that it fits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import MetricFacts
from benchc.compiler.catalog.types import Choice
from benchc.runtime.metrics.examples import (
    ChoiceExamples,
    ChoiceLengths,
    ClassExamples,
    Examples,
    PassageExamples,
    TextExamples,
    ValueExamples,
)
from benchc.runtime.metrics.language_predictions import objects
from benchc.runtime.metrics.ragged import Ragged

LABELS = ("a", "b", "c")
WORDS = ["the", "cat", "sat", "on", "a", "mat", ",", "and", "(", "dog", ")", "ran", "away", ".", "Big", "red", "fox", "猫", "狗"]
NEEDED = {"bertscore": {"model": {}}, "pass_at": {"tests": "tests", "entry": "entry"}}


@dataclass(frozen=True)
class Case:
    """A call on examples of one kind of task."""

    call: dict[str, Any]
    task: str

    def __str__(self) -> str:
        shown = [str(value) for value in self.call.values() if isinstance(value, str | int)]
        return " ".join([self.task, *shown])


def facts(name: str) -> MetricFacts:
    found = CATALOG.entry("metric", name).facts
    assert isinstance(found, MetricFacts)
    return found


def call(name: str, **settings: Any) -> dict[str, Any]:
    """A call with its defaults."""
    keys = CATALOG.entry("metric", name).keys
    return {"call": name, **{key.name: key.default for key in keys}, **NEEDED.get(name, {}), **settings}


def cases() -> Iterator[Case]:
    """Each metric with its defaults, and with every choice of every key, on each kind of task."""
    for name, entry in CATALOG.families["metric"].items():
        for task in facts(name).tasks:
            if task == "similarity":
                continue
            yield Case(call(name), task)
            for key in entry.keys:
                choices = key.type.names if isinstance(key.type, Choice) else ()
                if key.name == "normalize" and task != "multiple_choice":
                    continue
                for choice in choices:
                    if choice not in (key.default, "none"):
                        yield Case(call(name, **{key.name: choice}, **({"positive": "b"} if choice == "binary" else {})), task)


def examples_for(case: Case, seed: int, n: int = 40) -> Examples:
    rng = np.random.default_rng(seed)
    match case.task:
        case "regression":
            values = np.round(rng.normal(0, 2, n), 1)
            return ValueExamples(values, np.round(values + rng.normal(0, 1, n), 1))
        case "classification":
            target = rng.integers(0, 3, n)
            scores = np.round(rng.random((n, 3)) + 0.1, 1)
            scores[np.arange(n), target] += 0.4
            scores /= scores.sum(axis=1, keepdims=True)
            return ClassExamples(LABELS, target, scores.argmax(axis=1), scores, True)
        case "multiple_choice":
            return choices_at_random(rng, n, 2 if case.call["call"] == "preference_rate" else 5)
        case "generation":
            return texts_at_random(rng, n)
        case "language_modeling":
            words = rng.integers(1, 40, n)
            return PassageExamples(-rng.random(n) * 60, words * 2, words, words * 6)
        case other:
            raise AssertionError(other)


def choices_at_random(rng: np.random.Generator, n: int, most: int) -> ChoiceExamples:
    widths = rng.integers(2, most + 1, n)
    rows = [np.round(-rng.random(width) * 4, 1).tolist() for width in widths]
    likelihoods = Ragged.of(rows)
    target = rng.integers(0, widths)
    characters = likelihoods.like(rng.integers(1, 20, len(likelihoods.values)))
    lengths = ChoiceLengths(likelihoods.like(characters.values * 2), characters, likelihoods.like(np.ceil(characters.values / 3)))
    alone = likelihoods.like(-rng.random(len(likelihoods.values)) * 9)
    return ChoiceExamples(target, likelihoods.places_of_largest(), likelihoods.softmax(), likelihoods, lengths, alone)


def texts_at_random(rng: np.random.Generator, n: int) -> TextExamples:
    references, answers, similarity, passed = [], [], [], []
    for _ in range(n):
        words = rng.choice(WORDS, rng.integers(1, 12)).tolist()
        references.append(" ".join(words))
        samples = [" ".join(word if rng.random() < 0.8 else str(rng.choice(WORDS)) for word in words) for _ in range(2)]
        answers.append((samples[0], None if rng.random() < 0.1 else samples[1]))
        similarity.append(tuple(tuple(rng.random(3).tolist()) for _ in samples))
        passed.append(tuple(bool(one) for one in rng.random(2) < 0.5))
    return TextExamples(objects(references), objects(answers), objects(similarity), objects(passed))
