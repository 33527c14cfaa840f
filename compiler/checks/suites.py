"""Suites: their tasks and weights.

In: `Subject`. Out: findings. Not here: how scores are joined.
"""

from collections.abc import Iterator, Mapping

from benchc.compiler.checks.data import repeats
from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import items, metric_call, metric_facts, names
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.spec import Declared
from benchc.compiler.words import listed


def check_suites(subject: Subject) -> Iterator[Finding]:
    for suite in subject.spec.blocks["suite"].values():
        for problem in (*_repeated(suite), *_weights(suite), *_directions(suite, subject)):
            yield Finding(problem)


def _repeated(suite: Declared) -> Iterator[Problem]:
    tasks = items(suite.settings["tasks"])
    for task, span, first in repeats((task, suite.spans.at("tasks", index)) for index, task in enumerate(tasks)):
        yield error("duplicate_value", f"the task `{task}` is given twice", span, labels=(Label(first, "first given here"),))


def _directions(suite: Declared, subject: Subject) -> Iterator[Problem]:
    """Primary metrics of which some are better high and some are better low have no common score."""
    known = subject.spec.blocks["task"]
    tasks = [known[name] for name in names(suite.settings["tasks"]) if name in known]
    primaries = {task.name: metric_call(task.settings["primary"], subject.spec) for task in tasks}
    high = {name: metric_facts(call, subject.catalog).higher_is_better for name, call in primaries.items() if call is not None}
    if len(set(high.values())) < 2:
        return
    lower = [name for name, is_high in high.items() if not is_high]
    message = f"the suite `{suite.name}` mixes primary metrics where higher is better with those where lower is: {listed(lower)}"
    advice = Help("give each task a `primary` metric of one direction, such as `r2` for `mse`")
    yield error("suite_direction", message, suite.spans.at("tasks"), advice)


def _weights(suite: Declared) -> Iterator[Problem]:
    aggregate = suite.settings["aggregate"]
    weights = aggregate.get("weights") if isinstance(aggregate, Mapping) else None
    if not isinstance(weights, Mapping):
        return
    tasks = names(suite.settings["tasks"])
    span = suite.spans.at("aggregate", "weights")
    missing = [task for task in tasks if task not in weights]
    if missing:
        message = f"the suite `{suite.name}` gives no weight to {listed(missing)}"
        yield error("suite_weights", message, span, Help("give each task a weight"))
    for task in weights:
        if task not in tasks:
            key = suite.spans.key("aggregate", "weights", task)
            yield error("suite_weights", f"`{task}` is not a task of the suite `{suite.name}`", key, Help(f"its tasks are {listed(tasks)}"))
    if not missing and not any(weights.values()):
        yield error("suite_weights", f"all weights of the suite `{suite.name}` are 0", span)
