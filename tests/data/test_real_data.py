"""Real data sets load whole: the numbers of rows are those that their authors give."""

from pathlib import Path
from typing import Any

import pytest
from data_steps import Data, Loaded, fractions, label, labels, name, number, text

pytestmark = pytest.mark.shared


@pytest.fixture
def real(shared_data: Path, tmp_path: Path) -> "Real":
    return Real(shared_data, tmp_path)


class Real:
    """Loads from the folder of real sets, and writes elsewhere."""

    def __init__(self, shared: Path, folder: Path) -> None:
        self.shared = shared
        self.data = Data(folder)

    def load(self, source: str, where: Any, fields: dict[str, Any], **given: Any) -> Loaded:
        return self.data.load(source, self._absolute(where), fields, **given)

    def _absolute(self, where: Any) -> Any:
        if isinstance(where, dict):
            return {key: self._absolute(path) for key, path in where.items()}
        return str(self.shared / where)


def test_trec(real: Real) -> None:
    kinds = labels("ABBR", "ENTY", "DESC", "HUM", "LOC", "NUM")
    loaded = real.load(
        "lines",
        {"train": "trec6/TREC.train", "test": "trec6/TREC.test"},
        {"question": text(), "kind": label(kinds, "coarse")},
        pattern="(?P<coarse>[A-Z]+):(?P<fine>\\S+) (?P<question>.*)",
        encoding="latin-1",
    )
    assert loaded.summary["rows"] == {"train": 5452, "test": 500}
    split = real.data.split(loaded, splits=fractions(**{"from": "train"}, train=0.9, dev=0.1, stratify="kind", seed=7))
    assert split.summary["rows"] == {"train": 4907, "dev": 545, "test": 500}


def test_sick(real: Real) -> None:
    files = {"train": "sick/SICK_train.txt", "dev": "sick/SICK_trial.txt", "test": "sick/SICK_test_annotated.txt"}
    fields = {
        "id": name("id", "pair_ID"),
        "a": text("sentence_A"),
        "relation": label(labels("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), "entailment_judgment"),
        "relatedness": number("relatedness_score", min=1, max=5),
    }
    loaded = real.load("csv", files, fields, separator="\t", quoting="none")
    assert loaded.summary["rows"] == {"train": 4500, "dev": 500, "test": 4927}


def test_tweeteval_in_parallel_files(real: Real) -> None:
    where = {
        split: {"text": f"tweeteval_emotion/{file}_text.txt", "label": f"tweeteval_emotion/{file}_labels.txt"}
        for split, file in (("train", "train"), ("dev", "val"), ("test", "test"))
    }
    fields = {"text": text(), "emotion": label(labels(anger="0", joy="1", optimism="2", sadness="3"), "label")}
    loaded = real.load("parallel", where, fields)
    assert loaded.summary["rows"] == {"train": 3257, "dev": 374, "test": 1421}


def test_stsb_without_header(real: Real) -> None:
    where = {split: f"stsb/stsb-en-{split}.csv" for split in ("train", "dev", "test")}
    loaded = real.load("csv", where, {"a": text(), "b": text(), "score": number()}, header="none", columns=["a", "b", "score"])
    assert loaded.summary["rows"] == {"train": 5749, "dev": 1500, "test": 1379}


def test_multi30k_in_compressed_parallel_files(real: Real) -> None:
    where = {
        "train": {language: f"multi30k/val.{language}.gz" for language in ("en", "de")},
        "test": {language: f"multi30k/test_2016_flickr.{language}.gz" for language in ("en", "de")},
    }
    assert real.load("parallel", where, {"source": text("en"), "reference": text("de")}).summary["rows"] == {"train": 1014, "test": 1000}


def test_mmlu_without_header(real: Real) -> None:
    where = {"dev": "mmlu/dev/astronomy_dev.csv", "test": "mmlu/test/astronomy_test.csv"}
    fields = {"question": text(), "answer": label(labels("A", "B", "C", "D"))}
    loaded = real.load("csv", where, fields, header="none", columns=["question", "A", "B", "C", "D", "answer"])
    assert loaded.summary["rows"] == {"dev": 5, "test": 152}


def test_crows_pairs(real: Real) -> None:
    fields = {"more": text("sent_more"), "less": text("sent_less"), "kind": name("group", "bias_type")}
    assert real.load("csv", {"test": "crows_pairs/crows_pairs_anonymized.csv"}, fields).summary["rows"] == {"test": 1508}


def test_gsm8k(real: Real) -> None:
    where = {"train": "gsm8k/train.jsonl", "test": "gsm8k/test.jsonl"}
    assert real.load("jsonl", where, {"question": text(), "answer": text()}).summary["rows"] == {"train": 500, "test": 1319}


def test_wikitext_as_one_document(real: Real) -> None:
    assert real.load("text", {"test": "wikitext2/test.txt"}, {"text": text()}, unit="document").summary["rows"] == {"test": 1}
