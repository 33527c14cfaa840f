"""What is to be said of a data set by itself: classes, skipped rows, rows in two splits.

In: a data set that can be read. Out: problems at the words of its block.
"""

from collections.abc import Iterator

import numpy as np

from benchc.compiler.problems import Help, Label, Level, Problem, warning
from benchc.runtime.data.divide import Numbers
from benchc.runtime.data.inspect_open import Dataset
from benchc.runtime.data.repeats import compared_fields, find_repeats

MOST_ROWS_NAMED = 3
MOST_CLASSES_NAMED = 12


def dataset_problems(data: Dataset) -> Iterator[Problem]:
    yield from _skipped_rows(data)
    yield from _overlaps(data)
    for field in data.view.labels:
        yield from _classes(data, field)


def class_counts(data: Dataset, split: str, field: str) -> Numbers:
    """How many rows of a split have each label, in label order."""
    values = data.view.column(split, field).to_numpy()
    return np.bincount(values, minlength=len(data.view.labels[field])).astype(np.int64)


def _skipped_rows(data: Dataset) -> Iterator[Problem]:
    summary = data.table.summary
    if not summary["skipped_count"]:
        return
    kept = sum(summary["rows"].values())
    named = [f"{row['file']}:{row['line']}: {row['reason']}" for row in summary["skipped"][:MOST_ROWS_NAMED]]
    span = data.block.spans.at("on_bad_row")
    message = f"{summary['skipped_count']:,} rows of `{data.block.name}` cannot be read and are skipped; {kept:,} are kept"
    yield Problem("skipped_rows", Level.NOTE, message, span, tuple(Label(span, text) for text in named))


def _overlaps(data: Dataset) -> Iterator[Problem]:
    rows = {split: data.view.row_numbers(split) for split in data.view.splits}
    span = data.block.spans.at("splits") if "splits" in data.block.written else data.block.spans.at("source")
    for (split, other), found in find_repeats(data.table, rows).overlap.items():
        if not len(found):
            continue
        stand = "stands" if len(found) == 1 else "stand"
        message = f"{len(found):,} of {len(rows[split]):,} rows of `{split}` of `{data.block.name}` {stand} in `{other}` too"
        places = tuple(Label(span, f"{place} stands in `{other}` too") for place in _places(data, found[:MOST_ROWS_NAMED]))
        advice = Help(f"`dedupe = {_compared(data)}` keeps the row of `test`, then that of `dev`, and drops the others")
        yield warning("overlapping_splits", message, span, advice, labels=places)


def _compared(data: Dataset) -> str:
    """The fields by which rows were found equal, as `dedupe` takes them."""
    names = compared_fields(data.table)
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _places(data: Dataset, rows: Numbers) -> Iterator[str]:
    """File and line of rows."""
    files, lines = data.table.numbers("_file"), data.table.numbers("_line")
    for row in rows:
        name = data.table.summary["files"][files[row]] if files[row] >= 0 else "row"
        yield f"{name}:{lines[row]}"


def _classes(data: Dataset, field: str) -> Iterator[Problem]:
    labels = data.view.labels[field]
    span = data.block.spans.at("fields", field)
    counts = {split: class_counts(data, split, field) for split in data.view.splits}
    written = "; ".join(f"{split} {_written(labels, found)}" for split, found in counts.items())
    yield Problem("class_counts", Level.NOTE, f"classes of `{field}` of `{data.block.name}`: {written}", span)
    trained = counts.get("train")
    if trained is None:
        return
    absent = [label for label, count in zip(labels, trained, strict=True) if not count]
    if len(labels) - len(absent) == 1:
        only = labels[int(np.argmax(trained))]
        message = f"all rows of `train` of `{data.block.name}` have the label `{only}` of `{field}`"
        yield Problem("one_class", Level.ERROR, message, span, (), (Help("a model cannot learn to tell classes apart from one class"),))
    elif absent:
        listed = ", ".join(f"`{label}`" for label in absent[:MOST_CLASSES_NAMED]) + (", ..." if len(absent) > MOST_CLASSES_NAMED else "")
        message = f"no row of `train` of `{data.block.name}` has the label {listed} of `{field}`"
        yield Problem("label_without_rows", Level.NOTE, message, span)


def _written(labels: tuple[str, ...], counts: Numbers) -> str:
    order = np.argsort(-counts, kind="stable")[:MOST_CLASSES_NAMED]
    shown = ", ".join(f"{labels[label]} {counts[label]:,}" for label in sorted(order))
    return f"{shown}, and {len(labels) - len(order)} others" if len(labels) > len(order) else shown
