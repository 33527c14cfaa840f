"""The steps of one cell, from rows to scores.

In: a `CellSpec`, the identities of its blocks. Out: `BuiltCell`, its steps added to the table. Not here: what joins cells
(`lower_summaries`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchc.compiler.catalog.model import ModelFacts
from benchc.compiler.expand import CellSpec, Fold
from benchc.compiler.identify import Identity, model_facts
from benchc.compiler.jsonvalue import Json, items, mapping
from benchc.compiler.lower_blocks import Blocks, NamedMetric
from benchc.compiler.lower_examined import answers_for
from benchc.compiler.lower_prompted import encode_settings, endpoint_hints, extract_settings, predict_settings, shots_locations, together
from benchc.compiler.lower_tokens import token_settings
from benchc.compiler.plan import Cell, MetricRef
from benchc.compiler.prompted import is_fitted, is_prompted, shots_call, task_facts
from benchc.compiler.spec import Declared
from benchc.compiler.split_names import evaluated_split
from benchc.compiler.steps import Params, StepTable, params, record

DIAGNOSTICS = Identity({"call": "diagnostics"})  # what the report draws; no spec can name it


@dataclass(frozen=True, slots=True)
class BuiltCell:
    spec: CellSpec
    cell: Cell


@dataclass(slots=True)
class CellLowering:
    """Makes the cells of one spec. What several cells share is made once: data by set and fold, params of scores by run and task."""

    blocks: Blocks
    table: StepTable
    facts: dict[str, ModelFacts] = field(default_factory=dict)
    data: dict[tuple[str, Fold | None], tuple[str, str] | None] = field(default_factory=dict)
    scores: dict[tuple[str, str], tuple[tuple[NamedMetric, Params], ...]] = field(default_factory=dict)
    diagnostics: dict[tuple[str, str], Params] = field(default_factory=dict)
    training: dict[tuple[str, str, str | None], Params] = field(default_factory=dict)
    prediction: dict[tuple[str, str, bool, str, int], Params] = field(default_factory=dict)

    def build(self, spec: CellSpec) -> BuiltCell | None:
        """None when the cell's data are not there, which is among the problems then."""
        dataset = spec.spec.block("dataset", str(spec.task.settings["data"]))
        data = self._data_steps(dataset, spec.fold)
        if data is None:
            return None
        rows, split = data
        evaluated = _evaluated(spec, dataset)
        encoded = self._encode(spec, rows, split, evaluated)
        trained = self._train(spec, rows, split, encoded)
        predicted = self._predict(spec, (rows, split, encoded, trained), evaluated)
        extracted = self._extract(spec, predicted)
        answers = extracted or predicted
        metrics = tuple(self._score(spec, metric, of, (rows, split, answers)) for metric, of in self._metric_params(spec))
        cell = Cell(
            id=spec.id,
            run=spec.run.name,
            task=spec.task.name,
            task_kind=str(spec.task.variant),
            model=spec.model.name,
            train=None if spec.train is None else spec.train.name,
            seed=spec.seed,
            params=spec.params,
            fold=None if spec.fold is None else spec.fold.index,
            split=evaluated,
            rows=rows,
            split_step=split,
            encode_step=encoded,
            train_step=trained,
            predict_step=predicted,
            diagnostics=self._diagnose(spec, answers),
            metrics=metrics,
            extract_step=extracted,
        )
        return BuiltCell(spec, cell)

    def _facts(self, model: Declared) -> ModelFacts:
        if model.name not in self.facts:
            self.facts[model.name] = model_facts(mapping(model.settings["source"]))
        return self.facts[model.name]

    def _data_steps(self, dataset: Declared, fold: Fold | None) -> tuple[str, str] | None:
        wanted = (dataset.name, fold)
        if wanted not in self.data:
            self.data[wanted] = self._make_data_steps(dataset, fold)
        return self.data[wanted]

    def _make_data_steps(self, dataset: Declared, fold: Fold | None) -> tuple[str, str] | None:
        found = self.blocks.data(dataset)
        if found is None:
            return None
        source = self.blocks.call("source", mapping(dataset.settings["source"]), dataset)
        load = record(source=source, files=found.files, fields=self.blocks.fields(dataset), on_bad_row=dataset.settings["on_bad_row"])
        sizes: Mapping[str, Json] = {"bytes": found.bytes_by_split, "lines": found.rows_by_split}
        about = {name: dataset.settings[name] for name in ("description", "license") if dataset.settings[name] is not None}
        hints: Mapping[str, Json] = {"locations": found.locations, "dataset": dataset.name, **about, **sizes}
        rows = self.table.add("load", params(load), {}, hints)
        splits = dataset.settings["splits"]
        divided = None if _is_kfold(splits) else splits
        settings = dataset.settings
        split = record(
            splits=None if divided is None else self.blocks.call("splits", mapping(divided), dataset),
            take=settings["take"],
            where=settings["where"],
            dedupe=None if settings["dedupe"] is None else sorted(items(settings["dedupe"]), key=str),
            fold=None if fold is None else _fold_json(fold),
        )
        return rows, self.table.add("split", params(split), {"rows": (rows,)}, {"dataset": dataset.name})

    def _encode(self, spec: CellSpec, rows: str, split: str, evaluated: str) -> str | None:
        if is_prompted(spec.task, spec.model):
            return self._encode_prompts(spec, rows, split, evaluated)
        if self._facts(spec.model).fits != "train":  # no encoder
            return None
        model = self.blocks.model(spec.model)
        settings = record(**token_settings(spec.task, spec.model, self.blocks))
        hints = {"location": _first(model.locations), "model": spec.model.name, "dataset": spec.task.settings["data"]}
        if model.input_limit is not None:
            hints["input_limit"] = model.input_limit
        return self.table.add("encode", params(settings), {"rows": (rows,), "split": (split,)}, hints)

    def _encode_prompts(self, spec: CellSpec, rows: str, split: str, evaluated: str) -> str:
        model = self.blocks.model(spec.model)
        settings = encode_settings(spec, self.blocks, evaluated)
        hints = {
            "location": _first(model.locations),
            "shots_locations": list(shots_locations(spec.task, self.blocks)),
            "model": spec.model.name,
            "dataset": spec.task.settings["data"],
        }
        inputs = {"rows": (rows,), "split": (split,)}
        if shots_call(spec.task.settings.get("shots")) is not None:
            inputs["shots"] = (self._split_for_shots(spec, rows, split),)
        return self.table.add("encode", params(settings), inputs, hints)

    def _split_for_shots(self, spec: CellSpec, rows: str, split: str) -> str:
        """The same division without `take`: shots are the same however few rows are scored."""
        held = self.table.steps[split]
        if held.params["take"] is None:
            return split
        return self.table.add("split", params(record(**{**held.params, "take": None})), {"rows": (rows,)}, held.hints)

    def _train(self, spec: CellSpec, rows: str, split: str, encoded: str | None) -> str | None:
        facts = self._facts(spec.model)
        if not is_fitted(spec.task, spec.model):
            return None
        seed = spec.seed if facts.uses_seed else None
        return self.table.add("train", self._training(spec).but("seed", seed), _inputs(rows, split, encoded, None), self._hints(spec))

    def _training(self, spec: CellSpec) -> Params:
        """The params of a train step, less its seed."""
        wanted = (spec.task.name, spec.model.name, None if spec.train is None else spec.train.name)
        if wanted not in self.training:
            settings = record(
                task=self.blocks.task(spec.task, spec.model),
                model=self.blocks.model(spec.model).settings,
                train=None if spec.train is None else self.blocks.train(spec.train),
                seed=None,
                train_on=spec.task.settings["train_on"],
            )
            self.training[wanted] = params(settings)
        return self.training[wanted]

    def _predict(self, spec: CellSpec, behind: tuple[str, str, str | None, str | None], evaluated: str) -> str:
        of_kind = predict_settings(spec, self.blocks) if task_facts(spec.task).prompted or is_prompted(spec.task, spec.model) else {}
        wanted = (spec.task.name, spec.model.name, behind[3] is not None, evaluated, spec.seed if of_kind else 0)
        if wanted not in self.prediction:
            settings = record(
                task=self.blocks.task(spec.task, spec.model),
                split=evaluated,
                model=None if behind[3] is not None else self.blocks.model(spec.model).settings,
                precision=spec.model.settings["precision"],
                **of_kind,
            )
            self.prediction[wanted] = params(settings)
        hints = self._hints(spec)
        if is_prompted(spec.task, spec.model):
            hints = {**hints, "together": together(spec, self.blocks), **endpoint_hints(spec.model)}
        return self.table.add("predict", self.prediction[wanted], _inputs(*behind), hints)

    def _extract(self, spec: CellSpec, predicted: str) -> str | None:
        if spec.task.variant != "generation":
            return None
        settings = extract_settings(spec, self.blocks)
        return self.table.add("extract", params(settings), {"predictions": (predicted,)}, {"cell": spec.id})

    def _metric_params(self, spec: CellSpec) -> tuple[tuple[NamedMetric, Params], ...]:
        wanted = (spec.run.name, spec.task.name)
        if wanted not in self.scores:
            metrics = self.blocks.metrics_of(spec.task)
            self.scores[wanted] = tuple((metric, self._score_params(spec, metric)) for metric in metrics)
        return self.scores[wanted]

    def _score_params(self, spec: CellSpec, metric: NamedMetric | None) -> Params:
        """None is what the report draws."""
        return params(
            record(
                metric=DIAGNOSTICS if metric is None else metric.call,
                task_kind=spec.task.variant,
                confidence=spec.run.settings["confidence"],
                resamples=spec.run.settings["resamples"],
                seed=self.blocks.seed,
            )
        )

    def _score(self, spec: CellSpec, metric: NamedMetric, of: Params, behind: tuple[str, str, str]) -> MetricRef:
        answers = answers_for(spec, metric, behind, self.table)
        key = self.table.add("score", of, {"predictions": (answers,)}, {"cell": spec.id, "metric": metric.name})
        return MetricRef(metric.name, key, metric.primary, metric.higher_is_better)

    def _diagnose(self, spec: CellSpec, predicted: str) -> str:
        wanted = (spec.run.name, spec.task.name)
        if wanted not in self.diagnostics:
            self.diagnostics[wanted] = self._score_params(spec, None)
        return self.table.add("score", self.diagnostics[wanted], {"predictions": (predicted,)}, {"cell": spec.id, "metric": "diagnostics"})

    def _hints(self, spec: CellSpec) -> Mapping[str, Json]:
        """Where the model's files lie, and what people call the work."""
        model = self.blocks.model(spec.model)
        names: Mapping[str, Json] = {"cell": spec.id, "task": spec.task.name, "model": spec.model.name}
        size = {"parameters": model.parameters, "weight_bytes": model.weight_bytes}
        adapter = {} if model.adapter_location is None else {"adapter_location": model.adapter_location}
        return {**names, "location": _first(model.locations), "locations": list(model.locations), **size, **adapter}


def _evaluated(spec: CellSpec, dataset: Declared) -> str:
    if spec.fold is not None and spec.task.settings["evaluate_on"] is None:
        return "test"
    return evaluated_split(spec.task.settings, dataset.settings)


def _inputs(rows: str, split: str, encoded: str | None, trained: str | None) -> Mapping[str, tuple[str, ...]]:
    inputs = {"rows": (rows,), "split": (split,)}
    if encoded is not None:
        inputs["encoded"] = (encoded,)
    if trained is not None:
        inputs["model"] = (trained,)
    return inputs


def _is_kfold(splits: Json) -> bool:
    return isinstance(splits, Mapping) and splits["call"] == "kfold"


def _fold_json(fold: Fold) -> Json:
    return {"index": fold.index, "count": fold.count, "stratify": fold.stratify, "group": fold.group, "seed": fold.seed}


def _first(locations: tuple[str, ...]) -> str | None:
    return locations[0] if locations else None
