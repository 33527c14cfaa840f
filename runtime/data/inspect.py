"""`benchc check --data`: what the data themselves show, before anything is spent.

In: a spec without errors, `respec`, which gives it again under the values of its axes, `Files`. Out: problems: data that cannot be read
(with file, line and value), columns and labels that are not there, empty splits, rows in two splits, classes and their skew, test sets
too small for a gate, inputs longer than a model reads. The data are loaded and divided by the steps that a run would use, in a temporary
folder, each once, however many values of axes read them. A problem of some values alone says which.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchc.compiler.expand import Respec, value_text, variants
from benchc.compiler.jsonvalue import Json, canonical, mapping
from benchc.compiler.lower_blocks import Blocks, Located, root_folder
from benchc.compiler.problems import Problem, in_reading_order
from benchc.compiler.source import Files
from benchc.compiler.spec import Spec
from benchc.runtime.data.inspect_open import Scratch, open_datasets, scratch_in
from benchc.runtime.data.inspect_rows import dataset_problems
from benchc.runtime.data.inspect_tasks import gate_problems, length_problems, skew_problems

CODES = (
    *("bad_row", "class_counts", "duplicate_id", "empty_split", "label_without_rows", "one_class", "overlapping_splits", "skewed_classes"),
    *("skipped_rows", "small_test", "truncated_inputs", "unknown_label_value", "unknown_split_value", "unreadable_data", "wrong_condition"),
)  # that only the data show; a column that is missing has the code that the spec's own checks give it

NOT_OF_DATA = ("train", "report")  # kinds of block that nothing here reads


@dataclass(frozen=True, slots=True)
class _Variant:
    """A spec under some values of axes, and what its data show."""

    params: Mapping[str, Json]
    problems: tuple[Problem, ...]


def inspect(spec: Spec, respec: Respec, files: Files) -> tuple[Problem, ...]:
    """Problems in reading order. Paths of `files` are paths on this machine's disk."""
    with TemporaryDirectory(prefix="benchc-check-") as folder:
        scratch = scratch_in(Path(folder), root_folder(spec), files)
        seen = [_Variant(params, tuple(_problems(varied, files, scratch))) for params, varied in _different(spec, respec)]
    return in_reading_order(_told(problem, variant.params, seen) for variant in seen for problem in variant.problems)


def _different(spec: Spec, respec: Respec) -> Iterator[tuple[Mapping[str, Json], Spec]]:
    """The spec as it is, and under each set of values of axes that changes what is read; with the values that hold."""
    varying = {name for run in spec.blocks["run"].values() for name in mapping(run.settings["axes"])}
    own = {name: spec.params[name].value for name in varying}
    seen: set[str] = set()
    for params, varied in ((own, spec), *variants(spec, respec)):
        read = {kind: {name: block.settings for name, block in named.items()} for kind, named in varied.blocks.items()}
        text = canonical({kind: blocks for kind, blocks in read.items() if kind not in NOT_OF_DATA})
        if text not in seen:
            seen.add(text)
            yield {**own, **params}, varied


def _problems(spec: Spec, files: Files, scratch: Scratch) -> Iterator[Problem]:
    blocks = Blocks(spec, Located(files, root_folder(spec)))
    opened = open_datasets(tuple(spec.blocks["dataset"].values()), blocks, scratch)
    yield from opened.problems
    for data in opened.datasets.values():
        yield from dataset_problems(data)
    yield from skew_problems(spec, opened.datasets)
    yield from gate_problems(spec, opened.datasets)
    yield from length_problems(spec, opened.datasets, blocks, scratch)


def _told(problem: Problem, params: Mapping[str, Json], seen: Sequence[_Variant]) -> Problem:
    """A problem, with those values of axes under which alone it is found."""
    holders = [variant for variant in seen if problem in variant.problems]
    decisive = [name for name in sorted(params) if _values(name, holders) != _values(name, seen)]
    where = " and ".join(f"`{name}` is {' or '.join(_values(name, holders))}" for name in decisive)
    return replace(problem, message=f"{problem.message}, when {where}") if where else problem


def _values(name: str, variants: Sequence[_Variant]) -> list[str]:
    """The values that a param has in some variants, each once."""
    return list(dict.fromkeys(f"`{value_text(variant.params[name])}`" for variant in variants))
