"""Log-likelihoods by the engine are those of plain passes, whatever the texts, batch, order and memory."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import MODELS, PLAIN, plain_log_probabilities, tiny

from benchc.runtime.language import scorer
from benchc.runtime.language.engine import engine_of, score_all
from benchc.runtime.language.forward import SharedModel
from benchc.runtime.language.scorer import Scores, score
from benchc.runtime.language.trie import Query, build
from benchc.runtime.work import StepFailed

TOLERANCE = 1e-4  # nats in float32: sums in another order


def texts_that_share(seed: int, count: int) -> list[Query]:
    """Texts of few different tokens, which so share beginnings, end inside one another and repeat."""
    draw = random.Random(seed)
    base = [draw.randrange(3) for _ in range(20)]
    queries, slot = [], 0
    for _ in range(count):
        tokens = tuple(base[: draw.randrange(1, 21)] + [draw.randrange(3) for _ in range(draw.randrange(1, 12))])
        scored_from = draw.randrange(1, len(tokens))
        queries.append(Query(tokens, scored_from, slot))
        slot += len(tokens) - scored_from
    return queries


def shared(name: str, queries: Sequence[Query]) -> SharedModel:
    engine = engine_of(tiny(name), max(len(query.tokens) for query in queries))
    assert isinstance(engine.shared, SharedModel), engine.shared
    return engine.shared


def expect_plain(model: SharedModel, queries: Sequence[Query], scores: Scores) -> None:
    for query in queries:
        expected = plain_log_probabilities(model.model, query)
        assert np.abs(scores.log_probabilities[query.slot : query.slot + len(expected)] - expected).max() < TOLERANCE


@pytest.mark.parametrize("name", [name for name in MODELS if name not in PLAIN])
@pytest.mark.parametrize("budget", [1, 7, 1000])
def test_log_likelihoods_are_those_of_plain_passes(name: str, budget: int) -> None:
    queries = texts_that_share(seed=budget, count=25)
    model = shared(name, queries)
    scores = score(model, queries, budget)
    expect_plain(model, queries, scores)
    assert scores.positions == scores.least == build(queries).size


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 30), budget=st.integers(1, 60))
def test_any_texts_and_budget_give_the_plain_log_likelihoods(seed: int, count: int, budget: int) -> None:
    queries = texts_that_share(seed, count)
    expect_plain(LLAMA, queries, score(LLAMA, queries, budget))


LLAMA = shared("llama", texts_that_share(0, 1))


def test_the_order_of_the_texts_changes_nothing() -> None:
    queries = texts_that_share(seed=5, count=20)
    a, b = score(LLAMA, queries, 16), score(LLAMA, queries[::-1], 16)
    assert np.abs(a.log_probabilities - b.log_probabilities).max() < TOLERANCE


def test_the_likeliest_token_is_told() -> None:
    queries = texts_that_share(seed=6, count=10)
    scores = score(LLAMA, queries)
    for query in queries:
        with torch.inference_mode():
            best = LLAMA.model(torch.tensor([query.tokens])).logits[0].argmax(-1)
        told = scores.likeliest[query.slot : query.slot + len(query.tokens) - query.scored_from]
        assert told.tolist() == [bool(best[i - 1] == query.tokens[i]) for i in range(query.scored_from, len(query.tokens))]


@pytest.mark.parametrize("name", list(PLAIN))
def test_a_model_that_cannot_be_shared_is_run_plainly_and_says_why(name: str) -> None:
    queries = texts_that_share(seed=7, count=8)
    engine = engine_of(tiny(name), max(len(query.tokens) for query in queries))
    assert engine.name == "plain"
    assert PLAIN[name] in (engine.note or "")
    scores = score_all(engine, queries, lambda done, total: None)
    for query in queries:
        expected = plain_log_probabilities(engine.model, query)
        assert np.abs(scores.log_probabilities[query.slot : query.slot + len(expected)] - expected).max() < TOLERANCE


def test_a_window_longer_than_the_text_does_not_keep_from_sharing() -> None:
    assert engine_of(tiny("mistral"), 200).name == "shared"
    assert engine_of(tiny("mistral"), 201).name == "plain"


def test_the_models_own_attention_is_there_again_afterwards() -> None:
    model = tiny("gemma2")
    before = model.config._attn_implementation
    assert engine_of(model, 10).name == "shared"
    assert model.config._attn_implementation == before


@pytest.mark.parametrize("most", [1, 3, 10])
def test_memory_that_runs_out_halves_the_work_and_changes_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = texts_that_share(seed=8, count=20)
    expected = score(LLAMA, queries)
    real = scorer.hidden_states

    def small_memory(model, tokens, positions, layout):  # type: ignore[no-untyped-def]
        if len(tokens) > most:
            raise torch.OutOfMemoryError("out of memory")
        return real(model, tokens, positions, layout)

    monkeypatch.setattr(scorer, "hidden_states", small_memory)
    scores = score(LLAMA, queries, budget=64)
    assert np.abs(scores.log_probabilities - expected.log_probabilities).max() < TOLERANCE
    assert scores.halvings > 0
    assert scores.positions == scores.least


def test_no_memory_for_one_token_is_that_steps_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(model, tokens, positions, layout):  # type: ignore[no-untyped-def]
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(scorer, "hidden_states", no_memory)
    with pytest.raises(StepFailed, match="not one token fits"):
        score(LLAMA, texts_that_share(seed=8, count=3))


@pytest.mark.parametrize("name", list(MODELS))
def test_half_precision_alone_does_not_keep_from_sharing(name: str) -> None:
    model = tiny(name).to(torch.bfloat16)  # type: ignore[arg-type]
    assert engine_of(model, 40).name == ("plain" if name in PLAIN else "shared")
