"""The engine on a CUDA device says what a processor says."""

import copy

import numpy as np
import pytest
import torch
from test_generation import GREEDY, SAMPLED, texts
from test_scoring import TOLERANCE, expect_plain, texts_that_share
from tiny import MODELS, PLAIN, tiny

from benchc.runtime.language.choose import Decoding
from benchc.runtime.language.engine import Engine, engine_of, score_all
from benchc.runtime.language.forward import SharedModel
from benchc.runtime.language.scorer import score

pytestmark = [pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")]

LONGEST = 70


def on_cuda(name: str, dtype: torch.dtype = torch.float32) -> Engine:
    return engine_of(copy.deepcopy(tiny(name)).to("cuda", dtype), LONGEST)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in PLAIN])
@pytest.mark.parametrize("budget", [1, 7, 1000])
def test_log_likelihoods_are_those_of_a_processor(name: str, budget: int) -> None:
    queries = texts_that_share(seed=budget, count=25)
    engine = on_cuda(name)
    assert isinstance(engine.shared, SharedModel), engine.note
    scores = score(engine.shared, queries, budget)
    processor = score_all(engine_of(tiny(name), LONGEST), queries, lambda done, total: None)
    assert np.abs(scores.log_probabilities - processor.log_probabilities).max() < TOLERANCE


def test_log_likelihoods_are_those_of_plain_passes_on_the_device() -> None:
    queries = texts_that_share(seed=2, count=25)
    engine = on_cuda("llama")
    assert isinstance(engine.shared, SharedModel), engine.note
    expect_plain(engine.shared, queries, score(engine.shared, queries))


@pytest.mark.parametrize("decoding", [GREEDY, SAMPLED])
@pytest.mark.parametrize("name", list(MODELS))
def test_text_is_that_of_a_processor(name: str, decoding: Decoding) -> None:
    assert texts(on_cuda(name), decoding) == texts(engine_of(tiny(name), LONGEST), decoding)


def test_bfloat16_is_shared_too_and_near() -> None:
    queries = texts_that_share(seed=4, count=25)
    engine = on_cuda("llama", torch.bfloat16)
    assert isinstance(engine.shared, SharedModel), engine.note
    rough = score(engine.shared, queries).log_probabilities
    exact = score_all(engine_of(tiny("llama"), LONGEST), queries, lambda done, total: None).log_probabilities
    assert 0 < np.abs(rough - exact).mean() < 0.1


def test_memory_that_runs_out_halves_the_work() -> None:
    queries = texts_that_share(seed=5, count=4000)  # so many that tensors of one pass over all take blocks of their own
    engine = on_cuda("llama")
    assert isinstance(engine.shared, SharedModel), engine.note
    expected = score(engine.shared, queries)
    torch.cuda.empty_cache()
    try:
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 8 * 2**20) / torch.cuda.mem_get_info()[1])
        scores = score(engine.shared, queries, budget=10**6)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert scores.halvings
    assert np.abs(scores.log_probabilities - expected.log_probabilities).max() < TOLERANCE
