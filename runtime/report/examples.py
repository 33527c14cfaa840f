"""Examples worth reading: the errors that every model makes, and those where models disagree.

In: prediction files of finished cells and the data that they were made from. Out: JSON for the `examples` of results.json.
Not here: how they are drawn (`sections/reading.py`).

The choice is deterministic. Cells of one run and task are compared; the cells of one model (its seeds, its folds) vote. A model that
gives one answer to everything says nothing about an example and has no vote on whether "every model" errs, unless all are like that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.example_cell import LONGEST_TEXT, ExampleCell, input_texts, prompt_ends, rows_of
from benchc.runtime.report.language_examples import DOCUMENT, SAMPLE, choice_details, documents, text_examples
from benchc.runtime.report.naming import variant_names
from benchc.runtime.statistics.language_diagnostics import some_rows

OPENING = 160  # characters of a text whose likelihood is measured
LONGEST_CHOICE = 2_000  # characters of a choice that are kept
PROMPTED = ("multiple_choice", "generation")  # kinds whose prompts' ends are shown
EVERY_MODEL_WRONG = "every_model_wrong"
MODELS_DISAGREE = "models_disagree"

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Chosen: TypeAlias = list[tuple[str, int]]  # sort, place in `ids`


@dataclass(frozen=True, slots=True)
class _Predictions:
    """The columns of one cell's prediction file that matter here."""

    ids: pa.Array
    targets: list[Any]
    answers: list[Any]
    confidences: Floats  # probability of the answer, NaN where there is none


@dataclass(frozen=True, slots=True)
class _LabelVotes:
    """One model's answers to `n` examples. Labels are numbered in `labels`."""

    answer: Integers  # the label most cells gave; on a tie the first in the order of labels
    votes: Integers
    of: Integers
    confidence: Floats  # mean over the cells that gave the answer; NaN without probabilities


def select_examples(cells: Sequence[ExampleCell], most: int) -> list[Json]:
    """At most `most` examples of each sort for each run and task, the most confident errors first, ties by id.

    Each is `{"run", "task", "split", "sort": "every_model_wrong"|"models_disagree", "id", "target", "inputs": {FIELD: text},
    "cut": {FIELD: characters left out}, "answers": [{"model", "answer", "votes", "of", "correct", "confidence"}]}`.
    Of questions with choices also "choices", "scores" by model, "prompt_end" and "prompt_before"; of generation see `text_examples`.
    `correct` is null for numbers; `confidence` is null where a model gives no probabilities. Numbers are never just right or wrong:
    first come those where even the best model is farthest off, and those where models lie farthest apart.
    """
    if most <= 0:
        return []
    groups: dict[tuple[str, str], list[ExampleCell]] = {}
    for cell in cells:
        groups.setdefault((cell.run, cell.task), []).append(cell)
    return [example for group in groups.values() for example in _of_task(group, most)]


def _of_task(cells: Sequence[ExampleCell], most: int) -> list[Json]:
    names = variant_names([(cell.model, cell.train, cell.params) for cell in cells])
    models: dict[str, list[ExampleCell]] = {}
    for cell, name in zip(cells, names, strict=True):
        models.setdefault(name, []).append(cell)
    firsts = {name: min(own, key=lambda cell: cell.seed) for name, own in models.items()}
    examples = _chosen(cells[0].task_kind, models, firsts, most)
    ids = {str(example["id"]) for example in examples}
    rows = rows_of(cells, ids) if ids else {}
    ends = prompt_ends(cells, ids) if ids and cells[0].task_kind in PROMPTED else {}
    head: dict[str, Json] = {"run": cells[0].run, "task": cells[0].task, "split": cells[0].split_name}
    longest = OPENING if cells[0].task_kind == "language_modeling" else LONGEST_TEXT
    made = [
        {**head, **one, **input_texts(rows.get(str(one["id"]), {}), cells[0].inputs, longest), **ends.get(str(one["id"]), {})}
        for one in examples
    ]
    return [*_with_choices(made, cells[0], firsts, rows)]


def _chosen(kind: str, models: Mapping[str, Sequence[ExampleCell]], firsts: Mapping[str, ExampleCell], most: int) -> list[dict[str, Json]]:
    if kind == "generation":
        return text_examples(firsts, most)
    if kind == "language_modeling":  # texts whose likelihood is measured are neither right nor wrong
        return [{"sort": DOCUMENT, "id": one, "target": None, "answers": []} for one in documents(firsts, most)]
    choose = _pairs if all(_compares_pairs(cell) for cell in firsts.values()) else CHOOSE[kind]
    read = {name: [_read(cell.predictions) for cell in cells] for name, cells in models.items()}
    ids = _shared_ids(read)
    return choose(read, ids, most) if len(ids) else []


