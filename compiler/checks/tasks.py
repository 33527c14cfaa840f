"""Tasks against their data: fields and their kinds, metrics, labels.

In: `Subject`. Out: findings. Not here: models (`runs`), method (`method`).
"""

from collections.abc import Iterator, Mapping, Sequence

from benchc.compiler.catalog.types import FieldName
from benchc.compiler.checks.data import repeats, unknown_field
from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import TaskView, gives_many, items, labels_of, metric_call, metric_facts, shown_label, task_views
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.task_metrics import metric_name
from benchc.compiler.words import listed


def check_tasks(subject: Subject) -> Iterator[Finding]:
    for view in task_views(subject):
        for problem in (*_fields(view), *_labels(view, subject), *_metrics(view, subject)):
            yield Finding(problem)


def _fields(view: TaskView) -> Iterator[Problem]:
    spans = view.task.spans
    for index, name in enumerate(view.inputs):
        yield from _field(view, name, view.facts.input_types, spans.at("input", index))
    choices = view.task.settings.get("choices")
    if choices is not None:
        yield from _field(view, str(choices), ("choices",), spans.at("choices"), "choices")
    for name, first in _twice(view):
        yield error("duplicate_value", f"the input `{name}` is given twice", spans.at("input", first))
    if view.target is not None:
        yield from _field(view, view.target, view.facts.target_types, spans.at("target"))
    group = view.task.settings["group"]
    if group is not None:
        yield from unknown_field(str(group), view.data, spans.at("group"))
    if view.target is not None and view.target in view.inputs:
        message = f"the target `{view.target}` is also an input"
        yield error("target_in_input", message, spans.at("input", view.inputs.index(view.target)), Help("the answer must not be shown"))
    least, most = view.facts.inputs
    if not least <= len(view.inputs) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        message = f"a {view.task.variant} task takes {wanted} input fields, not {len(view.inputs)}"
        yield error("input_count", message, spans.at("input"))


def _twice(view: TaskView) -> Iterator[tuple[str, int]]:
    for index, name in enumerate(view.inputs):
        if name in view.inputs[:index]:
            yield name, index


def _field(view: TaskView, name: str, kinds: Sequence[str], span: Span, role: str = "") -> Iterator[Problem]:
    kind = view.field_kind(name)
    if kind is None:
        yield from unknown_field(name, view.data, span)
    elif kind not in kinds:
        role = role or ("target" if span == view.task.spans.at("target") else "input")
        wanted = "stand in" if role == "choices" else "is"
        message = f"the {role} of a {view.task.variant} task {wanted} a {' or '.join(kinds)} field, and `{name}` is a {kind} field"
        fitting = [field for field in view.fields if view.field_kind(field) in kinds]
        label = Label(view.data.spans.key("fields", name), f"the field `{name}`")
        yield error("field_type", message, span, *((Help(f"there is {listed(fitting)}"),) if fitting else ()), labels=(label,))


def _labels(view: TaskView, subject: Subject) -> Iterator[Problem]:
    labels = labels_of(view.target_field, subject.spec)
    if labels is not None and len(labels) < 2:
        label = Label(view.data.spans.at("fields", str(view.target)), "its labels")
        yield error("single_label", f"the target `{view.target}` has one label alone", view.task.spans.at("target"), labels=(label,))


def _metrics(view: TaskView, subject: Subject) -> Iterator[Problem]:
    spans = view.task.spans
    metrics = items(view.task.settings["metrics"])
    placed = [(metric, spans.at("metrics", index)) for index, metric in enumerate(metrics)]
    for metric, span, first in repeats(placed):
        label = Label(first, "first given here")
        yield error("duplicate_value", f"the metric `{metric_name(metric)}` is given twice", span, labels=(label,))
    for metric, span in placed:
        call = metric_call(metric, subject.spec)
        if call is not None:
            yield from metric_problems(call, metric_name(metric), view, span, subject)
    primary = metric_call(view.task.settings["primary"], subject.spec)
    if primary is not None:
        yield from decision_problems(primary, metric_name(view.task.settings["primary"]), "ranks models", spans.at("primary"))


def decision_problems(call: Mapping[str, Json], name: str, role: str, span: Span) -> Iterator[Problem]:
    """Why a metric cannot decide anything: it is one value a label."""
    if gives_many(call):
        advice = Help("choose one number, such as `average = macro`, and keep this metric in the list beside it")
        yield error("metric_per_label", f"`{name}` gives one value a label, and one number {role}", span, advice)


def _fields_of_metric(call: Mapping[str, Json], view: TaskView, span: Span, subject: Subject) -> Iterator[Problem]:
    """Fields that a metric reads besides the predictions."""
    for key in subject.catalog.entry("metric", str(call["call"])).keys:
        name = call.get(key.name)
        if isinstance(key.type, FieldName) and isinstance(name, str):
            yield from unknown_field(name, view.data, span)


def metric_problems(call: Mapping[str, Json], name: str, view: TaskView, span: Span, subject: Subject) -> Iterator[Problem]:
    """Why a metric cannot be taken of a task."""
    facts = metric_facts(call, subject.catalog)
    kind = str(view.task.variant)
    if kind not in facts.tasks:
        known = subject.catalog.families["metric"]
        fitting = [name for name in known if kind in metric_facts({"call": name}, subject.catalog).tasks]
        yield error("metric_task", f"`{name}` does not fit a {kind} task", span, Help(f"metrics that do: {listed(fitting, 8)}"))
        return
    yield from _fields_of_metric(call, view, span, subject)
    labels = labels_of(view.target_field, subject.spec)
    if labels is None or kind != "classification":
        return
    positive = call.get("positive")
    if positive is not None and positive not in labels:
        shown = [shown_label(label) for label in labels]
        message = f"`{view.target}` has no label `{shown_label(positive)}`"
        yield error("unknown_label", message, span, Help(f"it has {listed(shown)}"))
    is_binary = facts.classes == "binary" or call.get("average") == "binary"
    if is_binary and positive is None and len(labels) != 2:
        advice = Help(f"name the positive one, `positive = {shown_label(labels[-1])}`, or choose `average = macro`")
        yield error("metric_classes", f"`{name}` scores two labels, and `{view.target}` has {len(labels)}", span, advice)
