"""Opens the data sets of a spec for inspection.

In: a spec, `Files`, an empty folder. Out: `Opened`: each data set that can be read, loaded and divided as a run would do it; for
the others the problems, at the words of the spec that they concern. Not here: what is said of data that can be read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.jsonvalue import Json, canonical
from benchc.compiler.lower_blocks import Blocks
from benchc.compiler.plan import Step
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.source import Files, Span
from benchc.compiler.spec import Declared
from benchc.runtime.data.failures import BadData, BadRow
from benchc.runtime.data.row_table import RowTable
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.steps import load as load_step
from benchc.runtime.steps import split as split_step
from benchc.runtime.work import Inputs, StepFailed, Work

MOST_SHOWN = 5

# Failures that have a code of their own among problems; all others mean that the data cannot be read.
CODES = {
    "bad_row": "bad_row",
    "unknown_label_value": "unknown_label_value",
    "missing_column": "unknown_column",
    "duplicate_id": "duplicate_id",
    "empty_split": "empty_split",
    "no_rows": "empty_split",
    "unknown_split": "unknown_split_value",
    "wrong_condition": "wrong_condition",
}
UNREADABLE = "unreadable_data"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set as a run sees it. `folders`: of its load and its split step."""

    block: Declared
    view: DataView
    folders: tuple[Path, Path]

    @property
    def table(self) -> RowTable:
        return self.view.table


@dataclass(frozen=True, slots=True)
class Opened:
    datasets: Mapping[str, Dataset]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Scratch:
    """Runs steps in folders of their own, equal ones once. `place` resolves locations of the plan; `ends` are those of steps so far."""

    folder: Path
    place: Callable[[str], Path]
    ends: dict[str, Path | StepFailed] = field(default_factory=dict)

    def run(self, implementation: Callable[[Step, Inputs, Work], None], step: Step, inputs: Inputs) -> Path:
        """The folder with what a step made. Raises StepFailed."""
        before = {role: [str(folder) for folder in folders] for role, folders in inputs.items()}
        known = canonical([step.kind, step.params, step.hints, before])
        if known not in self.ends:
            self.ends[known] = self._run(implementation, step, inputs)
        end = self.ends[known]
        if isinstance(end, StepFailed):
            raise end
        return end

    def _run(self, implementation: Callable[[Step, Inputs, Work], None], step: Step, inputs: Inputs) -> Path | StepFailed:
        folder = self.folder / f"{len(self.ends)}-{step.kind}"
        folder.mkdir()
        work = Work(folder, folder, self.place, "cpu", lambda _: None, lambda _: None, monotonic, 3600.0)
        try:
            implementation(step, inputs, work)
        except StepFailed as failure:
            return failure
        return folder


def scratch_in(folder: Path, root: str, files: Files) -> Scratch:
    """`root`: the folder of the spec."""

    def place(location: str) -> Path:
        if not location.startswith("package:"):
            return Path(root) / location
        name, _, inner = location.removeprefix("package:").partition("/")
        package = files.package_folder(name)
        if package is None:
            raise BadData("not_installed", f"the package `{name}` is not installed")
        return Path(package) / inner

    return Scratch(folder, place)


def open_datasets(datasets: Sequence[Declared], blocks: Blocks, scratch: Scratch) -> Opened:
    opened: dict[str, Dataset] = {}
    problems: list[Problem] = []
    for block in datasets:
        try:
            found = _open(block, blocks, scratch)
        except StepFailed as failure:
            problems += failure_problems(failure, block)
        else:
            if found is not None:
                opened[block.name] = found
    return Opened(opened, (*problems, *blocks.located.problems))


def failure_problems(failure: StepFailed, block: Declared) -> Iterator[Problem]:
    """A failure as problems at the words of the spec that it concerns: bad rows one for each field, all else one."""
    advice = (Help(failure.help),) if failure.help else ()
    if not isinstance(failure, BadData):
        yield error(UNREADABLE, failure.message, block.spans.at("source"), *advice)
    elif failure.rows:
        yield from _row_problems(failure.rows, block, advice)
    else:
        head, *rows = failure.message.splitlines()
        labels = tuple(Label(_source_span(block), row) for row in rows[:MOST_SHOWN])
        yield error(CODES.get(failure.code, UNREADABLE), head.rstrip(":"), _span(block, failure.about), *advice, labels=labels)


def _open(block: Declared, blocks: Blocks, scratch: Scratch) -> Dataset | None:
    """None when the files are not there, which `blocks` reports."""
    located = blocks.data(block)
    if located is None:
        return None
    settings = block.settings
    source = blocks.call("source", _mapping(settings["source"]), block).value
    load: Mapping[str, Json] = {
        "source": source,
        "files": located.files,
        "fields": blocks.fields(block).value,
        "on_bad_row": settings["on_bad_row"],
    }
    splits = settings["splits"]
    division = {key: settings[key] for key in ("take", "where", "dedupe")} | {"splits": splits, "fold": None}
    rows = scratch.run(load_step.run, Step("", "load", 1, load, {}, {"locations": located.locations}), {})
    split = scratch.run(split_step.run, Step("", "split", 1, division, {}, {}), {"rows": (rows,)})
    return Dataset(block, open_data(rows, split), (rows, split))


def _row_problems(rows: Sequence[BadRow], block: Declared, advice: tuple[Help, ...]) -> Iterator[Problem]:
    grouped: dict[tuple[str, str | None], list[BadRow]] = {}
    for row in rows:
        grouped.setdefault((row.code, row.field), []).append(row)
    for (code, name), found in grouped.items():
        count = "a row" if len(found) == 1 else f"{len(found)} rows"
        message = {
            "unknown_label_value": f"{count} of `{block.name}` hold{'s' if len(found) == 1 else ''} a value that is no label of `{name}`",
            "bad_row": f"{count} of `{block.name}` cannot be read",
        }[code]
        path = ("source",) if name is None else ("fields", name, "labels") if code == "unknown_label_value" else ("fields", name)
        labels = tuple(Label(_source_span(block), row.text) for row in found[:MOST_SHOWN])
        yield error(code, f"{message}: {found[0].text}", _span(block, path), *advice, labels=labels[1:])


def _span(block: Declared, about: tuple[str, ...]) -> Span:
    if len(about) == 2 and about[1].startswith("column:"):
        return _column_span(block, about[1].removeprefix("column:"))
    if about[0] == "source" and "format" in _mapping(block.settings["source"]):
        return block.spans.at("source", "format", *about[1:])
    return block.spans.at(*about)


def _column_span(block: Declared, column: str) -> Span:
    for name, call in _mapping(block.settings["fields"]).items():
        columns = _mapping(call).get("columns")
        if isinstance(columns, list) and column in columns:
            return block.spans.at("fields", name, "columns", columns.index(column))
        if columns is None and (_mapping(call).get("column") or name) == column:
            return block.spans.at("fields", name, "column")
    return block.spans.at("splits", "column")


def _source_span(block: Declared) -> Span:
    """Where the spec names the files: the first place of the source."""
    source = _mapping(block.settings["source"])
    inner = source.get("format")
    path = ("source", "format") if isinstance(inner, Mapping) else ("source",)
    holder = inner if isinstance(inner, Mapping) else source
    given = [key for key in LOCATION_KEYS if holder.get(key) is not None]
    return block.spans.at(*path, given[0]) if given else block.spans.at("source")


def _mapping(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping)
    return value
