"""Method: what is allowed but makes a result less believable. Each is a lint, which `allow { CODE = "reason" }` silences.

In: `Subject`. Out: findings. Not here: lints that need the data (`benchc check --data`).
"""

from collections.abc import Iterator, Mapping

from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import (
    ORACLE,
    TaskView,
    calls,
    facts_of,
    is_fitted,
    is_trivial,
    items,
    mapping,
    metric_call,
    metric_facts,
    needs_train,
    run_models,
    run_tasks,
    seeds_of,
    task_view,
    task_views,
    trains_of,
)
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Help, Label, warning
from benchc.compiler.spec import Declared
from benchc.compiler.task_metrics import metric_name
from benchc.compiler.words import listed

COMMIT_DIGITS = 40


def check_selection(subject: Subject) -> Iterator[Finding]:
    """A checkpoint chosen on the split that is scored makes the score too good."""
    for run, view, model in _crossed(subject):
        if not needs_train(model, view) or run.settings["validate"] is not None:
            continue
        for name in trains_of(run, model):
            train = subject.spec.blocks["train"].get(name)
            if train is not None:
                yield from _selection(run, view, train)


def _selection(run: Declared, view: TaskView, train: Declared) -> Iterator[Finding]:
    select = mapping(train.settings["select"])
    scored = view.evaluated
    label = Label(view.task.spans.at("evaluate_on"), f"`{view.task.name}` is scored on `{scored}`")
    advice = Help("select on another split, or score on another")
    if select["call"] == "best" and select["on"] == scored:
        message = f"`{train.name}` chooses the checkpoint on `{scored}`, the split that `{view.task.name}` is scored on"
        yield Finding(warning("test_selection", message, train.spans.at("select"), advice, labels=(label,)), (train, run, view.task))
    elif train.settings["early_stop"] is not None and scored == "dev":
        message = f"`{train.name}` stops early by `dev`, the split that `{view.task.name}` is scored on"
        yield Finding(warning("test_selection", message, train.spans.at("early_stop"), advice, labels=(label,)), (train, run, view.task))


def check_training_split(subject: Subject) -> Iterator[Finding]:
    """A task that is scored on the rows that models are fitted on."""
    for view in task_views(subject):
        trained = view.task.settings.get("train_on")
        if trained == view.evaluated and any(task is view.task for _, task in _run_tasks(subject)):
            message = f"`{view.task.name}` is scored on `{trained}`, the split that models are fitted on"
            span = view.task.spans.at("evaluate_on" if "evaluate_on" in view.task.written else "train_on")
            advice = Help("score on rows that no model has seen")
            yield Finding(warning("scored_on_training", message, span, advice), (view.task, view.data))


def _run_tasks(subject: Subject) -> Iterator[tuple[Declared, Declared]]:
    for run in subject.spec.blocks["run"].values():
        for task in run_tasks(run, subject.spec):
            yield run, task


def _crossed(subject: Subject) -> Iterator[tuple[Declared, TaskView, Declared]]:
    """Each run with each of its tasks and models."""
    for run, task in _run_tasks(subject):
        view = task_view(task, subject)
        if view is not None:
            yield from ((run, view, model) for model in run_models(run, subject.spec))


def check_seeds(subject: Subject) -> Iterator[Finding]:
    """Models that are compared after one draw of chance each."""
    for run in subject.spec.blocks["run"].values():
        models = run_models(run, subject.spec)
        contestants = sum(len(trains_of(run, model)) or 1 for model in models)
        drawn = [model.name for model in models if facts_of(model).uses_seed and _is_fitted(model, run, subject)]
        if contestants > 1 and drawn and len(seeds_of(run, subject.spec)) == 1 and run.settings["validate"] is None:
            depend = "depends" if len(drawn) == 1 else "depend"
            message = f"the run `{run.name}` compares models from one seed, and {listed(drawn)} {depend} on it"
            span = run.spans.at("seeds") if "seeds" in run.written else run.spans.at("models")
            yield Finding(warning("single_seed", message, span, Help("give several, `seeds = 1..3`")), (run,))


def _is_fitted(model: Declared, run: Declared, subject: Subject) -> bool:
    views = (task_view(task, subject) for task in run_tasks(run, subject.spec))
    return any(view is not None and is_fitted(model, view) for view in views)


