"""A run as a list of cells: the cross of its tasks, models, training settings, seeds, axes and folds, less what it excludes.

In: `Spec`, and `respec`, which gives the spec again under other params. Out: `CellSpec` values in the order of the run's lists.
Not here: steps and keys (`lower`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from benchc.compiler.jsonvalue import Json, canonical, mapping
from benchc.compiler.problems import Problem
from benchc.compiler.prompted import needs_train
from benchc.compiler.spec import Declared, Spec

Respec: TypeAlias = Callable[[Mapping[str, Json]], tuple[Spec | None, tuple[Problem, ...]]]


@dataclass(frozen=True, slots=True)
class Fold:
    """One part of a cross-validation: the part with this index (from 0) is scored, the others are trained on."""

    index: int
    count: int
    stratify: str | None
    group: str | None
    seed: int


@dataclass(frozen=True, slots=True)
class CellSpec:
    """One cell before its steps are known. `spec` holds under the cell's `params` (the values of the run's axes)."""

    spec: Spec
    run: Declared
    task: Declared
    model: Declared
    train: Declared | None
    seed: int
    params: Mapping[str, Json]
    fold: Fold | None

    @property
    def id(self) -> str:
        return f"{self.group_id(self.run.name)}[{','.join(self._values())}]"

    def group_id(self, run: str) -> str:
        """The id without values: what is named in a gate, less the metric."""
        names = (run, self.task.name, self.model.name, *(() if self.train is None else (self.train.name,)))
        return ".".join(names)

    def _values(self) -> Iterator[str]:
        yield from params_text(self.params)
        yield f"seed={self.seed}"
        if self.fold is not None:
            yield f"fold={self.fold.index}"


@dataclass(frozen=True, slots=True)
class Expanded:
    cells: tuple[CellSpec, ...]
    problems: tuple[Problem, ...]


def expand(spec: Spec, respec: Respec) -> Expanded:
    """The cells of all runs, in the order in which the runs stand in the file."""
    cells: list[CellSpec] = []
    problems: list[Problem] = []
    for run in spec.blocks.get("run", {}).values():
        for params in _assignments(run):
            varied, faults = respec(params) if params else (spec, ())
            problems.extend(faults)
            if varied is not None:
                cells.extend(_cells_of(run, varied, params))
    return Expanded(tuple(cells), tuple(problems))


def variants(spec: Spec, respec: Respec) -> Iterator[tuple[Mapping[str, Json], Spec]]:
    """The spec under each set of values that a run's axes take; the values are () for what a run without axes sees."""
    seen: set[str] = set()
    for run in spec.blocks.get("run", {}).values():
        for params in _assignments(run):
            varied = respec(params)[0] if params else spec
            if varied is not None and canonical(params) not in seen:
                seen.add(canonical(params))
                yield params, varied


def params_text(params: Mapping[str, Json]) -> tuple[str, ...]:
    """`name=value` of each param, by name. A text stands bare where nothing in it could be mistaken."""
    return tuple(f"{name}={value_text(params[name])}" for name in sorted(params))


def value_text(value: Json) -> str:
    bare = isinstance(value, str) and value != "" and all(character.isalnum() or character in "_-./+ " for character in value)
    return value if isinstance(value, str) and bare else canonical(value)


def _assignments(run: Declared) -> Iterator[Mapping[str, Json]]:
    axes = run.settings["axes"]
    assert isinstance(axes, Mapping)
    names = list(axes)
    for values in product(*(_distinct(axes[name]) for name in names)):
        yield dict(zip(names, values, strict=True))


def _cells_of(base: Declared, spec: Spec, params: Mapping[str, Json]) -> Iterator[CellSpec]:
    run = spec.block("run", base.name)
    excluded = _exclusions(run)
    for task_name, model_name in product(task_names(run, spec), strings(run.settings["models"])):
        task, model = spec.block("task", task_name), spec.block("model", model_name)
        folds = _folds(run, spec.block("dataset", str(task.settings["data"])))
        for train, seed, fold in product(_trains(run, task, model, spec), _seeds(run, spec), folds):
            cell = CellSpec(spec, run, task, model, train, seed, params, fold)
            if not any(_fits(cell, entry) for entry in excluded):
                yield cell


def task_names(run: Declared, spec: Spec) -> tuple[str, ...]:
    """The tasks of a run: its own list, else its suite's."""
    suite = run.settings["suite"]
    own = run.settings["tasks"]
    return strings(own if suite is None else spec.block("suite", str(suite)).settings["tasks"])


def strings(value: Json) -> tuple[str, ...]:
    """A list of texts, each once."""
    return tuple(dict.fromkeys(str(item) for item in _distinct(value)))


def _trains(run: Declared, task: Declared, model: Declared, spec: Spec) -> tuple[Declared | None, ...]:
    """The training settings of a model: none where it needs none, else those that the run's rule gives it."""
    rule = run.settings["train"]
    if not needs_train(task, model):
        return (None,)
    chosen = rule.get(model.name) if isinstance(rule, Mapping) else rule
    if chosen is None or chosen == "none":
        return (None,)
    names = (chosen,) if isinstance(chosen, str) else strings(chosen)
    return tuple(spec.block("train", name) for name in names)


def _seeds(run: Declared, spec: Spec) -> tuple[int, ...]:
    seeds = run.settings["seeds"]
    return (bench_seed(spec),) if seeds is None else tuple(int(str(seed)) for seed in _distinct(seeds))


def bench_seed(spec: Spec) -> int:
    """The seed of runs that name none, and of every resampling."""
    return 0 if spec.bench is None else int(str(spec.bench.settings["seed"]))


def _folds(run: Declared, dataset: Declared) -> tuple[Fold | None, ...]:
    """The folds of a run: those that it asks for, else those into which the data set is divided anyway."""
    splits = dataset.settings["splits"]
    for call, count in ((run.settings["validate"], "folds"), (splits, "k")):
        if isinstance(call, Mapping) and call["call"] == "kfold":
            number = int(str(call[count]))
            return tuple(Fold(i, number, _text(call["stratify"]), _text(call["group"]), int(str(call["seed"]))) for i in range(number))
    return (None,)


def _exclusions(run: Declared) -> tuple[Mapping[str, Json], ...]:
    entries = run.settings["exclude"]
    assert isinstance(entries, Sequence)
    return tuple(mapping(entry) for entry in entries)


def _fits(cell: CellSpec, entry: Mapping[str, Json]) -> bool:
    """Whether all values of an exclusion are the cell's; a list fits when one of its items does. An empty entry excludes nothing."""
    values = _dimensions(cell)
    return bool(entry) and all(name in values and _holds(wanted, values[name]) for name, wanted in entry.items())


def _holds(wanted: Json, value: Json) -> bool:
    options = wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else (wanted,)
    return any(canonical(option) == canonical(value) for option in options)


def _dimensions(cell: CellSpec) -> Mapping[str, Json]:
    train = "none" if cell.train is None else cell.train.name
    fold = None if cell.fold is None else cell.fold.index
    return {**cell.params, "task": cell.task.name, "model": cell.model.name, "train": train, "seed": cell.seed, "fold": fold}


def _distinct(value: Json) -> Sequence[Json]:
    """The items of a list, each once."""
    assert isinstance(value, Sequence)
    return list({canonical(item): item for item in value}.values())


def _text(value: Json) -> str | None:
    return None if value is None else str(value)
