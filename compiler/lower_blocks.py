"""Blocks as what they are: the part of each that can change a result.

In: `Spec` under one set of params, `Files`. Out: identities of tasks, models, training settings, metrics, data sets, each made once, and
problems for what is not where the spec says. Not here: steps.
"""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.data import DIVISION_FIELD
from benchc.compiler.catalog.model import MetricFacts, TaskFacts
from benchc.compiler.catalog.types import Reference
from benchc.compiler.expand import bench_seed
from benchc.compiler.identify import Identity, Meanings, call_with_defaults, entry_of, identify_call, identify_keys
from benchc.compiler.jsonvalue import Json, canonical, items, mapping, texts
from benchc.compiler.locate_data import LocatedData, locate_data
from benchc.compiler.locate_model import LocatedModel, locate_adapter, locate_model
from benchc.compiler.place import Missing, place_of_block
from benchc.compiler.problems import Problem
from benchc.compiler.prompted import is_prompted
from benchc.compiler.scratch_size import scratch_limit, scratch_parameters
from benchc.compiler.source import Files, Span
from benchc.compiler.spec import Declared, Spec
from benchc.compiler.steps import record

Found = TypeVar("Found", LocatedData, LocatedModel)


@dataclass(slots=True)
class Located:
    """What was found on disk, by what was looked for; shared by all variants of a spec, so that each file is looked up once."""

    files: Files
    root: str
    data: dict[str, LocatedData | Missing] = field(default_factory=dict)
    models: dict[str, LocatedModel | Missing | None] = field(default_factory=dict)
    problems: dict[Problem, None] = field(default_factory=dict)

    def find_data(self, source: Mapping[str, Json], folder: str, span: Span) -> LocatedData | None:
        wanted = canonical([source, folder])
        if wanted not in self.data:
            self.data[wanted] = locate_data(source, place_of_block(folder, self.root, self.files), span, self.files)
        return self._present(self.data[wanted])

    def find_model(self, source: Mapping[str, Json], folder: str, span: Span) -> LocatedModel | None:
        wanted = canonical([source, folder])
        if wanted not in self.models:
            self.models[wanted] = locate_model(source, place_of_block(folder, self.root, self.files), span, self.files)
        return self._present(self.models[wanted])

    def find_adapter(self, written: str, folder: str, span: Span) -> LocatedModel | None:
        wanted = canonical(["adapter", written, folder])
        if wanted not in self.models:
            self.models[wanted] = locate_adapter(written, place_of_block(folder, self.root, self.files), span, self.files)
        return self._present(self.models[wanted])

    def _present(self, found: Found | Missing | None) -> Found | None:
        if not isinstance(found, Missing):
            return found
        self.problems.update(dict.fromkeys(found.problems))
        return None


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """`settings`: the whole block. `source`: its source alone. `locations`: of the folders of weights in it, in the order in which they
    stand in the block. `parameters`: those that take part in every token, about; 0 for none. `weight_bytes`: of all weights.
    `adapter_location`: of the adapter that is put on the model. `input_limit`: the longest input in tokens; None where it is not known."""

    settings: Identity
    source: Identity
    locations: tuple[str, ...]
    parameters: int
    weight_bytes: int
    adapter_location: str | None = None
    input_limit: int | None = None


@dataclass(frozen=True, slots=True)
class NamedMetric:
    """A metric of a task, with the name that results show. `examined`: predictions alone do not give
    it. `locations`: of the models that it uses."""

    name: str
    call: Identity
    entry: str
    higher_is_better: bool
    primary: bool
    examined: bool = False
    locations: tuple[str, ...] = ()


