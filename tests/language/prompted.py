"""A prompted step on requests that a test writes: data, requests, a tiny model in a folder, the real predict step."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tiny import VOCABULARY, tiny
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from benchc.compiler.plan import Step
from benchc.runtime.steps import load, predict, split
from benchc.runtime.work import Inputs, Work

LABELS = ("yes", "no", "maybe")


def model_folder(folder: Path, model: PreTrainedModel | None = None) -> Path:
    """A model with a tokenizer whose token n is the text "wn ", but for the end of text, 2, and a line break, 7."""
    (model or tiny("llama")).save_pretrained(folder)
    words = {("<end>" if n == 2 else "\n" if n == 7 else f"w{n} "): n for n in range(VOCABULARY)}
    raw = Tokenizer(models.WordLevel(words, unk_token="w0 "))
    raw.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    raw.decoder = decoders.Fuse()
    PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<end>").save_pretrained(folder)
    return folder


def request(row: int, part: int, role: str, tokens: Sequence[int], scored_from: int) -> dict[str, Any]:
    """Sizes are made up, each different."""
    scored = len(tokens) - scored_from
    sizes = {"bytes": 4 * scored, "characters": 3 * scored, "words": 2 * scored}
    return {"row": row, "part": part, "role": role, "tokens": list(tokens), "scored_from": scored_from, **sizes}


SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("part", pa.int32()),
        ("role", pa.dictionary(pa.int8(), pa.string())),
        ("tokens", pa.list_(pa.int32())),
        ("scored_from", pa.int32()),
        ("bytes", pa.int32()),
        ("characters", pa.int32()),
        ("words", pa.int32()),
    ]
)


@dataclass
class Bench:
    """`rows` have the fields text, label (of LABELS) and number."""

    folder: Path
    rows: int
    model: Path
    as_form: str = "causal_lm"
    count: int = 0

    def __post_init__(self) -> None:
        fields = {
            "text": {"call": "text", "column": "text", "join": None, "strip": False},
            "number": {"call": "number", "column": "number", "min": None, "max": None},
            "label": {"call": "label", "column": "label", "labels": [{"label": name, "values": [name]} for name in LABELS]},
        }
        rows = [{"text": f"text {n}", "label": LABELS[n % 3], "number": n % 2} for n in range(self.rows)]
        source = {"call": "inline", "all": None, "train": None, "dev": None, "test": rows}
        given: dict[str, Any] = {"source": source, "files": {}, "fields": fields, "on_bad_row": "error"}
        self.loaded = self.run(load.run, given, {})
        nothing = {"splits": None, "take": None, "where": [], "dedupe": None, "fold": None}
        self.divided = self.run(split.run, nothing, {"rows": (self.loaded,)})

    def encode(self, requests: Sequence[Mapping[str, Any]]) -> Path:
        folder = self.new_folder()
        with pa.OSFile(str(folder / "requests.arrow"), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
            writer.write_table(pa.Table.from_pylist(list(requests), SCHEMA), max_chunksize=5)
        return folder

    def predict(self, task: Mapping[str, Any], requests: Sequence[Mapping[str, Any]], **params: Any) -> pa.Table:
        """The predictions of one step."""
        step, inputs, work = self.step(task, requests, **params)
        predict.run(step, inputs, work)
        self.about = json.loads((work.folder / "predict.json").read_text())
        return pq.read_table(work.folder / "predictions.parquet")

    def step(
        self, task: Mapping[str, Any], requests: Sequence[Mapping[str, Any]], precision: str = "float32", **params: Any
    ) -> tuple[Step, Inputs, Work]:
        model = {"source": {"call": "hf", "files": {"config.json": "0"}}, "as": self.as_form, "adapter": None, "inputs": None}
        task = {"inputs": ["text"], "group": None, "target": None, **task}
        given = {"task": task, "split": "test", "model": model, "precision": precision, "decode": None, "seed": None, **params}
        inputs = {"rows": (self.loaded,), "split": (self.divided,), "encoded": (self.encode(requests),)}
        return Step("key", "predict", 1, given, {}, {"location": str(self.model), "locations": [str(self.model)]}), inputs, self.work()

    def run(self, function: Callable[[Step, Inputs, Work], None], params: Mapping[str, Any], inputs: Inputs) -> Path:
        work = self.work()
        function(Step("key", "kind", 1, params, {}, {}), inputs, work)
        return work.folder

    def work(self) -> Work:
        folder, checkpoint = self.new_folder(), self.new_folder()
        return Work(folder, checkpoint, Path, "cpu", lambda _: None, lambda _: None, time.monotonic, 60.0)

    def new_folder(self) -> Path:
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir(parents=True)
        return folder


def log_likelihood(model: PreTrainedModel, tokens: Sequence[int], scored_from: int) -> float:
    """By a plain pass."""
    from tiny import plain_log_probabilities

    from benchc.runtime.language.trie import Query

    return float(np.sum(plain_log_probabilities(model, Query(tuple(tokens), scored_from, 0))))
