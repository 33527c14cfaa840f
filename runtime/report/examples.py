"""Examples worth reading: the errors that every model makes, and those where models disagree.

In: prediction files of finished cells and the data that they were made from. Out: JSON for the `examples` of results.json.
Not here: how they are drawn (`sections/reading.py`).

The choice is deterministic. Cells of one run and task are compared; the cells of one model (its seeds, its folds) vote. A model that
gives one answer to everything says nothing about an example and has no vote on whether "every model" errs, unless all are like that.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json
from benchc.runtime.report.naming import variant_names

LONGEST_TEXT = 10_000  # characters of an input that are kept; what is left out is counted
EVERY_MODEL_WRONG = "every_model_wrong"
MODELS_DISAGREE = "models_disagree"


@dataclass(frozen=True, slots=True)
class ExampleCell:
    """A finished cell. `predictions` is its parquet file, `load` and `split` the folders of these steps, `inputs` the task's input fields."""

    cell: str
    run: str
    task: str
    task_kind: str
    model: str
    train: str | None
    params: Mapping[str, Json]
    seed: int
    split_name: str  # the split that was evaluated
    predictions: Path
    load: Path
    split: Path
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one cell answered to one example."""

    target: str | float
    answer: str | float
    confidence: float | None  # probability that the model gave to its answer


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What one model answered to one example, over its cells. For numbers, `answer` is the first cell's."""

    model: str
    answer: str | float
    votes: int
    of: int
    correct: bool | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class _Case:
    """One example with the answer of each model, in the models' order."""

    id: str
    target: str | float
    opinions: tuple[_Opinion, ...]
    informed: tuple[_Opinion, ...]  # those of models that do not answer always the same


def select_examples(cells: Sequence[ExampleCell], most: int) -> list[Json]:
    """At most `most` examples of each sort for each run and task, the most confident errors first, ties by id.

    Each is `{"run", "task", "split", "sort": "every_model_wrong"|"models_disagree", "id", "target", "inputs": {FIELD: text},
    "cut": {FIELD: characters left out}, "answers": [{"model", "answer", "votes", "of", "correct", "confidence"}]}`.
    `correct` is null for numbers; `confidence` is null where a model gives no probabilities.
    """
    if most <= 0:
        return []
    groups: dict[tuple[str, str], list[ExampleCell]] = {}
    for cell in cells:
        groups.setdefault((cell.run, cell.task), []).append(cell)
    return [example for group in groups.values() for example in _of_task(group, most)]


def _of_task(cells: Sequence[ExampleCell], most: int) -> list[Json]:
    cases = _cases(cells)
    ranking = _rank_labels if cells[0].task_kind == "classification" else _rank_numbers
    chosen = [(sort, case) for sort, ranked in ranking(cases).items() for case in ranked[:most]]
    texts = _input_texts(cells, {case.id for _, case in chosen})
    return [_as_json(cells[0], sort, case, texts.get(case.id, {})) for sort, case in chosen]


def _rank_labels(cases: Iterable[_Case]) -> dict[str, list[_Case]]:
    wrong: list[tuple[float, str, _Case]] = []
    split: list[tuple[float, str, _Case]] = []
    for case in cases:
        voters = case.informed
        if voters and all(not opinion.correct for opinion in voters):
            wrong.append((-_mean_confidence(voters), case.id, case))
        elif len({opinion.answer for opinion in voters}) > 1:
            right = max((opinion.confidence or 0.0 for opinion in voters if opinion.correct), default=0.0)
            false = max((opinion.confidence or 0.0 for opinion in voters if not opinion.correct), default=0.0)
            split.append((-(right + false), case.id, case))
    return {EVERY_MODEL_WRONG: _in_order(wrong), MODELS_DISAGREE: _in_order(split)}


def _rank_numbers(cases: Iterable[_Case]) -> dict[str, list[_Case]]:
    """Numbers are never just right or wrong: first where even the best model is farthest off, then where models lie farthest apart."""
    far: list[tuple[float, str, _Case]] = []
    apart: list[tuple[float, str, _Case]] = []
    for case in cases:
        answers = [float(opinion.answer) for opinion in case.informed]
        if not answers:
            continue
        far.append((-min(abs(answer - float(case.target)) for answer in answers), case.id, case))
        if len(answers) > 1:
            apart.append((min(answers) - max(answers), case.id, case))
    return {EVERY_MODEL_WRONG: _in_order(far), MODELS_DISAGREE: _in_order(apart)}


def _in_order(ranked: list[tuple[float, str, _Case]]) -> list[_Case]:
    return [case for _, _, case in sorted(ranked, key=lambda item: item[:2])]


