"""pass@k: the chance that one of k programs passes the tests."""

import math

import numpy as np

from benchc.runtime.metrics.examples import Examples, Floats, Texts
from benchc.runtime.metrics.metric import Metric, MetricMisfitError, Note, Proportion, Settings, mean_statistic, of_texts


def chance_of_passing(samples: int, passed: int, k: int) -> float:
    """1 - C(n - c, k) / C(n, k), for k <= n: that of k programs drawn from the n without replacement one of the c is among them."""
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)


def _outcomes(examples: Examples) -> Texts:
    passed = of_texts(examples).passed
    if passed is None:
        raise MetricMisfitError("the programs were not run")
    return passed


def _chances(examples: Examples, settings: Settings) -> Floats:
    k = settings["k"]
    assert isinstance(k, int)
    outcomes = _outcomes(examples)
    fewest = min((len(of_example) for of_example in outcomes), default=k)
    if fewest < k:
        raise MetricMisfitError(f"k = {k} needs as many samples, and there are {fewest}: decode with `sample(samples = {k})`")
    return np.array([chance_of_passing(len(of_example), sum(of_example), k) for of_example in outcomes], dtype=np.float64)


def _proportion(examples: Examples, settings: Settings) -> Proportion | None:
    """One program an example makes independent trials."""
    outcomes = _outcomes(examples)
    if any(len(of_example) > 1 for of_example in outcomes):
        return None
    return Proportion(sum(sum(of_example) for of_example in outcomes), examples.count)


PASS_AT = Metric(
    Note("mean over problems of 1 - C(n - c, k) / C(n, k); c of the n samples pass the tests", "Chen et al. 2021"),
    lambda examples, settings: mean_statistic(_chances(examples, settings)),
    proportion=_proportion,
    per_example=_chances,
)