@dataclass(slots=True)
class Blocks:
    """The identities of one spec's blocks, made when first asked for."""

    spec: Spec
    located: Located
    models: dict[str, ModelIdentity] = field(default_factory=dict)
    trains: dict[str, Identity] = field(default_factory=dict)
    metrics: dict[str, tuple[NamedMetric, ...]] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        return bench_seed(self.spec)

    def model(self, model: Declared) -> ModelIdentity:
        if model.name not in self.models:
            self.models[model.name] = self._identify_model(model)
        return self.models[model.name]

    def train(self, train: Declared) -> Identity:
        if train.name not in self.trains:
            keys = CATALOG.blocks["train"].keys
            self.trains[train.name] = identify_keys(keys, train.settings, self._meanings(train, []))
        return self.trains[train.name]

    def task(self, task: Declared, model: Declared) -> Identity:
        """What is asked of this model: the task without its data, metrics and splits. `group` is the data's own where it has one."""
        asked = texts(task.settings["input"] or [])
        seen = model.settings["inputs"]
        inputs = asked if seen is None else tuple(name for name in asked if name in texts(seen))
        group = task.settings["group"] or self._group_field(task)
        more = {"choices": task.settings["choices"]} if "choices" in task.settings else {}
        versions: Mapping[str, int] = {}
        if task.variant == "classification" and is_prompted(task, model):
            calibrate = self.call("calibration", mapping(task.settings["calibrate"]), task)
            more, versions = {"calibrate": calibrate.value}, calibrate.versions
        target = task.settings.get("target")
        asked_for = {"kind": task.variant, "inputs": list(inputs), "target": target, "group": group, "labels": None}
        return Identity({**asked_for, **more}, versions)

    def metrics_of(self, task: Declared) -> tuple[NamedMetric, ...]:
        """A task's metrics in the order of its list, with the primary one behind them when the list lacks it."""
        if task.name not in self.metrics:
            self.metrics[task.name] = self._name_metrics(task)
        return self.metrics[task.name]

    def metric(self, task: Declared, value: Json, primary: bool, written: frozenset[str] = frozenset()) -> NamedMetric:
        """A metric that a key of the task, or of a comparison, names or calls."""
        call = mapping(self.spec.block("metric", value).settings["value"] if isinstance(value, str) else value)
        identity = identify_call("metric", call, self._meanings(task, []))
        entry = entry_of("metric", call)
        assert isinstance(entry.facts, MetricFacts)
        name = value if isinstance(value, str) else call_text(call, written)
        places = self.locations_in("metric", call)
        return NamedMetric(name, identity, entry.name, entry.facts.higher_is_better, primary, entry.facts.examined, places)

    def metrics_for_test(self, task: Declared, wanted: Json) -> tuple[NamedMetric, ...]:
        """The metrics on which models are compared: those of the list that fit the task, else the primary one."""
        own = self.metrics_of(task)
        if wanted is None:
            return tuple(metric for metric in own if metric.primary)
        asked = [self.metric(task, value, primary=False) for value in items(wanted)]
        fitting = [metric for metric in asked if str(task.variant) in _metric_facts(metric.entry).tasks]
        return tuple(next((held for held in own if held.call == metric.call), metric) for metric in fitting)

    def call(self, family: str, call: Mapping[str, Json], block: Declared) -> Identity:
        """The identity of any other call in a block."""
        return identify_call(family, call, self._meanings(block, []))

    def fields(self, dataset: Declared) -> Identity:
        """What each row holds; labels are written out, a column that was not given is the field's name."""
        calls = {**mapping(dataset.settings["fields"]), **_division_field(dataset.settings["splits"])}
        return record(**{name: self._field(name, call, dataset) for name, call in calls.items()})

    def data(self, dataset: Declared) -> LocatedData | None:
        source = mapping(dataset.settings["source"])
        return self.located.find_data(source, dataset.folder, dataset.spans.at("source"))

    def _identify_model(self, model: Declared) -> ModelIdentity:
        found: list[LocatedModel] = []
        meanings = self._meanings(model, found)
        adapter = self._adapter(model)
        settings = {**model.settings, "inputs": None, "precision": None}  # they stand in the task and in the prediction
        whole = identify_keys(CATALOG.blocks["model"].keys, settings, meanings)
        if adapter is not None:
            whole = Identity({**mapping(whole.value), "adapter": adapter.identity}, whole.versions)
        source = mapping(model.settings["source"])
        of_source = identify_call("model_source", source, self._meanings(model, []))
        locations = tuple(one.location for one in found)
        parameters = sum(one.parameters or 0 for one in found) or scratch_parameters(source)
        weights = sum(one.weight_bytes or 0 for one in found) or 4 * parameters
        limit = found[0].input_limit if found else scratch_limit(source)
        return ModelIdentity(whole, of_source, locations, parameters, weights, None if adapter is None else adapter.location, limit)

    def _adapter(self, model: Declared) -> LocatedModel | None:
        written = model.settings["adapter"]
        return None if written is None else self.located.find_adapter(str(written), model.folder, model.spans.at("adapter"))

    def prompt(self, prompt: Declared) -> Identity:
        return identify_keys(CATALOG.blocks["prompt"].keys, prompt.settings, self._meanings(prompt, []))

    def locations_in(self, family: str, call: Mapping[str, Json]) -> tuple[str, ...]:
        """Where the models lie that a call refers to, and behind each its adapter where it has one."""
        asked = [(key.type.kinds, call[key.name]) for key in entry_of(family, call).keys if isinstance(key.type, Reference)]
        names = [name for kinds, name in asked if "model" in kinds and isinstance(name, str)]
        models = [self.model(self.spec.block("model", name)) for name in names]
        return tuple(place for model in models for place in (*model.locations, model.adapter_location) if place is not None)

    def _name_metrics(self, task: Declared) -> tuple[NamedMetric, ...]:
        values = task.settings["metrics"]
        if values is None:
            facts = CATALOG.entry("task", str(task.variant)).facts
            assert isinstance(facts, TaskFacts)
            values = [call_with_defaults("metric", name) for name in facts.default_metrics]
        listed = [self.metric(task, value, False, _written(task, "metrics", index)) for index, value in enumerate(items(values))]
        listed = list({metric.name: metric for metric in listed}.values())
        primary = self._primary(task, listed)
        if primary not in listed:
            listed.append(primary)
        return tuple(replace(metric, primary=metric is primary) for metric in listed)

    def _primary(self, task: Declared, listed: Sequence[NamedMetric]) -> NamedMetric:
        """The first metric when none is named. `primary = f1` means the listed `f1(...)` when there is just one."""
        value = task.settings["primary"]
        if value is None:
            return listed[0]
        asked = self.metric(task, value, False, _written(task, "primary"))
        same = [metric for metric in listed if metric.call == asked.call]
        alike = [metric for metric in listed if metric.entry == asked.entry]
        if same:
            return same[0]
        is_bare = isinstance(value, Mapping) and value == call_with_defaults("metric", asked.entry)
        return alike[0] if is_bare and len(alike) == 1 else asked

    def _field(self, name: str, call: Json, dataset: Declared) -> Identity:
        assert isinstance(call, Mapping)
        if call["call"] == "choices":
            return identify_call("field", {**call, "columns": call["columns"] or [name]}, self._meanings(dataset, []))
        column = call["column"]
        filled = {**call, "column": name if column is None else column}
        if call["call"] != "label":
            return identify_call("field", filled, self._meanings(dataset, []))
        labels = self._label_table(call["labels"], dataset)
        plain = identify_call("field", {**filled, "labels": None}, self._meanings(dataset, []))
        assert isinstance(plain.value, Mapping)
        return Identity({**plain.value, "labels": labels.value}, {**plain.versions, **labels.versions})

    def _label_table(self, value: Json, dataset: Declared) -> Identity:
        if isinstance(value, str):
            value = self.spec.block("labels", value).settings["value"]
        if isinstance(value, Mapping) and "call" in value:
            made = identify_call("labels", value, self._meanings(dataset, []))
            return Identity({str(value["call"]): value["first"]}, made.versions)
        if isinstance(value, Mapping):
            return Identity([{"label": label, "values": values} for label, values in value.items()])
        return Identity([{"label": label, "values": [label_text(label)]} for label in items(value)])

    def _group_field(self, task: Declared) -> str | None:
        """The only `group(...)` field of the task's data."""
        fields = mapping(self.spec.block("dataset", str(task.settings["data"])).settings["fields"])
        groups = [name for name, call in fields.items() if isinstance(call, Mapping) and call["call"] == "group"]
        return groups[0] if len(groups) == 1 else None

    def _meanings(self, block: Declared, found: list[LocatedModel]) -> Meanings:
        def reference(kinds: tuple[str, ...], name: str) -> Identity:
            if "metric" in kinds:
                call = self.spec.block("metric", name).settings["value"]
                assert isinstance(call, Mapping)
                return identify_call("metric", call, self._meanings(block, found))
            if "model" in kinds and name in self.spec.blocks["model"]:
                return self.model(self.spec.block("model", name)).settings
            raise AssertionError(f"no identity of a reference to {kinds}")

        def place(family: str, call: Mapping[str, Json]) -> Json:
            if family != "model_source":
                return None
            located = self.located.find_model(call, block.folder, block.spans.at("source"))
            if located is None:
                return None
            found.append(located)
            return located.identity

        return Meanings(reference, place)


