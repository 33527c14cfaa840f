"""Runs: what they cross fits together.

In: `Subject`. Out: findings. Not here: axes and exclusions (`axes`), method (`method`).
"""

from collections.abc import Iterator, Mapping

from benchc.compiler.checks.data import repeats, unknown_field
from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.tasks import decision_problems, metric_problems
from benchc.compiler.checks.training import both_given
from benchc.compiler.checks.view import (
    TaskView,
    facts_of,
    is_fitted,
    items,
    mapping,
    metric_call,
    metric_facts,
    names,
    needs_train,
    run_models,
    run_tasks,
    task_view,
    trains_of,
)
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.prompted import is_causal
from benchc.compiler.source import Span
from benchc.compiler.spec import Declared
from benchc.compiler.split_names import known_splits
from benchc.compiler.task_metrics import metric_name
from benchc.compiler.words import listed

TESTS_OF_MEANS = ("paired_t", "wilcoxon")
STRENGTH = ("labels", "scores", "probabilities")  # what predictions of labels can hold, the least first


def check_runs(subject: Subject) -> Iterator[Finding]:
    for run in subject.spec.blocks["run"].values():
        for problem in _run_problems(run, subject):
            yield Finding(problem)


def _run_problems(run: Declared, subject: Subject) -> Iterator[Problem]:
    yield from _what_is_run(run)
    yield from _repeated_items(run)
    views = [view for task in run_tasks(run, subject.spec) if (view := task_view(task, subject)) is not None]
    models = run_models(run, subject.spec)
    yield from _train_rule(run, models, views)
    for view in views:
        yield from _splits(run, view, models, subject)
        for model in models:
            yield from _pair(run, view, model, subject)
    yield from _comparison(run, views, subject)
    yield from _validation(run, views)


def _what_is_run(run: Declared) -> Iterator[Problem]:
    tasks, suite = run.settings["tasks"], run.settings["suite"]
    if tasks is not None and suite is not None:
        yield both_given(run, "tasks", "suite")
    if tasks is None and suite is None:
        advice = Help("give `tasks = [...]` or `suite = ...`")
        yield error("missing_key", f"the run `{run.name}` names neither tasks nor a suite", run.spans.whole, advice)


def _repeated_items(run: Declared) -> Iterator[Problem]:
    for key in ("tasks", "models", "seeds", "train"):
        value = run.settings[key]
        if not isinstance(value, list):
            continue
        for item, span, first in repeats((item, run.spans.at(key, index)) for index, item in enumerate(value)):
            noun = {"tasks": "task", "models": "model", "seeds": "seed", "train": "training setting"}[key]
            yield error("duplicate_value", f"the {noun} `{item}` is given twice", span, labels=(Label(first, "first given here"),))


def _train_rule(run: Declared, models: tuple[Declared, ...], views: list[TaskView]) -> Iterator[Problem]:
    """Training settings that no model takes."""
    rule = run.settings["train"]
    if rule is None or rule == "none" or not views or len(models) < len(names(run.settings["models"])):
        return
    takers = [model.name for model in models if any(needs_train(model, view) for view in views)]
    if not isinstance(rule, Mapping):
        if not takers:
            message = f"no model of the run `{run.name}` takes training settings"
            yield error("train_unused", message, run.spans.at("train"), Help("drop `train`"))
        return
    known = {model.name for model in models}
    for name, given in rule.items():
        if name not in known:
            message = f"`{name}` is not a model of the run `{run.name}`"
            yield error("train_unused", message, run.spans.key("train", name), Help(f"its models are {listed(known)}"))
        elif given != "none" and name not in takers:
            message = f"the model `{name}` takes no training settings"
            yield error("train_unused", message, run.spans.at("train", name), Help(f"drop it, or write `{name} = none`"))


