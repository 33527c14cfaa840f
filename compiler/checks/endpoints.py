"""Models behind servers: what can be asked of them, and what of a model block means nothing to them.

In: `Subject`. Out: findings. Not here: what a server really offers, which only a request can tell.
"""

import re
from collections.abc import Iterator
from typing import Final

from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import mapping, run_models, run_tasks
from benchc.compiler.problems import Help, Label, Problem, error, warning
from benchc.compiler.prompted import is_endpoint
from benchc.compiler.source import Span
from benchc.compiler.spec import Declared

LOCAL_KEYS: Final = ("as", "adapter_path", "max_length", "pooling", "normalize", "head", "precision")
OWN_MEMBERS: Final = ("model", "prompt", "messages", "stream", "n", "echo", "logprobs")  # of requests: what answers are read by
SCORED: Final = ("multiple_choice", "classification")
DATED: Final = re.compile(r"(19|20)\d\d-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")  # a name that its provider gives to one version


def check_endpoints(subject: Subject) -> Iterator[Finding]:
    for model in filter(is_endpoint, subject.spec.blocks["model"].values()):
        for key in LOCAL_KEYS:
            if key in model.written:
                yield Finding(_no_effect(model, key))
        for name in mapping(mapping(model.settings["source"])["parameters"]):
            if name in OWN_MEMBERS:
                message = f"`{name}` of a request is not for a model block to say"
                yield Finding(error("contradicting_keys", message, model.spans.at("source", "parameters", name), Help("leave it out")))
    for run in subject.spec.blocks["run"].values():
        for model in filter(is_endpoint, run_models(run, subject.spec)):
            for task in run_tasks(run, subject.spec):
                for problem in (*_api(task, model, subject), *_decoding(task, model)):
                    yield Finding(problem)


def check_unpinned_endpoints(subject: Subject) -> Iterator[Finding]:
    """Servers whose models can be exchanged under the same name."""
    for model in filter(is_endpoint, subject.spec.blocks["model"].values()):
        name = str(mapping(model.settings["source"])["model"])
        if DATED.search(name) is None:
            message = f"`{name}` is a name on a server, behind which another model can be put"
            advice = Help("name a dated version where the server has one, or allow this and say how the model is kept the same")
            yield Finding(warning("unpinned_endpoint", message, model.spans.at("source", "model"), advice), (model,))


def _no_effect(model: Declared, key: str) -> Problem:
    label = Label(model.spans.at("source"), "its source")
    message = f"`{key}` has no effect on the model `{model.name}`, which is behind a server"
    return error("contradicting_keys", message, model.spans.key(key), Help("leave it out"), labels=(label,))


def _api(task: Declared, model: Declared, subject: Subject) -> Iterator[Problem]:
    """A form of request that the task, or its prompt, cannot be put into."""
    api = mapping(model.settings["source"])["api"]
    prompt = subject.spec.blocks["prompt"].get(str(task.settings.get("prompt")))
    in_turns = prompt is not None and prompt.settings["chat"] is True
    span = model.spans.at("source", "api")
    if task.variant in SCORED and (api == "chat" or in_turns):
        message = f"`{task.name}` goes by the likelihoods of given texts, which a chat does not tell"
        advice = Help("write it as a `generation` task whose answer is taken by `extract = choice_letter`, or ask for completions")
        yield error("endpoint_api", message, span if api == "chat" else task.spans.at("prompt"), advice, labels=_where(task, model, span))
    elif in_turns and api == "completions":
        message = f"`{task.name}` asks in turns of a chat, and the model `{model.name}` completes texts"
        advice = Help("choose `api = chat`, or drop `chat = true` from the prompt")
        yield error("endpoint_api", message, span, advice, labels=_where(task, model, span))


def _where(task: Declared, model: Declared, span: Span) -> tuple[Label, ...]:
    places = ((task.spans.whole, "the task"), (model.spans.at("source"), "the model"))
    return tuple(Label(place, text) for place, text in places if place != span)


def _decoding(task: Declared, model: Declared) -> Iterator[Problem]:
    decode = task.settings.get("decode")
    if isinstance(decode, dict) and decode["call"] == "beam":
        label = Label(model.spans.at("source"), f"the model `{model.name}`")
        message = "a model behind a server cannot be asked for a beam search"
        yield error("endpoint_decode", message, task.spans.at("decode"), Help("choose `greedy` or `sample`"), labels=(label,))
