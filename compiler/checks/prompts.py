"""Prompts and what tasks that are answered by them say: templates against fields, shots, windows.

In: `Subject`. Out: findings. Not here: how prompts are made (`runtime.prompts`).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from benchc.compiler.checks.data import unknown_field
from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import TaskView, facts_of, items, mapping, task_views
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Edit, Help, Label, Problem, error, warning
from benchc.compiler.prompted import is_causal, shots_call, shots_split
from benchc.compiler.source import Span
from benchc.compiler.spec import Declared
from benchc.compiler.split_names import known_splits
from benchc.compiler.template import CHOICE_NAMES, BrokenTemplate, Placeholder, parse_template, placeholders
from benchc.compiler.words import listed

TEMPLATES: Final = ("template", "target", "choice")


def check_prompts(subject: Subject) -> Iterator[Finding]:
    """Templates on their own."""
    for prompt in subject.spec.blocks["prompt"].values():
        for key in TEMPLATES:
            text = prompt.settings[key]
            if isinstance(text, str):
                for problem in _form(prompt, key, text, subject):
                    yield Finding(problem)


def _form(prompt: Declared, key: str, text: str, subject: Subject) -> Iterator[Problem]:
    parts = parse_template(text)
    if isinstance(parts, BrokenTemplate):
        advice = Help("a field is written `{name}` or `{name[0]}`; write `{{` and `}}` for braces of the text")
        span = place_in(prompt, key, parts.text, subject)
        yield error("bad_template", f"the brace at `{parts.text}` begins no field", span, advice)
    elif key == "choice" and not any(part.name in CHOICE_NAMES for part in parts if isinstance(part, Placeholder)):
        advice = Help("put in `{choice}`, `{letter}` or `{index}`")
        yield error("bad_template", "`choice` is the same text for every choice", prompt.spans.at(key), advice)


def place_in(prompt: Declared, key: str, words: str, subject: Subject) -> Span:
    """Where some words stand in a prompt's text; all of the text where they are not written like that."""
    span = prompt.spans.at(key)
    module = subject.declarations.modules.get(span.path)
    found = -1 if module is None else module.syntax.source.text.find(words, span.start, span.end)
    return span if found < 0 or not words else Span(span.path, found, found + len(words))


def check_prompted_tasks(subject: Subject) -> Iterator[Finding]:
    """Tasks with the prompts, shots and windows that they name."""
    for view in task_views(subject):
        prompt = subject.spec.blocks["prompt"].get(str(view.task.settings.get("prompt")))
        if prompt is not None:
            for problem in _template_fields(view, prompt, subject):
                yield Finding(problem)
        for problem in (*_constant(view), *_window(view), *_shots(view, subject)):
            yield Finding(problem)
        yield from _shots_from_evaluated(view)


def _template_fields(view: TaskView, prompt: Declared, subject: Subject) -> Iterator[Problem]:
    for key in TEMPLATES:
        text = prompt.settings[key]
        for part in placeholders(text) if isinstance(text, str) else ():
            if part.name in CHOICE_NAMES and part.name not in view.fields:
                if key != "choice":
                    span = place_in(prompt, key, str(part), subject)
                    yield error(
                        "unknown_field", f"`{part}` has a meaning in `choice` alone", span, Help(f"move it from `{key}` to `choice`")
                    )
                continue
            yield from _placeholder(view, prompt, key, part, subject)


def _placeholder(view: TaskView, prompt: Declared, key: str, part: Placeholder, subject: Subject) -> Iterator[Problem]:
    span = place_in(prompt, key, str(part), subject)
    if part.name not in view.fields:
        yield from unknown_field(part.name, view.data, Span(span.path, span.start + 1, span.start + 1 + len(part.name)))
        return
    if key == "template" and part.name == view.target:
        label = Label(view.task.spans.at("target"), f"the target of `{view.task.name}`")
        yield error(
            "target_in_input", f"the prompt shows the target `{part.name}`", span, Help("the answer must not be shown"), labels=(label,)
        )
    kind = view.field_kind(part.name)
    if part.index is not None and kind != "choices":
        yield error(
            "bad_template", f"`{part.name}` is a {kind} field, of which `{part}` is no part", span, Help(f"write `{{{part.name}}}`")
        )
    count = _choice_count(view.fields[part.name])
    if part.index is not None and count is not None and part.index >= count:
        yield error(
            "bad_template", f"`{part.name}` has {count} choices, and `{part}` is not among them", span, Help("the first is number 0")
        )


