"""Which models or training settings are tested against which, and on what.

In: groups of cells. Out: `PlannedComparison` values, their steps added to the table. Not here: the tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from benchc.compiler.expand import params_text
from benchc.compiler.groups import Group
from benchc.compiler.identify import call_with_defaults, entry_of
from benchc.compiler.jsonvalue import Json, mapping
from benchc.compiler.lower_blocks import Blocks, NamedMetric
from benchc.compiler.lower_cells import BuiltCell
from benchc.compiler.lower_examined import answers_for
from benchc.compiler.plan import PlannedComparison
from benchc.compiler.spec import Spec
from benchc.compiler.steps import StepTable, params, record

DEFAULT_TEST = "paired_bootstrap"
NOT_OF_THE_TEST = ("baseline", "alpha", "correction", "metrics")  # arguments that choose pairs or judge them, not how two are compared


@dataclass(frozen=True, slots=True)
class _Pair:
    a: Group
    b: Group
    metric: NamedMetric
    step: str


def lower_comparisons(groups: Sequence[Group], blocks: Mapping[int, Blocks], table: StepTable) -> tuple[PlannedComparison, ...]:
    """The comparisons of each run, corrected together."""
    runs: dict[str, list[Group]] = {}
    for group in groups:
        runs.setdefault(group.first.cell.run, []).append(group)
    return tuple(comparison for of_run in runs.values() for comparison in _compare_run(of_run, blocks, table))


def _compare_run(groups: Sequence[Group], blocks: Mapping[int, Blocks], table: StepTable) -> Iterator[PlannedComparison]:
    run = groups[0].first.spec.run
    asked = run.settings["compare"]
    test = call_with_defaults("comparison", DEFAULT_TEST) if asked is None else mapping(asked)
    pairs = [
        pair
        for contest in _contests(groups)
        for a, b in _pairs(contest, test, chosen=asked is not None)
        for pair in _compare(a, b, test, blocks[id(a.first.spec.spec)], table)
    ]
    if not pairs:
        return
    steps = tuple(dict.fromkeys(pair.step for pair in pairs))
    settings = record(of="comparisons", correction=test["correction"], alpha=test["alpha"])
    corrected = table.add("aggregate", params(settings), {"values": steps}, {"run": run.name})
    for pair in pairs:
        yield _planned(pair, corrected, steps.index(pair.step))


def _contests(groups: Sequence[Group]) -> Iterator[Sequence[Group]]:
    """The groups that can be compared: of one task, under the same values of the axes."""
    contests: dict[tuple[object, ...], list[Group]] = {}
    for group in groups:
        contests.setdefault((group.first.cell.task, params_text(group.first.cell.params)), []).append(group)
    yield from contests.values()


def _pairs(contest: Sequence[Group], test: Mapping[str, Json], chosen: bool) -> Iterator[tuple[Group, Group]]:
    """Which is compared with which: all with the baseline; every pair when a comparison was chosen without one."""
    baseline = test["baseline"]
    spec = contest[0].first.spec.spec
    models = tuple(dict.fromkeys(group.contestant[0] for group in contest))
    if baseline is None and chosen:
        yield from ((later, earlier) for earlier, later in combinations(contest, 2))
    elif baseline is None:
        yield from _against_model(contest, _usual_baseline(models, spec)) if len(models) > 1 else ((g, contest[0]) for g in contest[1:])
    elif baseline in spec.blocks["model"]:
        yield from _against_model(contest, str(baseline))
    else:
        yield from _against_train(contest, str(baseline))


def _usual_baseline(models: Sequence[str], spec: Spec) -> str:
    """The first trivial baseline among the models, else the first model."""
    trivial = (name for name in models if mapping(spec.block("model", name).settings["source"])["call"] == "baseline")
    return next(trivial, models[0])


def _against_model(contest: Sequence[Group], baseline: str) -> Iterator[tuple[Group, Group]]:
    """Each other model with the baseline under the same training setting, where it has that, else under its first."""
    of_baseline = [group for group in contest if group.contestant[0] == baseline]
    if not of_baseline:
        return
    for group in contest:
        if group.contestant[0] != baseline:
            yield group, next((held for held in of_baseline if held.contestant[1] == group.contestant[1]), of_baseline[0])


def _against_train(contest: Sequence[Group], baseline: str) -> Iterator[tuple[Group, Group]]:
    """Each training setting with the baseline setting of the same model."""
    for group in contest:
        model, train = group.contestant
        held = next((other for other in contest if other.contestant == (model, baseline)), None)
        if held is not None and train != baseline:
            yield group, held


def _compare(a: Group, b: Group, test: Mapping[str, Json], blocks: Blocks, table: StepTable) -> Iterator[_Pair]:
    spec = a.first.spec
    paired = _paired(a, b)
    if not paired:
        return
    how = {name: value for name, value in test.items() if name not in NOT_OF_THE_TEST}
    entry = entry_of("comparison", test)
    for metric in blocks.metrics_for_test(spec.task, test["metrics"]):
        settings = record(
            metric=metric.call,
            test=how,
            task_kind=spec.task.variant,
            confidence=spec.run.settings["confidence"],
            seed=blocks.seed,
            **({} if entry.version == 1 else {"versions": {f"comparison.{entry.name}": entry.version}}),
        )
        predicted = dict.fromkeys((_answers(one, metric, table), _answers(other, metric, table)) for one, other in paired)
        inputs = {"a": tuple(one for one, _ in predicted), "b": tuple(other for _, other in predicted)}
        yield _Pair(a, b, metric, table.add("compare", params(settings), inputs, {"a": a.label, "b": b.label}))


def _answers(built: BuiltCell, metric: NamedMetric, table: StepTable) -> str:
    cell = built.cell
    return answers_for(built.spec, metric, (cell.rows, cell.split_step, cell.answers_step), table)


def _paired(a: Group, b: Group) -> tuple[tuple[BuiltCell, BuiltCell], ...]:
    """The cells of both that share seed and fold, in order."""
    held = {(built.cell.seed, built.cell.fold): built for built in b.cells}
    return tuple((built, held[place]) for built in a.cells if (place := (built.cell.seed, built.cell.fold)) in held)


def _planned(pair: _Pair, corrected: str, index: int) -> PlannedComparison:
    cell = pair.a.first.cell
    paired = _paired(pair.a, pair.b)
    return PlannedComparison(
        run=cell.run,
        task=cell.task,
        metric=pair.metric.name,
        a=pair.a.label,
        b=pair.b.label,
        cells_a=tuple(one.cell.id for one, _ in paired),
        cells_b=tuple(other.cell.id for _, other in paired),
        step=pair.step,
        corrected=corrected,
        index=index,
    )
