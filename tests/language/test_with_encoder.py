"""Sequence-to-sequence models: choices and labels through the decoder, texts as transformers writes them one by one, whole specs."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from prompted import Bench, model_folder, request
from small_tokenizers import small_tokenizer
from tiny import VOCABULARY
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertLMHeadModel,
    PreTrainedModel,
    T5Config,
    T5ForConditionalGeneration,
)

from benchc import api
from benchc.runtime.language.choose import Continuation, Decoding, Prompt
from benchc.runtime.language.engine import engine_of, score_all
from benchc.runtime.language.library import Beams, generate_by_library
from benchc.runtime.language.trie import Query
from benchc.runtime.steps import predict
from benchc.runtime.work import StepFailed

TOLERANCE = 1e-5
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 4, "initializer_factor": 3.0}
BART = {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4}
BART_REST = {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "max_position_embeddings": 300, "init_std": 0.3}


def t5(vocabulary: int, pad: int, end: int) -> PreTrainedModel:
    special = {"decoder_start_token_id": pad, "eos_token_id": end, "pad_token_id": pad}
    return T5ForConditionalGeneration(T5Config(vocab_size=vocabulary, **T5, **special))  # type: ignore[arg-type]


def bart(vocabulary: int, pad: int, end: int) -> PreTrainedModel:
    special = {"decoder_start_token_id": end, "eos_token_id": end, "pad_token_id": pad, "bos_token_id": 1, "forced_eos_token_id": None}
    return BartForConditionalGeneration(BartConfig(vocab_size=vocabulary, **BART, **BART_REST, **special))  # type: ignore[arg-type]


MODELS: Mapping[str, Callable[[int, int, int], PreTrainedModel]] = {"t5": t5, "bart": bart}


def tiny(name: str, vocabulary: int = VOCABULARY, pad: int = 0, end: int = 2) -> PreTrainedModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return MODELS[name](vocabulary, pad, end).eval()


def by_labels(model: PreTrainedModel, context: tuple[int, ...], continuation: tuple[int, ...]) -> float:
    """The log-likelihood as the model's own loss gives it, which shifts the labels itself."""
    with torch.inference_mode():
        output = model(input_ids=torch.tensor([context]), labels=torch.tensor([continuation]))
    return -float(output.loss) * len(continuation)


@pytest.mark.parametrize("name", list(MODELS))
def test_continuations_are_scored_as_the_models_own_loss_does(name: str) -> None:
    model = tiny(name)
    texts = [((5, 6, 7, 2), (8, 9)), ((5, 6, 7, 2), (8,)), ((11, 12, 2), (8, 9, 10)), ((5, 6, 7, 2), (8, 9))]
    queries, slot = [], 0
    for context, continuation in texts:
        queries.append(Query((*context, *continuation), len(context), slot))
        slot += len(continuation)
    scores = score_all(engine_of(model, 10), queries, lambda done, total: None)
    for query, (context, continuation) in zip(queries, texts, strict=True):
        found = scores.log_probabilities[query.slot : query.slot + len(continuation)].sum()
        assert found == pytest.approx(by_labels(model, context, continuation), abs=TOLERANCE * len(continuation))
    assert scores.positions == (4 + 2 + 1) + (3 + 3)  # each context is read once, each continuation computed once


PROMPTS = [Prompt(tuple((7 * i + j * j) % 50 + 3 for j in range(3 + 2 * i)), i) for i in range(9)]
NO_STOP = lambda tokens: False  # noqa: E731


def written(model: PreTrainedModel, decoding: Decoding, beams: Beams) -> list[Continuation]:
    done: dict[int, Continuation] = {}
    generate_by_library(model, PROMPTS, decoding, beams, done.__setitem__)
    return [done[index] for index in range(len(PROMPTS))]


def one_by_one(model: PreTrainedModel, prompt: Prompt, **settings: Any) -> tuple[int, ...]:
    made = model.generate(torch.tensor([prompt.tokens]), max_new_tokens=10, do_sample=False, pad_token_id=0, **settings)[0, 1:].tolist()  # type: ignore[operator]
    return tuple(made[: made.index(2)] if 2 in made else made)


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("beams", [Beams(), Beams(3)])
def test_texts_are_those_of_transformers_one_by_one(name: str, beams: Beams) -> None:
    model = tiny(name)
    found = written(model, Decoding(10, frozenset({2}), NO_STOP), beams)
    for prompt, continuation in zip(PROMPTS, found, strict=True):
        assert continuation.tokens == one_by_one(model, prompt, num_beams=beams.count)
        if continuation.ended != "end" and continuation.tokens:
            assert continuation.log_probability == pytest.approx(by_labels(model, prompt.tokens, continuation.tokens), abs=1e-3)