def _division_field(splits: Json) -> Mapping[str, Json]:
    """The column by which rows are divided, as a field that only the split step reads."""
    if isinstance(splits, Mapping) and splits["call"] == "column":
        return {DIVISION_FIELD: {**call_with_defaults("field", "group"), "column": splits["column"]}}
    return {}


def call_text(call: Mapping[str, Json], written: frozenset[str]) -> str:
    """A metric's name when the spec gives none: the call with the arguments that were written or are not the defaults."""
    entry = entry_of("metric", call)
    shown = [key.name for key in entry.keys if call[key.name] is not None and (key.name in written or call[key.name] != key.default)]
    arguments = ", ".join(f"{name} = {_argument_text(call[name])}" for name in shown)
    return f"{entry.name}({arguments})" if arguments else entry.name


def label_text(label: Json) -> str:
    """The text of a label in data and results."""
    return label if isinstance(label, str) else canonical(label)


def root_folder(spec: Spec) -> str:
    return posixpath.dirname(spec.path)


def _argument_text(value: Json) -> str:
    is_name = isinstance(value, str) and value.replace("_", "a").isalnum()
    return value if isinstance(value, str) and is_name else canonical(value)


def _written(block: Declared, *path: str | int) -> frozenset[str]:
    """The arguments that the author gave to the call at a path."""
    return frozenset(str(at[-1]) for at in block.spans.values if len(at) == len(path) + 1 and at[:-1] == path)


def _metric_facts(name: str) -> MetricFacts:
    facts = CATALOG.entry("metric", name).facts
    assert isinstance(facts, MetricFacts)
    return facts
