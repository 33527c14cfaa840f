"""Axes and exclusions of runs.

In: `Subject`. Out: findings. Not here: the cells themselves (`expand`).
"""

from collections.abc import Iterator, Mapping, Sequence

from benchc.compiler.checks.data import repeats
from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import facts_of, items, mapping, names, run_models, run_tasks, seeds_of, trains_of
from benchc.compiler.declare import did_you_mean
from benchc.compiler.jsonvalue import Json, canonical
from benchc.compiler.params import value_fault
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.prompted import needs_train
from benchc.compiler.source import Span
from benchc.compiler.spec import Declared, Spec
from benchc.compiler.suggest import near
from benchc.compiler.words import listed, short

USED_KINDS = ("labels", "dataset", "metric", "task", "model", "train", "suite")


def check_axes(subject: Subject) -> Iterator[Finding]:
    for run in subject.spec.blocks["run"].values():
        for name, values in mapping(run.settings["axes"]).items():
            for problem in _axis(run, name, items(values), subject):
                yield Finding(problem)


def _axis(run: Declared, name: str, values: Sequence[Json], subject: Subject) -> Iterator[Problem]:
    param = subject.spec.params.get(name)
    if param is None:
        return
    placed = [(value, run.spans.at("axes", name, index)) for index, value in enumerate(values)]
    for value, span, first in repeats(placed):
        message = f"the value `{short(value)}` of the axis `{name}` is given twice"
        yield error("duplicate_value", message, span, labels=(Label(first, "first given here"),))
    faults = [fault for value, span in placed if (fault := value_fault(param, value, span)) is not None]
    yield from faults
    if faults:
        return
    yield from _values_in_use(name, placed, subject)
    if subject.whole and not _has_effect(run, name, values, subject):
        advice = Help(f"use `{name}` in a block of this run, or drop the axis")
        message = f"the axis `{name}` changes nothing in the run `{run.name}`"
        yield error("axis_without_effect", message, run.spans.key("axes", name), advice)


def _values_in_use(name: str, placed: Sequence[tuple[Json, Span]], subject: Subject) -> Iterator[Problem]:
    """What a value of an axis breaks where the param is used."""
    for value, span in placed:
        _, problems = subject.respec({name: value})
        for problem in problems:
            label = Label(problem.span, f"where `{name}` is used")
            yield error(problem.code, f"{problem.message}, when `{name}` is `{short(value)}`", span, *problem.help, labels=(label,))


def _has_effect(run: Declared, name: str, values: Sequence[Json], subject: Subject) -> bool:
    """Whether any block that the run uses differs between two of the values."""
    if not subject.is_read(name):
        return False
    if len(values) < 2:
        return True
    specs = (subject.respec({name: value})[0] for value in values)
    first = next(specs)
    reference = None if first is None else _used(run, first)
    return first is None or any(spec is None or _used(run, spec) != reference for spec in specs)


def _used(run: Declared, spec: Spec) -> list[object]:
    """The settings of all blocks that a run reaches, itself included."""
    tasks, models = run_tasks(run, spec), run_models(run, spec)
    trains = [spec.blocks["train"].get(name) for model in models for name in trains_of(run, model)]
    data = [spec.blocks["dataset"].get(str(task.settings["data"])) for task in tasks]
    of_tasks = [block for kind in ("labels", "metric", "prompt") for block in spec.blocks[kind].values()]
    shared = [*of_tasks, spec.blocks["suite"].get(str(run.settings["suite"]))]
    blocks = (spec.blocks["run"].get(run.name), spec.bench, *tasks, *models, *trains, *data, *shared)
    return [block.settings for block in blocks if block is not None]


def check_exclusions(subject: Subject) -> Iterator[Finding]:
    for run in subject.spec.blocks["run"].values():
        entries = items(run.settings["exclude"])
        dimensions = _dimensions(run, subject.spec) if entries else {}
        for index, entry in enumerate(entries):
            for problem in _exclusion(run, mapping(entry), index, dimensions):
                yield Finding(problem)


def _dimensions(run: Declared, spec: Spec) -> Mapping[str, Sequence[Json]]:
    """What distinguishes the cells of a run, and the values that each takes."""
    trains = dict.fromkeys(name for model in run_models(run, spec) for name in _trains_that_run(run, model, spec))
    validate = run.settings["validate"]
    folds = list(range(int(str(validate["folds"])))) if isinstance(validate, Mapping) else []
    axes = {name: items(values) for name, values in mapping(run.settings["axes"]).items()}
    return {
        **axes,
        "task": [task.name for task in run_tasks(run, spec)],
        "model": names(run.settings["models"]),
        "train": list(trains),
        "seed": seeds_of(run, spec),
        **({"fold": folds} if folds else {}),
    }


def _trains_that_run(run: Declared, model: Declared, spec: Spec) -> tuple[str, ...]:
    """The training settings in a model's cells; "none" for cells without."""
    if facts_of(model).fits != "train":
        return ("none",)
    some_untrained = any(not needs_train(task, model) for task in run_tasks(run, spec))
    return (*trains_of(run, model), *(("none",) if some_untrained or not trains_of(run, model) else ()))


def _exclusion(run: Declared, entry: Mapping[str, Json], index: int, dimensions: Mapping[str, Sequence[Json]]) -> Iterator[Problem]:
    place = run.spans.at("exclude", index)
    if not entry:
        yield error("exclude_fits", "the exclusion names nothing, and so fits no cell", place)
        return
    sound = True
    for name, wanted in entry.items():
        if name not in dimensions:
            span = run.spans.key("exclude", index, name)
            advice = did_you_mean(near(name, dimensions), span) or (Help(f"there is {listed(dimensions)}"),)
            yield error("exclude_fits", f"the cells of the run `{run.name}` have no `{name}`", span, *advice)
            sound = False
        elif not _overlap(wanted, dimensions[name]):
            span = run.spans.at("exclude", index, name)
            shown = [short(value) for value in dimensions[name]]
            advice = did_you_mean(near(short(wanted), shown), span) or (Help(f"its values are {listed(shown)}"),)
            yield error("exclude_fits", f"no cell of the run `{run.name}` has the {name} `{short(wanted)}`", span, *advice)
            sound = False
    if sound and all(_covers(wanted, dimensions[name]) for name, wanted in entry.items()):
        yield error("exclude_fits", f"the exclusion fits all cells of the run `{run.name}`", place)


def _options(wanted: Json) -> set[str]:
    return {canonical(item) for item in (wanted if isinstance(wanted, list) else [wanted])}


def _overlap(wanted: Json, values: Sequence[Json]) -> bool:
    return not _options(wanted).isdisjoint(canonical(value) for value in values)


def _covers(wanted: Json, values: Sequence[Json]) -> bool:
    return {canonical(value) for value in values} <= _options(wanted)