def test_a_language_that_the_model_begins_with_is_no_part_of_the_text() -> None:
    model = tiny("bart")
    model.generation_config.forced_bos_token_id = 17
    found = written(model, Decoding(9, frozenset({2}), NO_STOP), Beams())
    for prompt, continuation in zip(PROMPTS, found, strict=True):
        expected = one_by_one(model, prompt)
        assert expected[0] == 17
        assert continuation.tokens == expected[1:]
        start = (2, 17, *continuation.tokens)
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([prompt.tokens]), decoder_input_ids=torch.tensor([start[:-1]])).logits[0].log_softmax(-1)
        own = sum(float(logits[at, token]) for at, token in enumerate(start[1:]) if at)
        if continuation.ended == "length":
            assert continuation.log_probability == pytest.approx(own, abs=1e-3)


def test_a_models_own_search_settings_do_not_count() -> None:
    model = tiny("bart")
    expected = [one.tokens for one in written(model, Decoding(10, frozenset({2}), NO_STOP), Beams())]
    model.generation_config.update(
        num_beams=4, no_repeat_ngram_size=1, min_length=9, forced_eos_token_id=5, bad_words_ids=[[expected[0][0]]]
    )
    settings = model.generation_config.to_dict()
    assert [one.tokens for one in written(model, Decoding(10, frozenset({2}), NO_STOP), Beams())] == expected
    assert model.generation_config.to_dict() == settings


SPEC = """
edition = "2026"
bench "with an encoder" { }
dataset exam {
  source = jsonl(train = "train.jsonl", test = "test.jsonl")
  fields {
    question = text(question)
    options = choices("choices[*]")
    answer = number(answer)
    sort = label([even, odd], sort)
    reply = text(reply)
  }
}
prompt ask { template = "Q: {question}\\nA:", choice = " {choice}" }
prompt sorted { template = "Text: {question}\\nSort:", target = " {sort}" }
prompt write { template = "{question}?" }
task quiz : multiple_choice {
  data = exam, input = question, choices = options, target = answer, prompt = ask, shots = first(1), metrics = [accuracy, brier]
}
task kind : classification {
  data = exam, input = question, target = sort, prompt = sorted, shots = balanced(2), calibrate = contextual, metrics = accuracy
}
task reply : generation {
  data = exam, input = question, target = reply, prompt = write, decode = greedy(max_new_tokens = 6), metrics = exact_match
}
task read : language_modeling { data = exam, input = reply, metrics = perplexity }
model tiny { source = hf("./model"), as = FORM, max_length = 200 }
model chance { source = baseline(uniform) }
model most { source = baseline(majority) }
model best { source = baseline(oracle) }
run choices { tasks = quiz, models = [tiny, chance] }
run labels { tasks = kind, models = [tiny, most] }
run texts { tasks = reply, models = [tiny, best] }
"""


def small_folder(folder: Path, name: str) -> Any:
    """A spec with data and a model. Returns the tokenizer."""
    tokenizer = small_tokenizer().full
    model = tiny(name, len(tokenizer), tokenizer.pad_token_id, tokenizer.eos_token_id)  # type: ignore[arg-type]
    model.save_pretrained(str(folder / "model"))
    tokenizer.save_pretrained(str(folder / "model"))
    for split, start in (("train", 0), ("test", 100)):
        rows = [_row(start + number) for number in range(6)]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "spec.bench").write_text(SPEC.replace("FORM", "seq2seq"))
    return tokenizer


def _row(number: int) -> dict[str, Any]:
    sort = "odd" if number % 2 else "even"
    choices = [f"more than {number}", f"less than {number}"]
    return {"question": f"what of {number}", "choices": choices, "answer": number % 2, "sort": sort, "reply": f"it is {number}"}