def _compares_pairs(cell: ExampleCell) -> bool:
    return cell.primary is not None and cell.primary.call["call"] == "preference_rate"


def _with_choices(
    examples: list[dict[str, Json]], cell: ExampleCell, firsts: Mapping[str, ExampleCell], rows: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Json]]:
    """The texts to choose from, and what the first cell of each model says of them."""
    if cell.choices is None:
        return examples
    details = choice_details(firsts, {str(one["id"]) for one in examples})
    for one in examples:
        name = str(one["id"])
        offered = rows.get(name, {}).get(cell.choices) or []
        one["choices"] = [str(text)[:LONGEST_CHOICE] for text in offered]
        one["scores"] = {model: scores for model, scores in details[name].items() if scores}
    return examples


def _read(path: Path) -> _Predictions:
    file = pq.ParquetFile(path)
    metadata = file.schema_arrow.metadata or {}
    probabilities = metadata.get(b"benchc.scores") == b"probability" and "scores" in file.schema_arrow.names
    table = file.read(columns=["id", "target", "prediction", *(["scores"] if probabilities else [])])
    confidences = _highest(table.column("scores")) if probabilities else np.full(table.num_rows, np.nan)
    ids = table.column("id").cast(pa.string()).combine_chunks()
    return _Predictions(ids, table.column("target").to_pylist(), table.column("prediction").to_pylist(), confidences)


def _highest(scores: pa.ChunkedArray) -> Floats:
    """The largest score of each row; a row holds one score for each label, or for each of its choices."""
    column = scores.combine_chunks()
    flat = np.asarray(column.flatten(), dtype=np.float64)
    starts = np.asarray(column.offsets)[:-1] - column.offsets[0].as_py()
    return np.maximum.reduceat(flat, starts) if len(column) else flat


def _shared_ids(models: Mapping[str, Sequence[_Predictions]]) -> pa.Array:
    """Ids of the examples that every model answered, sorted."""
    shared: pa.Array | None = None
    for cells in models.values():
        ids = pc.unique(pa.concat_arrays([cell.ids for cell in cells]))
        shared = ids if shared is None else shared.filter(pc.is_in(shared, value_set=ids))
    assert shared is not None, "a group holds at least one cell"
    return shared.take(pc.sort_indices(shared))


def _labels(models: Mapping[str, Sequence[_Predictions]], ids: pa.Array, most: int) -> list[dict[str, Json]]:
    return _answered(models, ids, lambda votes, target: _rank_labels(votes, target, most))


def _pairs(models: Mapping[str, Sequence[_Predictions]], ids: pa.Array, most: int) -> list[dict[str, Json]]:
    """Of two texts neither is right: a sample that looks at nothing but the ids."""
    places = some_rows(ids.to_pylist(), most)
    return _answered(models, ids, lambda votes, target: [(SAMPLE, at) for at in places])


def _answered(
    models: Mapping[str, Sequence[_Predictions]], ids: pa.Array, rank: Callable[[list[_LabelVotes], Integers], Chosen]
) -> list[dict[str, Json]]:
    labels = sorted({label for cells in models.values() for cell in cells for label in (*cell.targets, *cell.answers)})
    number = {label: at for at, label in enumerate(labels)}
    target = _targets(models, ids, number)
    votes = {name: _vote(cells, ids, number) for name, cells in models.items()}
    informed = [vote for vote in votes.values() if len(np.unique(vote.answer)) > 1] or list(votes.values())
    return [
        {
            "sort": sort,
            "id": ids[at].as_py(),
            "target": labels[target[at]],
            "answers": [_label_answer(name, vote, at, labels, int(target[at])) for name, vote in votes.items()],
        }
        for sort, at in rank(informed, target)
    ]


def _targets(models: Mapping[str, Sequence[_Predictions]], ids: pa.Array, number: Mapping[str, int]) -> Integers:
    target = np.zeros(len(ids), dtype=np.int64)
    for cell in next(iter(models.values())):
        rows, places = _rows_of(cell, ids)
        target[places] = [number[cell.targets[row]] for row in rows]
    return target


def _rows_of(cell: _Predictions, ids: pa.Array) -> tuple[Integers, Integers]:
    """Rows of the cell that stand in `ids`, and their places there; of rows with equal ids the first."""
    places = np.asarray(pc.fill_null(pc.index_in(cell.ids, value_set=ids), -1), dtype=np.int64)
    found, first = np.unique(places, return_index=True)
    keep = found >= 0
    return first[keep].astype(np.int64), found[keep]


