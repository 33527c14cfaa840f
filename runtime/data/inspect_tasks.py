"""What is to be said of data as tasks, gates and models use them: skewed classes, test sets that are too small, inputs that are cut.

In: a spec, the data sets that can be read. Out: problems at the words of tasks, gates and models.
"""

import math
from collections.abc import Iterator, Mapping
from typing import cast

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import MetricFacts, TaskFacts
from benchc.compiler.checks.view import mapping, run_models, run_tasks
from benchc.compiler.identify import call_with_defaults
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lower_blocks import Blocks
from benchc.compiler.lower_tokens import token_settings
from benchc.compiler.plan import Step
from benchc.compiler.problems import Help, Label, Problem, error, warning
from benchc.compiler.prompted import is_prompted
from benchc.compiler.spec import Declared, GateTest, Spec
from benchc.compiler.split_names import evaluated_split
from benchc.compiler.steps import params, record
from benchc.runtime.data.inspect_open import UNREADABLE, Dataset, Scratch
from benchc.runtime.data.inspect_rows import class_counts
from benchc.runtime.work import StepFailed

SKEWED_SHARE = 0.7  # a constant answer is right this often
WIDEST_INTERVAL = 0.05  # half the width of a proportion's 95% interval at the gate's bound
NORMAL_95 = 1.959964


def skew_problems(spec: Spec, datasets: Mapping[str, Dataset]) -> Iterator[Problem]:
    """Tasks ranked by a metric that a constant answer satisfies, on classes of which one is far more frequent."""
    for task, data, split in _tasks(spec, datasets):
        target = str(task.settings.get("target"))
        facts = _metric_facts(_primary(task), spec)
        if target not in data.view.labels or facts is None or not facts.gamed_by_majority:
            continue
        counts = class_counts(data, split, target)
        share = counts.max() / counts.sum()
        if share >= SKEWED_SHARE:
            label = data.view.labels[target][int(counts.argmax())]
            span = task.spans.at("primary") if "primary" in task.written else task.spans.at("metrics")
            message = f"{share:.0%} of the rows of `{split}` have the label `{label}`: always answering so scores that on `{task.name}`"
            yield warning("skewed_classes", message, span, Help("rank by `f1(average = macro)`, `mcc` or `balanced_accuracy`"))


def gate_problems(spec: Spec, datasets: Mapping[str, Dataset]) -> Iterator[Problem]:
    """Gates on a share of right answers whose bound the test rows cannot tell from values far off."""
    tasks = {task.name: (data, split) for task, data, split in _tasks(spec, datasets)}
    for gate in spec.gates:
        for test in gate.tests:
            found = _bound(test)
            if found is None:
                continue
            reference, bound = found
            task, metric = _task_and_metric(reference, spec)
            facts = None if metric is None else _metric_facts(metric, spec)
            if task not in tasks or facts is None or (facts.low, facts.high) != (0, 1) or not 0 < bound < 1:
                continue
            data, split = tasks[task]
            rows = len(data.view.row_numbers(split))
            half = NORMAL_95 * math.sqrt(bound * (1 - bound) / rows)
            if half > WIDEST_INTERVAL:
                message = f"{rows:,} rows of `{split}` tell {bound:g} from other values only when they are {half:.2f} away"
                needed = math.ceil(bound * (1 - bound) * (NORMAL_95 / WIDEST_INTERVAL) ** 2)
                yield warning("small_test", message, test.span, Help(f"{needed:,} rows tell values apart that differ by {WIDEST_INTERVAL}"))


