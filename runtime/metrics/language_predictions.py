"""Predictions of the kinds of task that language models do, from columns to examples.

In: the table of a predictions file, sorted by id. Out: examples. Not here: files and ids (`predictions`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from benchc.runtime.metrics.examined_columns import passed_samples, similarities
from benchc.runtime.metrics.examples import ChoiceExamples, ChoiceLengths, Floats, Indices, PassageExamples, TextExamples, Texts
from benchc.runtime.metrics.ragged import Ragged
from benchc.runtime.work import StepFailed

LANGUAGE_COLUMNS = (
    *("log_likelihoods", "unconditional", "tokens", "bytes", "characters"),
    *("generations", "extracted", "passed", "outcomes", "details", "similarity"),
    *("log_likelihood", "words"),
)
VOTED = b"benchc.voted"  # in the file's metadata: `prediction` is the answer of all samples together


def read_choices(table: pa.Table) -> ChoiceExamples:
    """Raises StepFailed when a target is none of its row's choices, or a likelihood is not a number."""
    target, prediction = (table[name].cast(pa.int64()).to_numpy() for name in ("target", "prediction"))
    probabilities = _ragged(table, "scores")
    likelihoods = _ragged(table, "log_likelihoods")
    widths = next((known.lengths for known in (likelihoods, probabilities) if known is not None), None)
    if widths is not None:
        _refuse_outside(table, target, widths)
    lengths = None
    if likelihoods is not None:
        sizes = [_ragged(table, name) for name in ("bytes", "characters", "tokens")]
        assert sizes[0] is not None
        assert sizes[1] is not None
        assert sizes[2] is not None
        lengths = ChoiceLengths(sizes[0], sizes[1], sizes[2])
        _refuse_not_numbers(table, likelihoods)
    return ChoiceExamples(target, prediction, probabilities, likelihoods, lengths, _ragged(table, "unconditional"))


def read_texts(table: pa.Table, metadata: Mapping[bytes, bytes]) -> TextExamples:
    """Raises StepFailed when what was examined does not fit the answers."""
    answers = answers_in(table, metadata)
    similarity, passed = similarities(table, answers), passed_samples(table)
    return TextExamples(
        objects(table["target"].to_pylist()),
        objects([tuple(of_example) for of_example in answers]),
        None if similarity is None else objects(similarity),
        None if passed is None else objects(passed),
    )


def answers_in(table: pa.Table, metadata: Mapping[bytes, bytes]) -> list[list[str | None]]:
    """An example's answers: the one that its samples voted for, else what was extracted of each, else the texts as they are."""
    if metadata.get(VOTED) == b"true":
        return [[answer] for answer in table["prediction"].to_pylist()]
    found: list[list[str | None]] = table["extracted" if "extracted" in table.column_names else "generations"].to_pylist()
    return found


def read_passages(table: pa.Table) -> PassageExamples:
    log_likelihood: Floats = table["log_likelihood"].to_numpy(zero_copy_only=False).astype(np.float64)
    strange = np.flatnonzero(~np.isfinite(log_likelihood))
    if len(strange):
        raise StepFailed(
            "not_finite", f"the log-likelihood of {len(strange)} texts is not a finite number, the first is {_row(table, strange)}"
        )
    tokens, words, size = (table[name].to_numpy().astype(np.int64) for name in ("tokens", "words", "bytes"))
    return PassageExamples(log_likelihood, tokens, words, size)


def objects(values: Sequence[Any]) -> Texts:
    """(n,) any values, also such that numpy would take for arrays."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _ragged(table: pa.Table, name: str) -> Ragged | None:
    if name not in table.column_names or not pa.types.is_list(table.schema.field(name).type):
        return None
    lists = table[name].combine_chunks()
    lists = lists if isinstance(lists, pa.Array) else pa.concat_arrays(lists.chunks)
    offsets = lists.offsets.to_numpy().astype(np.int64)
    values = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    return Ragged(values, offsets - offsets[0])


def _refuse_outside(table: pa.Table, target: Indices, widths: Indices) -> None:
    strange = np.flatnonzero((target < 0) | (target >= widths))
    if len(strange):
        raise StepFailed(
            "target_not_a_choice",
            f"the right answer of {len(strange)} rows is none of their choices, the first is {_row(table, strange)}",
            "mend the rows, or leave them out",
        )


def _refuse_not_numbers(table: pa.Table, likelihoods: Ragged) -> None:
    strange = np.flatnonzero(np.isnan(likelihoods.like(likelihoods.values).sums()))
    if len(strange):
        raise StepFailed("not_finite", f"a log-likelihood of {len(strange)} rows is not a number, the first is {_row(table, strange)}")


def _row(table: pa.Table, rows: Indices) -> str:
    return f"`{table['id'][int(rows[0])].as_py()}`"