def _vote(cells: Sequence[_Predictions], ids: pa.Array, number: Mapping[str, int]) -> _LabelVotes:
    answers = np.full((len(cells), len(ids)), -1, dtype=np.int64)
    confidences = np.full((len(cells), len(ids)), np.nan)
    for at, cell in enumerate(cells):
        rows, places = _rows_of(cell, ids)
        answers[at, places] = [number[cell.answers[row]] for row in rows]
        confidences[at, places] = cell.confidences[rows]
    best = np.zeros(len(ids), dtype=np.int64)
    votes = np.zeros(len(ids), dtype=np.int64)
    for label in range(len(number)):
        count = (answers == label).sum(axis=0)
        best = np.where(count > votes, label, best)
        votes = np.maximum(votes, count)
    agree = np.where(answers == best, confidences, np.nan)
    known = (~np.isnan(agree)).sum(axis=0)
    mean = np.where(known > 0, np.nansum(agree, axis=0) / np.maximum(known, 1), np.nan)
    return _LabelVotes(best, votes, (answers >= 0).sum(axis=0), mean)


def _rank_labels(votes: Sequence[_LabelVotes], target: Integers, most: int) -> Chosen:
    answers = np.stack([vote.answer for vote in votes])
    confidence = np.nan_to_num(np.stack([vote.confidence for vote in votes]))
    right = answers == target
    all_wrong = ~right.any(axis=0)
    disagree = ~all_wrong & (answers != answers[0]).any(axis=0)
    surest_right = np.where(right, confidence, 0.0).max(axis=0)
    surest_wrong = np.where(right, 0.0, confidence).max(axis=0)
    wrong = _first(all_wrong, confidence.mean(axis=0), most)
    split = _first(disagree, surest_right + surest_wrong, most)
    return [(EVERY_MODEL_WRONG, at) for at in wrong] + [(MODELS_DISAGREE, at) for at in split]


def _first(mask: npt.NDArray[np.bool_], weight: Floats, most: int) -> list[int]:
    """Places where `mask` holds, by falling weight, ties in order of place (ids are sorted)."""
    places = np.flatnonzero(mask)
    return [int(at) for at in places[np.argsort(-weight[places], kind="stable")][:most]]


def _label_answer(name: str, vote: _LabelVotes, at: int, labels: Sequence[str], target: int) -> Json:
    confidence = float(vote.confidence[at])
    return {
        "model": name,
        "answer": labels[vote.answer[at]],
        "votes": int(vote.votes[at]),
        "of": int(vote.of[at]),
        "correct": int(vote.answer[at]) == target,
        "confidence": None if np.isnan(confidence) else confidence,
    }


def _numbers(models: Mapping[str, Sequence[_Predictions]], ids: pa.Array, most: int) -> list[dict[str, Json]]:
    target = _means([cell for cells in models.values() for cell in cells], ids, "targets")
    answers = {name: _means(cells, ids, "answers") for name, cells in models.items()}
    informed = [answer for answer in answers.values() if np.ptp(answer) > 0] or list(answers.values())
    together = np.stack(informed)
    everywhere = np.ones(len(ids), dtype=np.bool_)
    far = _first(everywhere, np.abs(together - target).min(axis=0), most)
    apart = _first(everywhere, np.ptp(together, axis=0), most) if len(informed) > 1 else []
    return [
        {
            "sort": sort,
            "id": ids[at].as_py(),
            "target": float(target[at]),
            "answers": [_number_answer(name, float(answer[at]), len(models[name])) for name, answer in answers.items()],
        }
        for sort, at in [(EVERY_MODEL_WRONG, at) for at in far] + [(MODELS_DISAGREE, at) for at in apart]
    ]


def _means(cells: Sequence[_Predictions], ids: pa.Array, column: str) -> Floats:
    """The mean over cells of a column, for each id."""
    total, count = np.zeros(len(ids)), np.zeros(len(ids))
    for cell in cells:
        rows, places = _rows_of(cell, ids)
        total[places] += np.asarray(cell.targets if column == "targets" else cell.answers, dtype=np.float64)[rows]
        count[places] += 1
    return total / count


def _number_answer(name: str, answer: float, of: int) -> Json:
    return {"model": name, "answer": answer, "votes": of, "of": of, "correct": None, "confidence": None}


CHOOSE: Final = {"classification": _labels, "multiple_choice": _labels, "regression": _numbers, "similarity": _numbers}
