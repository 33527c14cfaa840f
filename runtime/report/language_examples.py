"""Examples of tasks that language models do: what they said of each choice, what they wrote.

In: finished cells of one task, ids. Out: parts of examples as JSON. Not here: which questions with choices are shown (`examples`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json
from benchc.runtime.extraction import finding
from benchc.runtime.metrics.examples import take
from benchc.runtime.metrics.predictions import read_predictions
from benchc.runtime.metrics.registry import metric_of
from benchc.runtime.report.example_cell import LONGEST_TEXT, ExampleCell, Scored
from benchc.runtime.statistics.language_diagnostics import MOST_DOCUMENTS, some_rows

NOT_EXTRACTED: Final = "not_extracted"
DOCUMENT: Final = "document"
SAMPLE: Final = "sample"
MOST_SAMPLES: Final = 5  # texts of one example and model
LONGEST_DETAIL: Final = 2_000  # characters of what a failed program said

Rows = Mapping[str, Mapping[str, Any]]  # predictions by id


def choice_details(models: Mapping[str, ExampleCell], ids: set[str]) -> dict[str, dict[str, list[Json]]]:
    """By id and model: for each choice its probability and log-likelihood, null where a model gives none."""
    read = {name: _rows(cell.predictions, ids, ("scores", "log_likelihoods")) for name, cell in models.items()}
    return {one: {name: _details(rows[one]) for name, rows in read.items() if one in rows} for one in ids}


def _details(row: Mapping[str, Any]) -> list[Json]:
    probabilities, likelihoods = (row.get(name) or () for name in ("scores", "log_likelihoods"))
    count = max(len(probabilities), len(likelihoods))
    return [{"probability": _at(probabilities, place), "log_likelihood": _at(likelihoods, place)} for place in range(count)]


def _at(values: Sequence[float], place: int) -> Json:
    return float(values[place]) if place < len(values) and np.isfinite(values[place]) else None


def text_examples(models: Mapping[str, ExampleCell], most: int) -> list[dict[str, Json]]:
    """Written texts: those where a model gave no answer, then a sample that looks at nothing but the ids, at most `most` of each sort."""
    shared = _shared(models)
    failed = [one for one in shared if any(_has_no_answer(cell, one, given) for cell, given in _answers(models))]
    answered = sorted(set(shared) - set(failed))
    chosen = [(NOT_EXTRACTED, failed[at]) for at in some_rows(failed, most)]
    chosen += [(SAMPLE, answered[at]) for at in some_rows(answered, most)]
    ids = {one for _, one in chosen}
    answers = {name: _written(cell, ids) for name, cell in models.items()}
    targets = _rows(next(iter(models.values())).predictions, ids, ("target",))
    return [
        {
            "sort": sort,
            "id": one,
            "target": targets[one]["target"],
            "answers": [{"model": name, **of_model[one]} for name, of_model in answers.items()],
        }
        for sort, one in chosen
    ]


def _shared(models: Mapping[str, ExampleCell]) -> list[str]:
    """Ids that every model answered, sorted."""
    each = [set(map(str, pq.read_table(cell.predictions, columns=["id"])["id"].to_pylist())) for cell in models.values()]
    return sorted(set.intersection(*each))


def _answers(models: Mapping[str, ExampleCell]) -> list[tuple[ExampleCell, dict[str, Any]]]:
    """Of the cells whose answers were extracted, the answer of each example."""
    found = []
    for cell in models.values():
        if cell.extract is not None:
            table = pq.read_table(cell.predictions, columns=["id", "prediction"])
            found.append((cell, dict(zip(map(str, table["id"].to_pylist()), table["prediction"].to_pylist(), strict=True))))
    return found


def _has_no_answer(cell: ExampleCell, one: str, given: Mapping[str, Any]) -> bool:
    return one in given and given[one] is None


def documents(models: Mapping[str, ExampleCell], most: int) -> list[str]:
    """Ids of the texts that diagnostics list one by one; none where nothing is to be read."""
    shared = _shared(models) if most > 0 else []
    return [shared[at] for at in some_rows(shared, MOST_DOCUMENTS)]


def _written(cell: ExampleCell, ids: set[str]) -> dict[str, dict[str, Json]]:
    rows = _rows(cell.predictions, ids, ("generations", "ended", "tokens", "extracted", "prediction"))
    tests: Rows = {}
    if cell.examined is not None:
        tests = _rows(cell.examined / "predictions.parquet", ids, ("passed", "outcomes", "details"))
    scores = {} if cell.primary is None else _scores(cell.primary, ids)
    return {one: {**_answer(cell, row, tests.get(one, {})), "score": scores.get(one)} for one, row in rows.items()}


def _answer(cell: ExampleCell, row: Mapping[str, Any], tests: Mapping[str, Any]) -> dict[str, Json]:
    texts = row["generations"]
    return {
        "answer": row.get("prediction"),
        "extracted": cell.extract is not None,
        "samples": [_text(cell, row, tests, place) for place in range(min(len(texts), MOST_SAMPLES))],
        "samples_in_all": len(texts),
        "samples_passed": sum(tests["passed"]) if tests.get("passed") is not None else None,
    }


def _text(cell: ExampleCell, row: Mapping[str, Any], tests: Mapping[str, Any], place: int) -> Json:
    """`start`, `end`: where in the text the answer stands; null where there is none, or it is the whole text as it came."""
    text = row["generations"][place]
    found = None if cell.extract is None else finding(cell.extract)(text)
    marked = found is not None and found.end <= LONGEST_TEXT
    detail = _item(tests, "details", place)
    return {
        "text": text[:LONGEST_TEXT],
        "left_out": max(0, len(text) - LONGEST_TEXT),
        "ended": _item(row, "ended", place),
        "tokens": _item(row, "tokens", place),
        "answer": None if found is None else found.answer,
        "start": found.start if found is not None and marked else None,
        "end": found.end if found is not None and marked else None,
        "outcome": _item(tests, "outcomes", place),
        "detail": detail[:LONGEST_DETAIL] if isinstance(detail, str) else None,
    }


def _item(row: Mapping[str, Any], name: str, place: int) -> Any:
    values = row.get(name)
    return values[place] if isinstance(values, list) and place < len(values) else None


def _scores(of: Scored, ids: set[str]) -> dict[str, Json]:
    """The metric on each of these examples; nothing for one that has no value on a single example."""
    metric, known = metric_of(of.call), read_predictions(of.predictions)
    rows = np.array([at for at, one in enumerate(known.ids) if str(one) in ids], dtype=np.int64)
    values = metric.per_example(take(known.examples, rows), of.call) if len(rows) else None
    if values is None:
        return {}
    return {str(known.ids[row]): {"metric": of.name, "value": float(value)} for row, value in zip(rows, values, strict=True)}


def _rows(path: Path, ids: set[str], columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    file = pq.ParquetFile(path)
    table = file.read(["id", *(name for name in columns if name in file.schema_arrow.names)])
    wanted = table.filter(pc.is_in(table["id"].cast(pa.string()), value_set=pa.array(sorted(ids), pa.string())))
    return {str(row["id"]): row for row in wanted.to_pylist()}
