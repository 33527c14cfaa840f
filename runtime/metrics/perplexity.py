"""How likely a model finds whole texts: perplexity by token, by word, and bits by byte."""

import math
from collections.abc import Callable

import numpy as np

from benchc.runtime.metrics.examples import Examples, Floats, PassageExamples
from benchc.runtime.metrics.metric import Metric, Note, Settings, Statistic, Weights, exactly_summable, of_passages, ratio, weighted_sums


def _per_unit(examples: Examples, units: Callable[[PassageExamples], object]) -> Statistic:
    """Negative log-likelihood in nats divided by the units of the texts; NaN without units."""
    known = of_passages(examples)
    sizes = np.asarray(units(known), dtype=np.float64)
    columns = exactly_summable(np.stack([-known.log_likelihood, sizes], axis=1))

    def statistic(weights: Weights) -> Floats:
        total, count = weighted_sums(weights, columns).T
        return ratio(total, count)

    return statistic


def _exponential(statistic: Statistic) -> Statistic:
    return lambda weights: np.exp(np.minimum(statistic(weights), 700.0))


def _perplexity(examples: Examples, settings: Settings) -> Statistic:
    return _exponential(_per_unit(examples, lambda known: known.tokens))


def _word_perplexity(examples: Examples, settings: Settings) -> Statistic:
    return _exponential(_per_unit(examples, lambda known: known.words))


def _bits_per_byte(examples: Examples, settings: Settings) -> Statistic:
    nats = _per_unit(examples, lambda known: known.bytes)
    return lambda weights: nats(weights) / math.log(2)


def _token_remarks(examples: Examples, settings: Settings) -> tuple[str, ...]:
    return ("depends on the tokenizer: compare models of one tokenizer alone",) if examples.count else ()


PERPLEXITY = Metric(
    Note("exp(- sum of log-likelihoods / tokens scored), over all texts", "Jelinek et al. 1977"), _perplexity, _token_remarks
)

WORD_PERPLEXITY = Metric(
    Note("exp(- sum of log-likelihoods / words), words parted by white space", "Jelinek et al. 1977"), _word_perplexity
)

BITS_PER_BYTE = Metric(Note("- sum of log-likelihoods / (ln 2 x bytes of UTF-8)", "Gao et al. 2020"), _bits_per_byte)