@pytest.mark.parametrize("name", list(MODELS))
def test_whole_specs_run_beside_baselines(name: str, tmp_path: Path) -> None:
    tokenizer = small_folder(tmp_path, name)
    results = api.run(tmp_path / "spec.bench", tmp_path / "out", cache=str(tmp_path / "cache"), device="cpu")
    assert [cell["status"] for cell in results.cells] == ["ok"] * 6, [cell["error"] for cell in results.cells]
    model = tiny(name, len(tokenizer), tokenizer.pad_token_id, tokenizer.eos_token_id)

    def ids(text: str) -> tuple[int, ...]:
        return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])

    first = json.loads((tmp_path / "test.jsonl").read_text().splitlines()[0])
    shot = json.loads((tmp_path / "train.jsonl").read_text().splitlines()[0])
    context = f"Q: {shot['question']}\nA: {shot['choices'][0]}\n\nQ: {first['question']}\nA:"
    quiz = results.predictions("choices.quiz.tiny[seed=0]").to_pylist()[0]
    expected = [by_labels(model, ids(context), ids(f" {choice}")) for choice in first["choices"]]
    assert quiz["log_likelihoods"] == pytest.approx(expected, abs=1e-4)
    reply = results.predictions("texts.reply.tiny[seed=0]").to_pylist()[0]
    made = model.generate(torch.tensor([ids("what of 100?")]), max_new_tokens=6, do_sample=False)[0, 1:].tolist()  # type: ignore[operator]
    assert reply["generations"] == [tokenizer.decode(made, skip_special_tokens=True)]
    told = next(cell["prediction"] for cell in results.cells if cell["id"] == "choices.quiz.tiny[seed=0]")
    assert told["engine"] == "plain"  # type: ignore[index, call-overload]
    assert any("encoder reads each text whole" in note for note in told["notes"])  # type: ignore[index, call-overload]


def test_a_text_alone_has_no_likelihood_and_the_cell_says_so(tmp_path: Path) -> None:
    small_folder(tmp_path, "t5")
    text = (tmp_path / "spec.bench").read_text().replace("as = seq2seq", "as = auto")
    (tmp_path / "read.bench").write_text(text[: text.index("run choices")] + "run main { tasks = read, models = tiny }\n")
    results = api.run(tmp_path / "read.bench", tmp_path / "out", cache=str(tmp_path / "cache"), device="cpu")
    (cell,) = results.cells
    assert cell["status"] == "failed"
    assert "gives no likelihood of a text alone" in cell["error"]["message"]  # type: ignore[index, call-overload]


def test_an_encoders_limit_is_that_of_the_question_alone(tmp_path: Path) -> None:
    """200 tokens are taken by the question, and 6 more may be written."""
    small_folder(tmp_path, "t5")
    rows = [{**_row(1), "question": "a" * length} for length in (199, 400)]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = (tmp_path / "spec.bench").read_text()
    (tmp_path / "long.bench").write_text(text[: text.index("run choices")] + "run texts { tasks = reply, models = [tiny, best] }\n")
    results = api.run(tmp_path / "long.bench", tmp_path / "out", cache=str(tmp_path / "cache"), device="cpu")
    assert [cell["status"] for cell in results.cells] == ["ok", "ok"]
    about = json.loads(next((tmp_path / "cache").glob("entries/*/*/encode.json")).read_text())
    assert about["truncated"] == {"test": 1}


CHOICE = {"kind": "multiple_choice", "choices": "options", "target": "number"}


def asked(folder: Path, model: PreTrainedModel, form: str = "auto") -> None:
    bench = Bench(folder / "bench", 2, model_folder(folder / "model", model))
    bench.as_form = form
    step, inputs, work = bench.step(CHOICE, [request(row, part, "choice", [5, 6, 7 + part], 2) for row in range(2) for part in range(2)])
    predict.run(step, inputs, work)


def test_a_model_that_reads_in_both_directions_is_refused(tmp_path: Path) -> None:
    """transformers gives a BERT a language model's head, whose log-likelihoods are those of answers that it has read."""
    model = BertLMHeadModel(BertConfig(vocab_size=60, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16))
    with pytest.raises(StepFailed, match="a `bert`, which does not continue texts: it reads a text in both directions"):
        asked(tmp_path, model.eval())


def test_an_architecture_without_a_form_that_continues_texts_is_named(tmp_path: Path) -> None:
    from transformers import ViTConfig, ViTModel

    model = ViTModel(ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, image_size=32))
    with pytest.raises(StepFailed, match="a `vit`, which does not continue texts: it is of an architecture"):
        asked(tmp_path, model)


def test_the_form_that_is_asked_for_must_be_the_models(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="a `t5`, which is no causal_lm"):
        asked(tmp_path, tiny("t5"), "causal_lm")
    assert np.isfinite(by_labels(tiny("t5"), (5,), (6,)))