def _mean_confidence(opinions: Sequence[_Opinion]) -> float:
    known = [opinion.confidence for opinion in opinions if opinion.confidence is not None]
    return sum(known) / len(known) if known else 0.0


def _cases(cells: Sequence[ExampleCell]) -> list[_Case]:
    """The examples that every model answered."""
    names = variant_names([(cell.model, cell.train, cell.params) for cell in cells])
    by_model: dict[str, list[dict[str, _Answer]]] = {}
    for cell, name in zip(cells, names, strict=True):
        by_model.setdefault(name, []).append(_read_answers(cell.predictions))
    informed = {name for name, answers in by_model.items() if len({a.answer for one in answers for a in one.values()}) > 1} or set(by_model)
    shared = set.intersection(*({id for one in answers for id in one} for answers in by_model.values()))
    return [_case(id, by_model, informed) for id in sorted(shared)]


def _case(id: str, by_model: Mapping[str, Sequence[Mapping[str, _Answer]]], informed: set[str]) -> _Case:
    answers = {name: [one[id] for one in cells if id in one] for name, cells in by_model.items()}
    opinions = tuple(_opinion(name, given) for name, given in answers.items())
    target = next(iter(answers.values()))[0].target
    return _Case(id, target, opinions, tuple(opinion for opinion in opinions if opinion.model in informed))


def _opinion(model: str, answers: Sequence[_Answer]) -> _Opinion:
    first = answers[0]
    if isinstance(first.target, float):
        return _Opinion(model, first.answer, 1, len(answers), None, None)
    counted = Counter(answer.answer for answer in answers)
    answer, votes = min(counted.items(), key=lambda item: (-item[1], str(item[0])))
    confidences = [one.confidence for one in answers if one.answer == answer and one.confidence is not None]
    confidence = sum(confidences) / len(confidences) if confidences else None
    return _Opinion(model, answer, votes, len(answers), answer == first.target, confidence)


def _read_answers(path: Path) -> dict[str, _Answer]:
    file = pq.ParquetFile(path)
    metadata = file.schema_arrow.metadata or {}
    probabilities = metadata.get(b"benchc.scores") == b"probability" and "scores" in file.schema_arrow.names
    columns = ["id", "target", "prediction"] + (["scores"] if probabilities else [])
    table = file.read(columns=columns)
    ids, targets, predictions = (table.column(name).to_pylist() for name in columns[:3])
    confidences = _highest(table.column("scores")) if probabilities else [None] * len(ids)
    answers: dict[str, _Answer] = {}
    for id, target, prediction, confidence in zip(ids, targets, predictions, confidences, strict=True):
        answers.setdefault(str(id), _Answer(target, prediction, confidence))
    return answers


def _highest(scores: pa.ChunkedArray) -> list[float | None]:
    """The largest score of each row; all rows have as many scores as there are labels."""
    column = scores.combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    rows = len(column)
    if rows == 0 or len(flat) == 0 or len(flat) % rows:
        return [None] * rows
    return [float(value) for value in flat.reshape(rows, -1).max(axis=1)]


def _input_texts(cells: Sequence[ExampleCell], ids: set[str]) -> dict[str, dict[str, str]]:
    """The input fields of the examples `ids`, from the data of the first cells that hold them."""
    from benchc.runtime.data.view import open_data

    found: dict[str, dict[str, str]] = {}
    opened: set[tuple[Path, Path, str]] = set()
    for cell in cells:
        place = (cell.load, cell.split, cell.split_name)
        missing = sorted(ids - found.keys())
        if not missing or place in opened:
            continue
        opened.add(place)
        rows = open_data(cell.load, cell.split).rows(cell.split_name)
        wanted = rows.filter(pc.is_in(rows.column("_id"), value_set=pa.array(missing, pa.string())))
        for row in wanted.select(["_id", *cell.inputs]).to_pylist():
            found.setdefault(row["_id"], {field: "" if row[field] is None else str(row[field]) for field in cell.inputs})
    return found


def _as_json(cell: ExampleCell, sort: str, case: _Case, inputs: Mapping[str, str]) -> Json:
    return {
        "run": cell.run,
        "task": cell.task,
        "split": cell.split_name,
        "sort": sort,
        "id": case.id,
        "target": case.target,
        "inputs": {field: text[:LONGEST_TEXT] for field, text in inputs.items()},
        "cut": {field: len(text) - LONGEST_TEXT for field, text in inputs.items() if len(text) > LONGEST_TEXT},
        "answers": [
            {
                "model": opinion.model,
                "answer": opinion.answer,
                "votes": opinion.votes,
                "of": opinion.of,
                "correct": opinion.correct,
                "confidence": opinion.confidence,
            }
            for opinion in case.opinions
        ],
    }
