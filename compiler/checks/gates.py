"""Gates: what their references name, and whether the bound can be met at all.

In: `Subject`. Out: findings. Not here: the values.

A reference is RUN.TASK.MODEL.METRIC, or RUN.TASK.MODEL.TRAIN.METRIC where a model has several training settings; of a run that names a
suite, RUN.SUITE.MODEL.score too. Names of imported blocks have dots of their own, so a reference is matched against the names that there
are, not split.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.tasks import decision_problems
from benchc.compiler.checks.view import items, metric_call, metric_facts, names, run_models, run_tasks, trains_of
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.spec import SCORE, Declared, GateTest, Spec
from benchc.compiler.suggest import near
from benchc.compiler.task_metrics import metric_name
from benchc.compiler.words import listed


def check_gates(subject: Subject) -> Iterator[Finding]:
    for gate in subject.spec.gates:
        for test in gate.tests:
            for problem in _test_problems(test, subject):
                yield Finding(problem)


@dataclass(frozen=True, slots=True)
class _Metric:
    """What a reference names, and the range of its values; None for an end without bound."""

    name: str
    low: float | None
    high: float | None


def _test_problems(test: GateTest, subject: Subject) -> Iterator[Problem]:
    sides: list[_Metric | None] = []
    for value, span in ((test.left, test.left_span), (test.right, test.right_span)):
        found = _named(value, span, subject) if isinstance(value, str) else None
        if isinstance(found, Problem):
            yield found
            return
        sides.append(found)
    if not isinstance(test.left, str) and not isinstance(test.right, str):
        yield error("gate_reference", "the test compares two numbers", test.span, Help("name a metric: `RUN.TASK.MODEL.METRIC`"))
    elif test.left == test.right:
        yield error("gate_reference", "the test compares a metric with itself", test.span)
    yield from _bound(test, sides)


def _bound(test: GateTest, sides: Sequence[_Metric | None]) -> Iterator[Problem]:
    """A number that the metric can never reach, such as `accuracy >= 90`."""
    for metric, number, span in ((sides[0], test.right, test.right_span), (sides[1], test.left, test.left_span)):
        if metric is None or isinstance(number, str):
            continue
        low, high = metric.low, metric.high
        if (high is not None and number > high) or (low is not None and number < low):
            ends = f"at least {low:g}" if high is None else f"at most {high:g}" if low is None else f"from {low:g} to {high:g}"
            advice = (Help(f"write `{number:g}%`"),) if high == 1 and 1 < number <= 100 else ()
            yield error("gate_bound", f"`{metric.name}` is {ends}, so it never reaches {number:g}", span, *advice)


def _named(reference: str, span: Span, subject: Subject) -> _Metric | Problem | None:
    """The metric that a reference names; None when a block on the way is not sound, which has its own problem."""
    spec = subject.spec
    run, rest = _first(reference, subject.declarations.by_kind["run"])
    if run is None:
        return _unknown(reference.partition(".")[0], "run", list(spec.blocks["run"]), span)
    if run not in spec.blocks["run"]:
        return None
    declared = spec.blocks["run"][run]
    tasks = {task.name: task for task in run_tasks(declared, spec)}
    suite = {name: None for name in (str(declared.settings["suite"]),) if name in spec.blocks["suite"]}
    task, rest = _first(rest, {**tasks, **suite})
    if task is None:
        is_broken = len(tasks) < len(_asked(declared, "tasks", spec)) and _is_declared(rest, "task", subject)
        return None if is_broken else _unknown(rest.partition(".")[0], f"task of the run `{run}`", [*tasks, *suite], span)
    models = {model.name: model for model in run_models(declared, spec)}
    model, rest = _first(rest, models)
    if model is None:
        is_broken = len(models) < len(_asked(declared, "models", spec)) and _is_declared(rest, "model", subject)
        return None if is_broken else _unknown(rest.partition(".")[0], f"model of the run `{run}`", list(models), span)
    train, after = _first(rest, dict.fromkeys(trains_of(declared, models[model])))
    last = after if train is not None and after else rest
    return _metric(last, tasks[task], span, subject) if task in tasks else _score(last, task, list(tasks.values()), span, subject)


def _first(reference: str, known: Mapping[str, object]) -> tuple[str | None, str]:
    """The longest known name that a reference begins with, and what comes behind it."""
    fitting = [name for name in known if reference == name or reference.startswith(f"{name}.")]
    if not fitting:
        return None, reference
    name = max(fitting, key=len)
    return name, reference[len(name) + 1 :]


def _is_declared(reference: str, kind: str, subject: Subject) -> bool:
    return _first(reference, subject.declarations.by_kind[kind])[0] is not None


def _asked(run: Declared, key: str, spec: Spec) -> tuple[str, ...]:
    """The names that a run lists, whether or not they are sound."""
    suite = spec.blocks["suite"].get(str(run.settings["suite"]))
    holder = suite if suite is not None and key == "tasks" else run
    return names(holder.settings[key])


def _unknown(name: str, noun: str, known: list[str], span: Span) -> Problem:
    if not name:
        message = f"the reference ends before its {noun.partition(' ')[0]}"
        return error("gate_reference", message, span, Help("write `RUN.TASK.MODEL.METRIC`"))
    similar = near(name, known)
    advice = [Help(f"did you mean {' or '.join(f'`{one}`' for one in similar)}?")] if similar else []
    if known and not similar:
        advice = [Help(f"there is {listed(known)}")]
    return error("gate_reference", f"no {noun} is called `{name}`", span, *advice)


def _metric(name: str, task: Declared, span: Span, subject: Subject) -> _Metric | Problem | None:
    metrics = items(task.settings["metrics"])
    called = [metric for metric in metrics if metric_name(metric) == name]
    if len(called) == 1:
        call = metric_call(called[0], subject.spec)
        if call is None:
            return None
        undecided = next(decision_problems(call, name, "passes or fails a gate", span), None)
        facts = metric_facts(call, subject.catalog)
        return undecided or _Metric(name, facts.low, facts.high)
    if len(called) > 1:
        advice = Help("give each of them a name: `metric NAME = ...`")
        return error("gate_reference", f"`{name}` stands for {len(called)} metrics of the task `{task.name}`", span, advice)
    return _unknown(name, f"metric of the task `{task.name}`", [metric_name(metric) for metric in metrics], span)


def _score(name: str, suite: str, tasks: Sequence[Declared], span: Span, subject: Subject) -> _Metric | Problem:
    """The score of a suite, which lies within the widest range of the metrics that it joins."""
    if name != SCORE:
        return _unknown(name, f"number of the suite `{suite}`", [SCORE], span)
    calls = [metric_call(task.settings["primary"], subject.spec) for task in tasks]
    facts = [metric_facts(call, subject.catalog) for call in calls if call is not None]
    lows, highs = [one.low for one in facts if one.low is not None], [one.high for one in facts if one.high is not None]
    return _Metric(SCORE, min(lows) if len(lows) == len(tasks) else None, max(highs) if len(highs) == len(tasks) else None)
