"""Accuracy and balanced accuracy."""

import numpy as np

from benchc.runtime.metrics.choices import choice_remarks, normalisation, right_choices
from benchc.runtime.metrics.counts import counter
from benchc.runtime.metrics.examples import ChoiceExamples, Examples, Floats
from benchc.runtime.metrics.metric import (
    Metric,
    MetricMisfitError,
    Note,
    Proportion,
    Settings,
    Statistic,
    Weights,
    mean_statistic,
    of_classes,
    ratio,
)


def refuse_normalisation(settings: Settings) -> None:
    """Labels have no text whose likelihood could be normalised."""
    if normalisation(settings) != "none":
        raise MetricMisfitError("`normalize` is for questions with choices")


def _per_example(examples: Examples, settings: Settings) -> Floats:
    if isinstance(examples, ChoiceExamples):
        return right_choices(examples, settings)
    refuse_normalisation(settings)
    return of_classes(examples).correct.astype(np.float64)


def _accuracy(examples: Examples, settings: Settings) -> Statistic:
    return mean_statistic(_per_example(examples, settings))


def accuracy_proportion(examples: Examples, settings: Settings) -> Proportion:
    return Proportion(int(_per_example(examples, settings).sum()), examples.count)


def _remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    return choice_remarks(examples, settings) if isinstance(examples, ChoiceExamples) else ()


def _balanced(examples: Examples, settings: Settings) -> Statistic:
    known = of_classes(examples)
    count = counter(known, np.unique(known.target))

    def statistic(weights: Weights) -> Floats:
        counts = count(weights)
        present = counts.targets > 0
        recall = np.divide(counts.hits, counts.targets, out=np.zeros_like(counts.hits), where=present)
        return ratio(recall.sum(axis=1), present.sum(axis=1).astype(np.float64))

    return statistic


def _balanced_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    known = of_classes(examples)
    absent = [label for index, label in enumerate(known.labels) if not (known.target == index).any()]
    return tuple(f"label `{label}` is the target of no example and left out of the mean" for label in absent)


ACCURACY = Metric(
    Note(
        "right answers / examples; of choices the one with the highest log-likelihood is the answer, normalised as asked, the first of "
        "equals",
        "definition",
    ),
    _accuracy,
    _remarks,
    proportion=accuracy_proportion,
    per_example=_per_example,
)

BALANCED_ACCURACY = Metric(
    Note("mean over the classes that occur as targets of (right answers of the class / examples of the class)", "Brodersen et al. 2010"),
    _balanced,
    _balanced_remarks,
)