def _pair(run: Declared, view: TaskView, model: Declared, subject: Subject) -> Iterator[Problem]:
    """A model on a task."""
    facts = facts_of(model)
    span = _model_span(run, model)
    if str(view.task.variant) not in facts.tasks:
        what = mapping(model.settings["source"])["call"]
        message = f"the model `{model.name}` cannot do the {view.task.variant} task `{view.task.name}`"
        label = Label(model.spans.at("source"), f"this `{what}` model does {' and '.join(facts.tasks)}")
        yield error("model_task", message, span, labels=(label,))
        return
    if (fault := _role_fault(run, view, model)) is not None:
        yield fault
        return
    yield from _model_inputs(view, model)
    trains = trains_of(run, model)
    if needs_train(model, view) and not trains:
        known = list(subject.spec.blocks["train"])
        advice = Help(f"give `train = {known[0]}`" if known else "write a `train` block and name it here: `train = NAME`")
        message = f"the model `{model.name}` must be trained for `{view.task.name}`, and the run `{run.name}` gives it no training settings"
        yield error("train_missing", message, span, advice)
    if needs_train(model, view):
        for name in trains:
            train = subject.spec.blocks["train"].get(name)
            if train is not None:
                yield from _train_on_task(train, view, subject)
    yield from _scores(view, model, subject)


def _role_fault(run: Declared, view: TaskView, model: Declared) -> Problem | None:
    """An encoder that is to continue texts, a causal model that is to be trained as an encoder."""
    kind = view.task.variant
    if facts_of(model).fits != "train" or mapping(model.settings["source"])["call"] == "scratch":
        return None
    if view.facts.prompted and model.settings["as"] == "encoder":
        advice = Help("give `as = causal_lm`, or leave it out")
    elif kind == "language_modeling" and model.settings["as"] == "seq2seq":
        advice = Help("its encoder must read something first: take a causal model")
    elif kind in ("regression", "similarity") and is_causal(model):
        advice = Help("a model that continues texts does classification, by a prompt, and the kinds that ask for a text or a choice")
    else:
        return None
    message = f"the model `{model.name}` cannot do the {kind} task `{view.task.name}`"
    label = Label(model.spans.at("as") if "as" in model.written else model.spans.at("source"), "what it is used as")
    return error("model_task", message, _model_span(run, model), advice, labels=(label,))


def _model_span(run: Declared, model: Declared) -> Span:
    listed_models = [str(item) for item in items(run.settings["models"])]
    return run.spans.at("models", listed_models.index(model.name))


def _model_inputs(view: TaskView, model: Declared) -> Iterator[Problem]:
    chosen = model.settings["inputs"]
    if chosen is None:
        return
    for index, name in enumerate(names(chosen)):
        span = model.spans.at("inputs", index)
        if name not in view.inputs and name in view.fields:
            message = f"`{name}` is not an input of the task `{view.task.name}`"
            yield error("unknown_field", message, span, Help(f"its inputs are {listed(view.inputs)}"))
        else:
            yield from unknown_field(name, view.data, span)


def _scores(view: TaskView, model: Declared, subject: Subject) -> Iterator[Problem]:
    """Metrics that need more of a prediction than the model gives."""
    gives = facts_of(model).gives
    if gives not in STRENGTH:
        return
    for index, metric in enumerate(items(view.task.settings["metrics"])):
        call = metric_call(metric, subject.spec)
        needs = metric_facts(call, subject.catalog).needs if call is not None else "labels"
        if needs in STRENGTH and STRENGTH.index(needs) > STRENGTH.index(gives):
            message = f"`{metric_name(metric)}` needs {needs}, and the model `{model.name}` gives {gives} alone"
            label = Label(model.spans.at("source"), "the model")
            yield error("metric_scores", message, view.task.spans.at("metrics", index), labels=(label,))


def _train_on_task(train: Declared, view: TaskView, subject: Subject) -> Iterator[Problem]:
    """Training settings on a task: the splits and the metric that they choose by, the loss."""
    splits = known_splits(view.data.settings)
    select = mapping(train.settings["select"])
    if select["call"] == "best":
        split = str(select["on"])
        if splits is not None and split not in splits:
            yield _no_split(view.data, split, train.spans.at("select"), f"`{train.name}` selects on it")
        call = metric_call(select["metric"], subject.spec)
        if call is not None:
            name, span = metric_name(select["metric"]), train.spans.at("select", "metric")
            yield from metric_problems(call, name, view, span, subject)
            yield from decision_problems(call, name, "selects a checkpoint", span)
    if train.settings["early_stop"] is not None and splits is not None and "dev" not in splits:
        yield _no_split(view.data, "dev", train.spans.at("early_stop"), f"`{train.name}` stops early by it")
    loss = train.settings["loss"]
    if isinstance(loss, Mapping):
        is_of_labels = loss["call"] == "cross_entropy"
        if is_of_labels != (view.task.variant == "classification"):
            message = f"the loss `{loss['call']}` does not fit the {view.task.variant} task `{view.task.name}`"
            yield error("loss_task", message, train.spans.at("loss"), Help("leave `loss` out to get the task's own"))


