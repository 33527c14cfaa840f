"""Generated text is that of transformers' own `generate`, prompt by prompt, whatever the batch and the memory."""

import random
from collections.abc import Sequence

import pytest
import torch
from tiny import MODELS, tiny

from benchc.runtime.language import generator
from benchc.runtime.language.choose import Continuation, Decoding, Prompt
from benchc.runtime.language.engine import Engine, engine_of, generate_all
from benchc.runtime.language.generator import Room, generate
from benchc.runtime.language.library import Beams, generate_by_library
from benchc.runtime.work import StepFailed

END = frozenset({2, 5, 9})
GREEDY = Decoding(12, END, lambda tokens: False)
SAMPLED = Decoding(12, END, lambda tokens: False, temperature=0.8, top_p=0.9)


def prompts() -> list[Prompt]:
    """A group that shares a long beginning, loose ones, and equal ones."""
    draw = random.Random(1)
    base = [draw.randrange(3, 50) for _ in range(40)]
    grouped = [Prompt((*base, *(draw.randrange(3, 50) for _ in range(draw.randrange(1, 12)))), i) for i in range(14)]
    loose = [Prompt(tuple(draw.randrange(3, 50) for _ in range(draw.randrange(1, 30))), i) for i in range(5)]
    return [*grouped, *loose, grouped[0], loose[3]]


def texts(engine: Engine, decoding: Decoding) -> list[tuple[int, ...]]:
    made = generate_all(engine, prompts(), decoding, lambda done, total: None)
    return [continuation.tokens for continuation in made.continuations]


def one_by_one(engine: Engine) -> list[tuple[int, ...]]:
    expected = []
    for prompt in prompts():
        ids = torch.tensor([prompt.tokens])
        made = engine.model.generate(ids, max_new_tokens=12, do_sample=False, eos_token_id=sorted(END), pad_token_id=0)
        tokens = made[0, len(prompt.tokens) :].tolist()
        expected.append(tuple(tokens[:-1] if tokens[-1] in END else tokens))
    return expected


@pytest.mark.parametrize("name", list(MODELS))
def test_greedy_text_is_that_of_transformers_one_by_one(name: str) -> None:
    engine = engine_of(tiny(name), 70)
    assert texts(engine, GREEDY) == one_by_one(engine)


def generated(given: Sequence[Prompt], decoding: Decoding, room: Room) -> list[Continuation]:
    engine = engine_of(tiny("llama"), 70)
    assert not isinstance(engine.shared, str)
    done: dict[int, Continuation] = {}
    generate(engine.shared, given, decoding, room, done.__setitem__)
    return [done[index] for index in range(len(given))]


@pytest.mark.parametrize("decoding", [GREEDY, SAMPLED])
@pytest.mark.parametrize("room", [Room(1), Room(3), Room(64), Room(64, key_value_bytes=1)])
def test_batch_and_memory_change_no_text(decoding: Decoding, room: Room) -> None:
    expected = [one.tokens for one in generated(prompts(), decoding, Room(8))]
    assert [one.tokens for one in generated(prompts(), decoding, room)] == expected


def test_order_changes_no_sample() -> None:
    expected = [one.tokens for one in generated(prompts(), SAMPLED, Room(8))]
    assert [one.tokens for one in generated(prompts()[::-1], SAMPLED, Room(8))] == expected[::-1]


def test_samples_differ_by_seed_alone() -> None:
    given = [Prompt((7, 8, 9), seed) for seed in (1, 2, 3, 1)]
    made = [one.tokens for one in generated(given, SAMPLED, Room(8))]
    assert made[0] == made[3]
    assert len(set(made)) > 1


def test_the_plain_way_samples_the_same_text() -> None:
    shared = engine_of(tiny("llama"), 70)
    assert texts(Engine(shared.model, "to compare"), SAMPLED) == texts(shared, SAMPLED)


def test_a_text_ends_by_stop_length_or_end() -> None:
    made = generated(prompts(), Decoding(6, END, lambda tokens: len(tokens) == 3), Room(8))
    assert {one.ended for one in made} <= {"stop", "end"}
    assert all(len(one.tokens) == 3 for one in made if one.ended == "stop")
    assert {one.ended for one in generated(prompts(), Decoding(1, frozenset(), lambda tokens: False), Room(8))} == {"length"}


def test_no_new_tokens_is_an_empty_text() -> None:
    assert {one.tokens for one in generated(prompts(), Decoding(0, END, lambda tokens: False), Room(8))} == {()}


def test_memory_that_runs_out_halves_the_batch_and_changes_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(tiny("llama"), 70)
    expected = texts(engine, GREEDY)
    real = generator._step

    def small_memory(shared, path, slots, running):  # type: ignore[no-untyped-def]
        if len(running) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return real(shared, path, slots, running)

    monkeypatch.setattr(generator, "_step", small_memory)
    made = generate_all(engine, prompts(), GREEDY, lambda done, total: None)
    assert [one.tokens for one in made.continuations] == expected
    assert made.halvings > 0


@pytest.mark.parametrize("name", ["llama", "mistral_short_window", "bloom", "mamba"])
def test_beams_are_those_of_transformers_one_by_one(name: str) -> None:
    model, done = tiny(name), dict[int, Continuation]()
    generate_by_library(model, prompts(), GREEDY, Beams(3), done.__setitem__)
    for number, prompt in enumerate(prompts()):
        settings = {"max_new_tokens": 12, "do_sample": False, "num_beams": 3, "eos_token_id": sorted(END), "pad_token_id": 0}
        made = model.generate(torch.tensor([prompt.tokens]), **settings)[0, len(prompt.tokens) :].tolist()
        kept = next((at for at, token in enumerate(made) if token in END), None)
        assert done[number].tokens == tuple(made[:kept])


def test_a_model_that_cannot_search_by_beams_says_so() -> None:
    with pytest.raises(StepFailed, match="`rwkv` cannot search by beams"):
        generate_by_library(tiny("rwkv"), prompts(), GREEDY, Beams(3), lambda number, continuation: None)