def check_baseline(subject: Subject) -> Iterator[Finding]:
    """A task that no trivial baseline answers: nobody can tell what its scores are worth."""
    answered = {(task.name) for run, task in _run_tasks(subject) if any(is_trivial(model) for model in run_models(run, subject.spec))}
    known = subject.catalog.families["baseline"]
    for run, task in _run_tasks(subject):
        fitting = [name for name, entry in known.items() if name != ORACLE and str(task.variant) in getattr(entry.facts, "tasks", ())]
        if task.name not in answered and fitting:
            answered.add(task.name)
            message = f"no trivial baseline answers the task `{task.name}`"
            advice = Help(f"add one: `model floor {{ source = baseline({fitting[0]}) }}`")
            yield Finding(warning("no_baseline", message, run.spans.at("models"), advice), (run, task))


def check_majority_metric(subject: Subject) -> Iterator[Finding]:
    """A task whose every metric a constant answer can do well on."""
    for task in subject.spec.blocks["task"].values():
        if task.variant != "classification":  # the right choice of a question, or a text, is not a class
            continue
        metrics = items(task.settings["metrics"])
        calls = [metric_call(metric, subject.spec) for metric in metrics]
        if metrics and all(call is not None and metric_facts(call, subject.catalog).gamed_by_majority for call in calls):
            shown = listed(metric_name(metric) for metric in metrics)
            message = f"`{task.name}` is measured by {shown} alone, which always giving the most frequent label can satisfy"
            advice = Help("add `f1(average = macro)`, `balanced_accuracy` or `mcc`")
            yield Finding(warning("majority_metric", message, task.spans.at("metrics"), advice), (task,))


def check_correction(subject: Subject) -> Iterator[Finding]:
    """Several comparisons, each at the full level."""
    for run in subject.spec.blocks["run"].values():
        compare = run.settings["compare"]
        if not isinstance(compare, Mapping) or compare["correction"] != "none":
            continue
        models = run_models(run, subject.spec)
        contestants = sum(len(trains_of(run, model)) or 1 for model in models)
        variants = 1
        for values in mapping(run.settings["axes"]).values():
            variants *= max(1, len(items(values)))
        per_task = contestants - 1 if compare["baseline"] is not None else contestants * (contestants - 1) // 2
        count = per_task * max(1, len(run_tasks(run, subject.spec))) * variants * max(1, len(items(compare["metrics"])))
        if count > 1:
            message = f"the run `{run.name}` makes {count} comparisons without correction"
            span = run.spans.at("compare", "correction")
            yield Finding(warning("uncorrected_comparisons", message, span, Help("choose `correction = holm`")), (run,))


def check_nothing_compared(subject: Subject) -> Iterator[Finding]:
    """A comparison in a run with one contestant."""
    for run in subject.spec.blocks["run"].values():
        models = run_models(run, subject.spec)
        if run.settings["compare"] is None or len(models) < len(items(run.settings["models"])):
            continue
        if sum(len(trains_of(run, model)) or 1 for model in models) == 1:
            message = f"the run `{run.name}` has nothing to compare `{models[0].name}` with" if models else ""
            yield Finding(warning("nothing_compared", message, run.spans.at("compare"), Help("add a model, or drop `compare`")), (run,))


def check_revisions(subject: Subject) -> Iterator[Finding]:
    """What comes from a hub and can change there."""
    for data in subject.spec.blocks["dataset"].values():
        source = mapping(data.settings["source"])
        if source["call"] == "hub":
            yield from _revision(data, source)
    for model in subject.spec.blocks["model"].values():
        for call in calls(model.settings["source"]):
            if call["call"] == "hf":
                yield from _revision(model, call)
                if call["trust_remote_code"] is True:
                    message = f"the model `{model.name}` runs code that comes with it"
                    advice = Help("read that code, and allow this with the reason why it can be trusted")
                    yield Finding(warning("remote_code", message, model.spans.at("source", "trust_remote_code"), advice), (model,))


def _revision(block: Declared, call: Mapping[str, Json]) -> Iterator[Finding]:
    name, revision = str(call["id"]), call["revision"]
    if is_local(name) or (isinstance(revision, str) and _is_commit(revision)):
        return
    advice = Help(f'pin a commit, `revision = "..."` with {COMMIT_DIGITS} hexadecimal digits')
    if revision is None:
        message = f"`{name}` has no revision, and can change on its hub"
    else:
        message = f"the revision `{revision}` of `{name}` is not a commit, and can move"
    yield Finding(warning("unpinned_revision", message, block.spans.at("source", "revision"), advice), (block,))


def is_local(name: str) -> bool:
    """Whether a hub's name is a path: it begins like one, or has more or fewer parts than `org/name`."""
    return name.startswith((".", "/", "~", "\\")) or name[1:2] == ":" or name.count("/") > 1


def _is_commit(revision: str) -> bool:
    return len(revision) == COMMIT_DIGITS and all(digit in "0123456789abcdef" for digit in revision.lower())