def _choice_count(call: Json) -> int | None:
    """How many choices each row has, where the spec says so."""
    columns = mapping(call).get("columns")
    fixed = isinstance(columns, list) and len(columns) > 1 and not mapping(call).get("optional")
    return len(items(columns)) if fixed else None


def _constant(view: TaskView) -> Iterator[Problem]:
    target, choices = view.task.settings.get("target"), str(view.task.settings.get("choices"))
    if not isinstance(target, Mapping) or choices not in view.fields:
        return
    count, index = _choice_count(view.fields[choices]), int(str(target["index"]))
    if count is not None and index >= count:
        message = f"`{choices}` has {count} choices, and number {index} is not among them"
        yield error("answer_no_choice", message, view.task.spans.at("target"), Help("the first is number 0"))


def _window(view: TaskView) -> Iterator[Problem]:
    window, stride = view.task.settings.get("window"), view.task.settings.get("stride")
    if isinstance(window, int) and isinstance(stride, int) and stride > window:
        label = Label(view.task.spans.at("window"), "the window")
        message = f"a stride of {stride} leaves out tokens between windows of {window}"
        yield error("wrong_stride", message, view.task.spans.at("stride"), Help("the stride is at most the window"), labels=(label,))


def _shots(view: TaskView, subject: Subject) -> Iterator[Problem]:
    shots = shots_call(view.task.settings.get("shots"))
    if shots is None:
        return
    splits, source = known_splits(view.data.settings), shots_split(view.task, view.data)
    span = view.task.spans.at("shots_from") if "shots_from" in view.task.written else view.task.spans.at("shots")
    if splits is not None and source not in splits:
        advice = Help(f"it has {listed(splits)}: say which, `shots_from = ...`")
        yield error("split_missing", f"the dataset `{view.data.name}` has no split `{source}`: shots come from it", span, advice)
    if shots["call"] == "balanced" and view.target is not None and view.field_kind(view.target) not in (None, "label"):
        message = f"`balanced` needs labels, and the target `{view.target}` is a {view.field_kind(view.target)} field"
        yield error("field_type", message, view.task.spans.at("shots"), Help("choose `random`"))
    encoder = subject.spec.blocks["model"].get(str(shots.get("model")))
    if encoder is not None and (facts_of(encoder).fits != "train" or _is_no_encoder(encoder)):
        label = Label(encoder.spans.at("source"), "the model")
        message = f"`similar` needs an encoder, which `{encoder.name}` is not"
        yield error("model_task", message, view.task.spans.at("shots", "model"), labels=(label,))


def _is_no_encoder(model: Declared) -> bool:
    return is_causal(model) or mapping(model.settings["source"])["call"] == "scratch"


def _shots_from_evaluated(view: TaskView) -> Iterator[Finding]:
    shots = shots_call(view.task.settings.get("shots"))
    if shots is None or shots_split(view.task, view.data) != view.evaluated:
        return
    span = view.task.spans.at("shots_from") if "shots_from" in view.task.written else view.task.spans.at("shots")
    message = f"the shots of `{view.task.name}` come from `{view.evaluated}`, the split that it is scored on"
    others = [name for name in known_splits(view.data.settings) or () if name != view.evaluated]
    edits = (Edit(span, others[0]),) if others and "shots_from" in view.task.written else ()
    advice = Help(f"take them from {listed(others)}" if others else "take them from rows of their own", edits)
    yield Finding(warning("shots_from_evaluated", message, span, advice), (view.task, view.data))
