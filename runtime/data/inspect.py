"""`benchc check --data`: what the data themselves show, before anything is spent.

In: a spec without errors, `Files`. Out: problems: data that cannot be read (with file, line and value), columns and labels that are not
there, empty splits, rows in two splits, classes and their skew, test sets too small for a gate, inputs longer than a model reads.
The data are loaded and divided by the steps that a run would use, in a temporary folder. Where axes vary a param, its own value counts.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchc.compiler.lower_blocks import Blocks, Located, root_folder
from benchc.compiler.problems import Problem, in_reading_order
from benchc.compiler.source import Files
from benchc.compiler.spec import Spec
from benchc.runtime.data.inspect_open import open_datasets, scratch_in
from benchc.runtime.data.inspect_rows import dataset_problems
from benchc.runtime.data.inspect_tasks import gate_problems, length_problems, skew_problems

CODES = (
    *("bad_row", "class_counts", "duplicate_id", "empty_split", "label_without_rows", "one_class", "overlapping_splits", "skewed_classes"),
    *("skipped_rows", "small_test", "truncated_inputs", "unknown_label_value", "unknown_split_value", "unreadable_data", "wrong_condition"),
)  # that only the data show; a column that is missing has the code that the spec's own checks give it


def inspect(spec: Spec, files: Files) -> tuple[Problem, ...]:
    """Problems in reading order. Paths of `files` are paths on this machine's disk."""
    with TemporaryDirectory(prefix="benchc-check-") as folder:
        return in_reading_order(_problems(spec, files, Path(folder)))


def _problems(spec: Spec, files: Files, folder: Path) -> Iterator[Problem]:
    root = root_folder(spec)
    blocks = Blocks(spec, Located(files, root))
    scratch = scratch_in(folder, root, files)
    opened = open_datasets(tuple(spec.blocks["dataset"].values()), blocks, scratch)
    yield from opened.problems
    for data in opened.datasets.values():
        yield from dataset_problems(data)
    yield from skew_problems(spec, opened.datasets)
    yield from gate_problems(spec, opened.datasets)
    yield from length_problems(spec, opened.datasets, blocks, scratch)
