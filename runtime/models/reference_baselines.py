"""Baselines that learn nothing: answers to questions with choices, and texts, made from the rows that are asked about.

`majority` looks at one thing more: where the right choice stands in the rows of train (of dev where there is no train). `uniform` draws
from the seed and the row's identity.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import cast

import numpy as np
import numpy.typing as npt

from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.family import Predicted, PredictJob
from benchc.runtime.seeds import derive_seed, row_hashes, uniforms
from benchc.runtime.tasks import KINDS
from benchc.runtime.tasks.answers import ChoiceAnswers, Reals, TextAnswers
from benchc.runtime.work import StepFailed

SENTENCE_END = re.compile(r"""[.!?]+["')\]”’]*(?:\s+|$)|[。！？]+["')\]”’]*\s*|\s*\n\s*""")

Indices = npt.NDArray[np.int64]


def predict(job: PredictJob) -> Predicted:
    assert job.model is not None
    answer = cast("Mapping[str, Json]", cast("Mapping[str, Json]", job.model["source"])["answer"])
    match job.task.kind:
        case "multiple_choice":
            return Predicted(_choose(job, str(answer["call"])))
        case "generation":
            return Predicted(_write(job, answer))
        case kind:
            raise StepFailed("unknown_baseline", f"the baseline `{answer['call']}` does no {kind}")


def _choose(job: PredictJob, answer: str) -> ChoiceAnswers:
    assert job.task.choices is not None
    choices = cast("list[list[str]]", job.view.column(job.split, job.task.choices).to_pylist())
    widths = np.array([len(of_row) for of_row in choices], np.int64)
    match answer:
        case "oracle":
            return _certain(_targets(job, job.split), widths)
        case "longest_choice":
            longest = [max(range(len(of_row)), key=lambda place: len(of_row[place])) for of_row in choices]
            return ChoiceAnswers(np.array(longest, np.int64), None, None)
        case "uniform":
            drawn = uniforms(row_hashes(job.view.column(job.split, "_id")), derive_seed(job.seed, answer))
            return ChoiceAnswers((drawn * widths).astype(np.int64), tuple((1 / width,) * width for width in widths.tolist()), None)
        case "majority":
            return _usual_place(_shares_of_places(job), widths)
        case _:
            raise StepFailed("unknown_baseline", f"the baseline `{answer}` answers no questions with choices")


def _targets(job: PredictJob, split: str) -> Indices:
    return cast(Indices, KINDS["multiple_choice"].targets(job.view, job.task, split))


def _certain(chosen: Indices, widths: Indices) -> ChoiceAnswers:
    rows: Reals = tuple(tuple(float(place == right) for place in range(width)) for right, width in zip(chosen, widths, strict=True))
    return ChoiceAnswers(chosen, rows, None)


def _shares_of_places(job: PredictJob) -> npt.NDArray[np.float64]:
    """How often the right choice stands at each place, of rows that are not scored."""
    split = next((name for name in ("train", "dev") if name != job.split and len(job.view.row_numbers(name))), None)
    if split is None:
        raise StepFailed("split_missing", "`baseline(majority)` needs a train or dev split to see where the right choices stand")
    targets = _targets(job, split)
    return np.bincount(targets) / len(targets)


def _usual_place(shares: npt.NDArray[np.float64], widths: Indices) -> ChoiceAnswers:
    rows = []
    for width in widths.tolist():
        known = np.zeros(width)
        known[: min(width, len(shares))] = shares[:width]
        rows.append(known / known.sum() if known.sum() else np.full(width, 1 / width))
    return ChoiceAnswers(np.array([row.argmax() for row in rows], np.int64), tuple(tuple(row.tolist()) for row in rows), None)


def _write(job: PredictJob, answer: Mapping[str, Json]) -> TextAnswers:
    texts = _texts(job, answer)
    samples = cast(int, (job.decode or {}).get("samples") or 1)
    return TextAnswers(tuple((text,) * samples for text in texts), (("end",) * samples,) * len(texts), None, None)


def _texts(job: PredictJob, answer: Mapping[str, Json]) -> Sequence[str]:
    match answer["call"]:
        case "oracle":
            return [str(text) for text in KINDS["generation"].targets(job.view, job.task, job.split)]
        case "copy_input":
            return _inputs(job)
        case "lead":
            count = cast(int, answer["sentences"])
            return [lead(text, count) for text in _inputs(job)]
        case name:
            raise StepFailed("unknown_baseline", f"the baseline `{name}` writes no texts")


def _inputs(job: PredictJob) -> Sequence[str]:
    columns = [job.view.column(job.split, name).to_pylist() for name in job.task.inputs]
    return ["\n".join(text or "" for text in of_row) for of_row in zip(*columns, strict=True)]


def lead(text: str, sentences: int) -> str:
    """The text up to the end of its n-th sentence: at `.`, `!` or `?` before white space, at their Chinese forms, at a line's end."""
    text = text.strip()
    ends = [match.end() for match in islice(SENTENCE_END.finditer(text), sentences)]
    return text[: ends[-1]].rstrip() if len(ends) == sentences else text
