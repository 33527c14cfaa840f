"""Metrics of probabilities: log loss, Brier score, expected calibration error."""

import numpy as np

from benchc.runtime.metrics.accuracy import refuse_normalisation
from benchc.runtime.metrics.choices import (
    choice_probabilities,
    choice_remarks,
    chosen,
    log_losses_of_choices,
    squared_errors_of_choices,
)
from benchc.runtime.metrics.examples import ChoiceExamples, ClassExamples, Examples, Floats, Indices, Truths
from benchc.runtime.metrics.metric import (
    Metric,
    Note,
    Settings,
    Statistic,
    Weights,
    exactly_summable,
    mean_statistic,
    of_classes,
    probabilities_of,
    ratio,
    weighted_sums,
)

SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)  # log loss takes smaller ones for this, as scikit-learn does in float64


def _of_target(examples: Examples, settings: Settings) -> Floats:
    """(n,) the probability of the right answer."""
    if isinstance(examples, ChoiceExamples):
        return choice_probabilities(examples, settings).at(examples.target)
    known = of_classes(examples)
    refuse_normalisation(settings)
    return np.asarray(probabilities_of(known)[np.arange(known.count), known.target])


def _log_losses(examples: Examples, settings: Settings) -> Floats:
    exact = log_losses_of_choices(examples, settings) if isinstance(examples, ChoiceExamples) else None
    if exact is not None:
        return exact
    return -np.log(np.clip(_of_target(examples, settings), SMALLEST_PROBABILITY, 1.0))


def _remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    return choice_remarks(examples, settings) if isinstance(examples, ChoiceExamples) else ()


def _log_loss_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    remarks = _remarks(examples, settings)
    if isinstance(examples, ChoiceExamples) and examples.likelihoods is not None:
        return remarks
    clipped = int((_of_target(examples, settings) < SMALLEST_PROBABILITY).sum())
    if not clipped:
        return remarks
    return (*remarks, f"{clipped} targets had a probability below {SMALLEST_PROBABILITY:.1e}, which was taken instead")


def _squared_errors(examples: Examples, settings: Settings) -> Floats:
    """Sum over labels of (probability - truth)^2, halved for two labels: `scale_by_half = "auto"` of scikit-learn."""
    if isinstance(examples, ChoiceExamples):
        return squared_errors_of_choices(examples, settings)
    known = of_classes(examples)
    refuse_normalisation(settings)
    difference = probabilities_of(known).copy()
    difference[np.arange(known.count), known.target] -= 1.0
    total: Floats = np.square(difference).sum(axis=1)
    return total / 2 if len(known.labels) == 2 else total


def confidence_of_answers(examples: ClassExamples) -> Floats:
    """(n,) the probability of the label that was answered."""
    return probabilities_of(examples)[np.arange(examples.count), examples.prediction]


def equal_width_bins(confidence: Floats, bins: int) -> Indices:
    """(n,) the bin of each example: bin i holds (i / bins, (i + 1) / bins], the first one 0 too."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def equal_mass_bins(confidence: Floats, bins: int) -> Indices:
    """(n,) the bin of each example by rank, examples of equal confidence together, in the bin of their middle rank."""
    _, group, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - sizes / 2
    return np.minimum((middle * bins / max(len(confidence), 1)).astype(np.int64), bins - 1)[group]


def confidence_and_truth(examples: ClassExamples | ChoiceExamples, settings: Settings) -> tuple[Floats, Truths]:
    """Both (n,): the probability of the answer, and whether it is right."""
    if isinstance(examples, ClassExamples):
        refuse_normalisation(settings)
        return confidence_of_answers(examples), examples.correct
    answers = chosen(examples, settings)
    return choice_probabilities(examples, settings).at(answers), np.asarray(answers == examples.target)


def _ece(examples: Examples, settings: Settings) -> Statistic:
    known = examples if isinstance(examples, ChoiceExamples) else of_classes(examples)
    confidence, correct = confidence_and_truth(known, settings)
    bins = settings["bins"]
    assert isinstance(bins, int)
    place = (equal_mass_bins if settings["scheme"] == "equal_mass" else equal_width_bins)(confidence, bins)
    used = np.unique(place)
    gaps = exactly_summable(np.where(place[:, None] == used, (correct - confidence)[:, None], 0.0))

    def statistic(weights: Weights) -> Floats:
        in_bins = np.abs(weighted_sums(weights, gaps))
        return ratio(in_bins.sum(axis=1), weights.sum(axis=1, dtype=np.float64))

    return statistic


LOG_LOSS = Metric(
    Note("mean of -ln p(target), p taken as at least 2.2e-16; of choices exact, from their log-likelihoods", "Good 1952"),
    lambda examples, settings: mean_statistic(_log_losses(examples, settings)),
    _log_loss_remarks,
    per_example=_log_losses,
)

BRIER = Metric(
    Note(
        "mean over examples of the sum over labels (or choices) of (p_k - [target is k])^2, 0 to 2; with two labels half of it, 0 to 1",
        "Brier 1950",
    ),
    lambda examples, settings: mean_statistic(_squared_errors(examples, settings)),
    _remarks,
    per_example=_squared_errors,
)

ECE = Metric(
    Note(
        "sum over bins of confidence of (share of examples in the bin) x |accuracy - mean confidence|; bins are those of the whole data",
        "Naeini et al. 2015; Guo et al. 2017",
    ),
    _ece,
    _remarks,
)