def length_problems(spec: Spec, datasets: Mapping[str, Dataset], blocks: Blocks, scratch: Scratch) -> Iterator[Problem]:
    """Inputs that are longer than what a pretrained model reads, counted by the step that would encode them."""
    for task, model in _pretrained(spec):
        data = datasets.get(str(task.settings["data"]))
        identity = blocks.model(model)
        if data is None or not identity.locations:
            continue
        settings = params(record(**token_settings(task, model, blocks))).value
        step = Step("", "encode", 1, settings, {}, {"location": identity.locations[0], "locations": identity.locations})
        try:
            cut, longest = _count_cut(step, data, scratch)
        except StepFailed as failure:
            yield error(UNREADABLE, failure.message, model.spans.at("source"), *((Help(failure.help),) if failure.help else ()))
            continue
        if sum(cut.values()):
            counts = ", ".join(f"{count:,} of {len(data.view.row_numbers(split)):,} in `{split}`" for split, count in cut.items() if count)
            span = model.spans.at("max_length") if "max_length" in model.written else model.spans.at("source")
            label = Label(task.spans.at("input"), "these inputs")
            message = f"inputs of `{task.name}` are longer than the {longest} tokens that `{model.name}` reads, and are cut: {counts}"
            yield warning("truncated_inputs", message, span, Help("raise `max_length` where the model allows it"), labels=(label,))


def _tasks(spec: Spec, datasets: Mapping[str, Dataset]) -> Iterator[tuple[Declared, Dataset, str]]:
    """Tasks whose data can be read, with the split that is scored; folds are not made here, so tasks on folds have none."""
    for task in spec.blocks["task"].values():
        data = datasets.get(str(task.settings["data"]))
        if data is None:
            continue
        split = evaluated_split(task.settings, data.block.settings)
        if len(data.view.row_numbers(split)):
            yield task, data, split


def _primary(task: Declared) -> Json:
    """The metric that ranks: the primary one, the first of the list, or the kind's usual one."""
    settings = task.settings
    if settings["primary"] is not None:
        return settings["primary"]
    listed = settings["metrics"]
    if isinstance(listed, list | tuple) and listed:
        return cast(Json, listed[0])
    facts = CATALOG.entry("task", str(task.variant)).facts
    assert isinstance(facts, TaskFacts)
    return call_with_defaults("metric", facts.default_metrics[0])


def _metric_facts(metric: Json, spec: Spec) -> MetricFacts | None:
    """None for a metric whose block is not sound."""
    if isinstance(metric, str):
        block = spec.blocks["metric"].get(metric)
        if block is None:
            return None
        metric = block.settings["value"]
    facts = CATALOG.entry("metric", str(mapping(metric)["call"])).facts
    return facts if isinstance(facts, MetricFacts) else None


def _bound(test: GateTest) -> tuple[str, float] | None:
    """The reference and the number of a gate that compares the two."""
    match test.left, test.right:
        case str(reference), int() | float() as bound:
            return reference, float(bound)
        case int() | float() as bound, str(reference):
            return reference, float(bound)
        case _:
            return None


def _task_and_metric(reference: str, spec: Spec) -> tuple[str | None, Json]:
    """The task and the metric that a gate's reference names: `run.task.model.metric`, where names may have several parts."""
    for task in spec.blocks["task"].values():
        if f".{task.name}." in reference:
            listed = task.settings["metrics"] or [_primary(task)]
            for metric in (*cast(list[Json], listed), _primary(task)):
                if reference.endswith("." + _name(metric)):
                    return task.name, metric
    return None, None


def _name(metric: Json) -> str:
    return metric if isinstance(metric, str) else str(mapping(metric)["call"])


def _pretrained(spec: Spec) -> Iterator[tuple[Declared, Declared]]:
    """Tasks with the pretrained models that run on them, each pair once."""
    pairs = {
        (task.name, model.name): (task, model)
        for run in spec.blocks["run"].values()
        for task in run_tasks(run, spec)
        for model in run_models(run, spec)
        if mapping(model.settings["source"])["call"] in ("package", "hf") and not is_prompted(task, model)
    }
    yield from pairs.values()


def _count_cut(step: Step, data: Dataset, scratch: Scratch) -> tuple[Mapping[str, int], int]:
    """How many inputs of each split are cut, and at how many tokens."""
    import json

    from benchc.runtime.steps import encode  # imports a library of tokenizers

    rows, split = data.folders
    folder = scratch.run(encode.run, step, {"rows": (rows,), "split": (split,)})
    summary = json.loads((folder / "encode.json").read_text(encoding="utf-8"))
    return summary["truncated"], summary["max_length"]
