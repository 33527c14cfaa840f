"""Blocks as checks see them: a task with its data set, its fields and labels; a run with its tasks, models and training settings.

In: `Subject`. Out: views. Not here: any verdict.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler import prompted
from benchc.compiler.catalog.model import Catalog, MetricFacts, ModelFacts, SourceFacts, TaskFacts
from benchc.compiler.checks.finding import Subject
from benchc.compiler.identify import model_facts
from benchc.compiler.jsonvalue import Json
from benchc.compiler.spec import Declared, Spec
from benchc.compiler.split_names import evaluated_split

ORACLE = "oracle"  # the baseline that is right always: no floor, but a ceiling


def mapping(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping), value
    return value


def items(value: Json) -> Sequence[Json]:
    """The items of a list; none for null."""
    assert value is None or (isinstance(value, Sequence) and not isinstance(value, str)), value
    return value or ()


def calls(value: Json) -> Iterator[Mapping[str, Json]]:
    """All calls in a value, the outermost first."""
    match value:
        case Mapping():
            if "call" in value:
                yield value
            for item in value.values():
                if isinstance(item, Mapping | list):
                    yield from calls(item)
        case list():
            for item in value:
                yield from calls(item)
        case _:
            return


def names(value: Json) -> tuple[str, ...]:
    """The items of a list of names, each once."""
    return tuple(dict.fromkeys(str(item) for item in items(value)))


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with the data set that it asks about."""

    task: Declared
    data: Declared
    facts: TaskFacts

    @property
    def fields(self) -> Mapping[str, Json]:
        return mapping(self.data.settings["fields"])

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(str(item) for item in items(self.task.settings["input"]))

    @property
    def target(self) -> str | None:
        """The field with the right answer; None for a kind without one, and where it is the same for every row."""
        target = self.task.settings.get("target")
        return target if isinstance(target, str) else None

    @property
    def target_field(self) -> Json:
        """The call of that field; None where there is none."""
        return None if self.target is None else self.fields.get(self.target)

    @property
    def evaluated(self) -> str:
        """The split that is scored."""
        return evaluated_split(self.task.settings, self.data.settings)

    def field_kind(self, name: str) -> str | None:
        """`text`, `label`, ...; None for a field that the data set lacks."""
        call = self.fields.get(name)
        return str(call["call"]) if isinstance(call, Mapping) else None


def task_view(task: Declared, subject: Subject) -> TaskView | None:
    """None when the task's data set is not sound."""
    data = subject.spec.blocks["dataset"].get(str(task.settings["data"]))
    facts = subject.catalog.entry("task", str(task.variant)).facts
    assert isinstance(facts, TaskFacts)
    return None if data is None else TaskView(task, data, facts)


def task_views(subject: Subject) -> Iterator[TaskView]:
    for task in subject.spec.blocks["task"].values():
        view = task_view(task, subject)
        if view is not None:
            yield view


def is_located(data: Declared, catalog: Catalog) -> bool:
    """Whether the data lie in files whose places the spec gives."""
    facts = catalog.entry("source", str(mapping(data.settings["source"])["call"])).facts
    assert isinstance(facts, SourceFacts)
    return facts.located in ("files", "package")


def metric_call(metric: Json, spec: Spec) -> Mapping[str, Json] | None:
    """The call behind a metric; None when its block is not sound."""
    if isinstance(metric, Mapping):
        return metric
    block = spec.blocks["metric"].get(str(metric))
    return None if block is None else mapping(block.settings["value"])


def metric_facts(call: Mapping[str, Json], catalog: Catalog) -> MetricFacts:
    facts = catalog.entry("metric", str(call["call"])).facts
    assert isinstance(facts, MetricFacts)
    return facts


def gives_many(call: Mapping[str, Json]) -> bool:
    """Whether a metric is one value a label, and so no single number to decide by."""
    return call.get("average") == "none"


def facts_of(model: Declared) -> ModelFacts:
    return model_facts(mapping(model.settings["source"]))


def is_trivial(model: Declared) -> bool:
    """Whether a model answers without looking at the text."""
    source = mapping(model.settings["source"])
    return source["call"] == "baseline" and mapping(source["answer"])["call"] != ORACLE


def labels_of(field: Json, spec: Spec) -> tuple[Json, ...] | None:
    """The labels of a label field, in order; None when only the data can tell, or it is no label field."""
    if not isinstance(field, Mapping) or "labels" not in field:
        return None
    value = field["labels"]
    if isinstance(value, str):
        block = spec.blocks["labels"].get(value)
        if block is None:
            return None
        value = block.settings["value"]
    if isinstance(value, Mapping):
        return None if "call" in value else tuple(value)
    return tuple(items(value))


def run_tasks(run: Declared, spec: Spec) -> tuple[Declared, ...]:
    """The sound tasks of a run, its suite's included."""
    listed = run.settings["tasks"]
    suite = spec.blocks["suite"].get(str(run.settings["suite"]))
    if suite is not None:
        listed = suite.settings["tasks"]
    known = spec.blocks["task"]
    return tuple(known[name] for name in names(listed) if name in known)


def run_models(run: Declared, spec: Spec) -> tuple[Declared, ...]:
    known = spec.blocks["model"]
    return tuple(known[name] for name in names(run.settings["models"]) if name in known)


def trains_of(run: Declared, model: Declared) -> tuple[str, ...]:
    """The training settings that a run gives a model, "none" left out."""
    rule = run.settings["train"]
    if isinstance(rule, Mapping):
        rule = rule.get(model.name)
    if rule is None or rule == "none":
        return ()
    return (rule,) if isinstance(rule, str) else tuple(name for name in names(rule) if name != "none")


def needs_train(model: Declared, task: TaskView) -> bool:
    """Whether a model must be given training settings for a task."""
    return prompted.needs_train(task.task, model)


def is_fitted(model: Declared, task: TaskView) -> bool:
    """Whether a model learns from a task's training rows."""
    return prompted.is_fitted(task.task, model)


def seeds_of(run: Declared, spec: Spec) -> tuple[Json, ...]:
    """The different seeds of a run."""
    written = run.settings["seeds"]
    usual: Json = 0 if spec.bench is None else spec.bench.settings["seed"]
    return tuple(dict.fromkeys(items(written))) if written is not None else (usual,)


def shown_label(label: Json) -> str:
    """A label as it is written."""
    return "true" if label is True else "false" if label is False else str(label)