def _no_split(data: Declared, split: str, span: Span, why: str) -> Problem:
    splits = known_splits(data.settings) or ()
    label = Label(data.spans.at("splits") if "splits" in data.written else data.spans.at("source"), "where its splits come from")
    advice = (Help(f"it has {listed(splits)}; make one with `splits = fractions(...)`"),)
    return error("split_missing", f"the dataset `{data.name}` has no split `{split}`: {why}", span, *advice, labels=(label,))


def _splits(run: Declared, view: TaskView, models: tuple[Declared, ...], subject: Subject) -> Iterator[Problem]:
    splits = known_splits(view.data.settings)
    if splits is None:
        return
    spans = view.task.spans
    trained = str(view.task.settings.get("train_on"))
    if any(is_fitted(model, view) for model in models) and trained not in splits:
        yield _no_split(view.data, trained, spans.at("train_on"), f"`{view.task.name}` is trained on it")
    if run.settings["validate"] is None and view.evaluated not in splits:
        yield _no_split(view.data, view.evaluated, spans.at("evaluate_on"), f"`{view.task.name}` is evaluated on it")


def _comparison(run: Declared, views: list[TaskView], subject: Subject) -> Iterator[Problem]:
    compare = run.settings["compare"]
    if not isinstance(compare, Mapping):
        return
    span = run.spans.at("compare", "baseline")
    baseline = compare["baseline"]
    models, trains = names(run.settings["models"]), {name for model in run_models(run, subject.spec) for name in trains_of(run, model)}
    if baseline is not None and baseline not in models and baseline not in trains:
        advice = Help(f"the run has {listed([*models, *sorted(trains)])}")
        yield error("baseline_unknown", f"the baseline `{baseline}` does not take part in the run `{run.name}`", span, advice)
    if compare["call"] == "mcnemar":
        for view in views:
            if view.task.variant != "classification":
                message = f"`mcnemar` counts right and wrong answers, which the {view.task.variant} task `{view.task.name}` does not have"
                yield error("comparison_task", message, run.spans.at("compare"), Help("choose `paired_bootstrap` or `permutation`"))
    for index, metric in enumerate(items(compare["metrics"])):
        call = metric_call(metric, subject.spec)
        fits = call is None or any(str(view.task.variant) in metric_facts(call, subject.catalog).tasks for view in views)
        if not fits and views:
            message = f"`{metric_name(metric)}` fits no task of the run `{run.name}`"
            yield error("metric_task", message, run.spans.at("compare", "metrics", index))
        if call is not None:
            yield from decision_problems(call, metric_name(metric), "is compared", run.spans.at("compare", "metrics", index))
    yield from _means_alone(run, compare, views, subject)


def _means_alone(run: Declared, compare: Mapping[str, Json], views: list[TaskView], subject: Subject) -> Iterator[Problem]:
    """Metrics that a test on differences example by example cannot take."""
    if compare["call"] not in TESTS_OF_MEANS:
        return
    tested = items(compare["metrics"]) or [view.task.settings["primary"] for view in views]
    for metric in dict.fromkeys(metric_name(metric) for metric in tested):
        call = next(metric_call(one, subject.spec) for one in tested if metric_name(one) == metric)
        if call is not None and not metric_facts(call, subject.catalog).mean_over_examples:
            message = f"`{compare['call']}` needs a metric that is a mean over examples, and `{metric}` is none"
            advice = Help("choose `paired_bootstrap` or `permutation`, which take any metric")
            yield error("comparison_metric", message, run.spans.at("compare"), advice)


def _validation(run: Declared, views: list[TaskView]) -> Iterator[Problem]:
    validate = run.settings["validate"]
    if not isinstance(validate, Mapping):
        return
    for key in ("stratify", "group"):
        name = validate.get(key)
        for view in views if isinstance(name, str) else ():
            yield from unknown_field(str(name), view.data, run.spans.at("validate", key))
