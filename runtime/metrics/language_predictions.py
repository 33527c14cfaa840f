"""Predictions of the kinds of task that language models do, from columns to examples.

In: the table of a predictions file, sorted by id. Out: examples. Not here: files and ids (`predictions`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchc.runtime.metrics.examples import ChoiceExamples, ChoiceLengths, Floats, Indices, PassageExamples, TextExamples, Texts
from benchc.runtime.metrics.ragged import Ragged
from benchc.runtime.work import StepFailed

LANGUAGE_COLUMNS = (
    *("log_likelihoods", "unconditional", "tokens", "bytes", "characters"),
    *("generations", "extracted", "passed", "outcomes", "details", "similarity"),
    *("log_likelihood", "words"),
)
EXAMINED = {"passed": pa.bool_(), "outcomes": pa.string(), "details": pa.string()}  # written by `examine`, a list for each row
PASSED = "passed"  # the outcome of a program that did
AGAIN = "run again with an empty store (`--cache`)"
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
    return TextExamples(
        objects(table["target"].to_pylist()),
        objects([tuple(of_example) for of_example in answers_in(table, metadata)]),
        _similarity(table),
        _passed(table),
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


def _similarity(table: pa.Table) -> Texts | None:
    if "similarity" not in table.column_names:
        return None
    return objects([tuple(tuple(answer) for answer in of_example) for of_example in table["similarity"].to_pylist()])


def _passed(table: pa.Table) -> Texts | None:
    """What the tests said of each sample. Raises StepFailed for columns that are not what `examine` writes."""
    if "passed" not in table.column_names:
        return None
    samples = table["extracted" if "extracted" in table.column_names else "generations"].combine_chunks()
    for name, kind in EXAMINED.items():
        _refuse_unfit(table, name, kind, samples)
    outcomes, passed = table["outcomes"].to_pylist(), table["passed"].to_pylist()
    for row, (said, true) in enumerate(zip(outcomes, passed, strict=True)):
        if [outcome == PASSED for outcome in said] != true:
            raise StepFailed("examined_columns", f"the outcomes of {_row(table, np.array([row]))} do not agree with what passed", AGAIN)
    return objects([tuple(one) for one in passed])


def _refuse_unfit(table: pa.Table, name: str, kind: pa.DataType, samples: pa.Array) -> None:
    """A column must hold a list of this kind, one item, not null, for each of a row's samples."""
    if name not in table.column_names or table.schema.field(name).type != pa.list_(kind):
        raise StepFailed("examined_columns", f"the examined predictions have no column `{name}` with lists of {kind}", AGAIN)
    column = table[name].combine_chunks()
    if column.null_count or column.flatten().null_count:
        raise StepFailed("examined_columns", f"the column `{name}` of the examined predictions has gaps", AGAIN)
    strange = np.flatnonzero(
        pc.list_value_length(column).to_numpy(zero_copy_only=False) != pc.list_value_length(samples).to_numpy(zero_copy_only=False)
    )
    if len(strange):
        raise StepFailed("examined_columns", f"`{name}` does not say one thing of each sample of {_row(table, strange)}", AGAIN)


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
