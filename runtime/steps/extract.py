"""`extract`: the answers in what a model wrote.

In: predictions of a generation task. Out: `predictions.parquet`, the same rows and columns with `extracted` (one answer a sample, null
where there is none), `prediction` (the first sample's answer, or the one that the samples voted for) and `target`, which went through
the same extraction where the task says so; `extract.json`, which counts what could not be extracted.
"""

import json
from collections.abc import Mapping, Sequence
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.extraction import Extraction, extraction
from benchc.runtime.extraction.vote import vote
from benchc.runtime.metrics.language_predictions import VOTED
from benchc.runtime.work import Inputs, Work

Answers = Sequence[Sequence[str | None]]


def run(step: Step, inputs: Inputs, work: Work) -> None:
    table = pq.read_table(inputs["predictions"][0] / "predictions.parquet")
    extract = extraction(cast("Mapping[str, Json] | None", step.params["extract"]))
    votes, of_target = bool(step.params["vote"]), bool(step.params["target_extract"])
    generations = cast("list[list[str]]", table["generations"].to_pylist())
    answers = [[extract(text) for text in samples] for samples in generations]
    predictions = [vote(of_example) if votes else of_example[0] for of_example in answers]
    references = cast("list[str | None]", table["target"].to_pylist())
    targets = [_reference(text, extract) for text in references] if of_target else references
    made = {
        "target": pa.array(targets, pa.string()),
        "prediction": pa.array(predictions, pa.string()),
        "extracted": pa.array(answers, pa.list_(pa.string())),
    }
    kept = {name: table[name] for name in table.column_names if name not in made}
    metadata = {**(table.schema.metadata or {}), VOTED: b"true" if votes else b"false"}
    written = pa.table({**kept, **made}).replace_schema_metadata(metadata)
    pq.write_table(written, work.folder / "predictions.parquet", compression="zstd")
    failed_targets = sum(extract(text or "") is None for text in references) if of_target else 0
    (work.folder / "extract.json").write_text(json.dumps(_about(answers, predictions, failed_targets), indent=1))


def _reference(text: str | None, extract: Extraction) -> str | None:
    """What stands in a reference; the reference itself where nothing can be extracted."""
    return None if text is None else extract(text) or text.strip()


def _about(answers: Answers, predictions: Sequence[str | None], failed_targets: int) -> Mapping[str, Json]:
    return {
        "answers": sum(len(of_example) for of_example in answers),
        "not_extracted": sum(answer is None for of_example in answers for answer in of_example),
        "examples": len(predictions),
        "examples_without_answer": sum(answer is None for answer in predictions),
        "references_not_extracted": failed_targets,
    }
