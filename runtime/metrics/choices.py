"""Answers to questions with choices of their own: which choice a model takes, and how sure it is.

In: choice examples, the `normalize` of a call. Out: the answer and the probabilities under that normalisation. A choice's score is its
log-likelihood l, or l by byte, character or token of its text, or l less the log-likelihood that the text has without the question.
Sources: Brown et al. 2020 (by token, unconditional); Gao et al. 2021 (by byte and character).
"""

import numpy as np

from benchc.runtime.metrics.examples import ChoiceExamples, Examples, Floats, Indices
from benchc.runtime.metrics.metric import Metric, MetricMisfitError, Note, Settings, Statistic, mean_statistic, of_choices
from benchc.runtime.metrics.ragged import Ragged


def normalisation(settings: Settings) -> str:
    return str(settings.get("normalize") or "none")


def scores_of_choices(examples: ChoiceExamples, normalize: str) -> Ragged | None:
    """A number for each choice, the higher the likelier; None for a model without likelihoods."""
    likelihoods, lengths = examples.likelihoods, examples.lengths
    if likelihoods is None or lengths is None:
        return None
    match normalize:
        case "none":
            return likelihoods
        case "bytes":
            return _divided(likelihoods, lengths.bytes)
        case "characters":
            return _divided(likelihoods, lengths.characters)
        case "tokens":
            return _divided(likelihoods, lengths.tokens)
        case "unconditional":
            if examples.unconditional is None:
                raise MetricMisfitError("the predictions hold no likelihoods without the question")
            return likelihoods.like(likelihoods.values - examples.unconditional.values)
        case other:
            raise ValueError(f"no normalisation is called {other!r}")


def chosen(examples: ChoiceExamples, settings: Settings) -> Indices:
    """(n,) the choice with the highest score, the first of equals; the model's own answer where it has no likelihoods."""
    scores = scores_of_choices(examples, normalisation(settings))
    return examples.prediction if scores is None else scores.places_of_largest()


def choice_probabilities(examples: ChoiceExamples, settings: Settings) -> Ragged:
    """Softmax of the scores; a model's own probabilities where it has no likelihoods."""
    scores = scores_of_choices(examples, normalisation(settings))
    if scores is not None:
        return scores.softmax()
    if examples.probabilities is None:
        raise MetricMisfitError("this metric needs probabilities, the model names a choice alone")
    return examples.probabilities


def log_losses_of_choices(examples: ChoiceExamples, settings: Settings) -> Floats | None:
    """(n,) -ln of the right choice's probability, exact however unlikely it is; None for a model without likelihoods."""
    scores = scores_of_choices(examples, normalisation(settings))
    if scores is None:
        return None
    largest = scores.largest()
    total = np.log(scores.like(np.exp(scores.values - scores.spread(largest))).sums())
    return np.asarray(total + largest - scores.at(examples.target))


def right_choices(examples: ChoiceExamples, settings: Settings) -> Floats:
    """(n,) 1 where the answer is right, else 0."""
    return np.asarray(chosen(examples, settings) == examples.target, dtype=np.float64)


def squared_errors_of_choices(examples: ChoiceExamples, settings: Settings) -> Floats:
    """(n,) sum over the choices of (probability - truth)^2, 0 to 2."""
    probabilities = choice_probabilities(examples, settings)
    of_target = probabilities.at(examples.target)
    return np.asarray(probabilities.like(probabilities.values**2).sums() - 2 * of_target + 1.0)


def choice_remarks(examples: ChoiceExamples, settings: Settings) -> tuple[str, ...]:
    normalize = normalisation(settings)
    if examples.likelihoods is None and normalize != "none":
        return ("the model has no likelihoods that could be normalised: its own answers are taken",)
    return ()


def _divided(likelihoods: Ragged, lengths: Ragged) -> Ragged:
    return likelihoods.like(likelihoods.values / np.maximum(lengths.values, 1.0))


def _preferences(examples: Examples, settings: Settings) -> Floats:
    """(n,) 1 where the first of two is likelier, 1/2 where both are alike, else 0."""
    known = of_choices(examples)
    scores = scores_of_choices(known, normalisation(settings))
    scores = known.probabilities if scores is None else scores
    if scores is None:
        raise MetricMisfitError("this metric needs probabilities, the model names a choice alone")
    if (scores.lengths != 2).any():
        raise MetricMisfitError("this metric compares two choices, and some questions have another number")
    first, second = scores.values.reshape(-1, 2).T
    return np.asarray((np.sign(first - second) + 1) / 2)


def _preference_rate(examples: Examples, settings: Settings) -> Statistic:
    return mean_statistic(_preferences(examples, settings))


def _preference_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    ties = int((_preferences(examples, settings) == 0.5).sum())
    remarks = choice_remarks(of_choices(examples), settings)
    return (*remarks, f"pairs that are equally likely, which count one half: {ties}") if ties else remarks


PREFERENCE_RATE = Metric(
    Note(
        "share of pairs whose first text is the likelier one (log-likelihood, normalised as asked), ties one half; 0.5 without preference",
        "Nangia et al. 2020, with the full log-likelihood of a causal model",
    ),
    _preference_rate,
    _preference_remarks,
    per_example=_preferences,
)
