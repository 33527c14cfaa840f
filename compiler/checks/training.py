"""Training settings and models on their own.

In: `Subject`. Out: findings. Not here: whether a model of a run has training settings (`runs`).
"""

from collections.abc import Iterator, Mapping

from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import calls
from benchc.compiler.jsonvalue import Json, mapping
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.spec import Declared

ADAPTED = ("package", "hf")  # model sources with weights that an adapter changes
EXCLUSIVE = (("epochs", "steps"), ("batch_size", "batch_tokens"))


def check_training(subject: Subject) -> Iterator[Finding]:
    for train in subject.spec.blocks["train"].values():
        for one, other in EXCLUSIVE:
            if train.settings[one] is not None and train.settings[other] is not None:
                yield Finding(both_given(train, one, other))


def both_given(block: Declared, one: str, other: str) -> Problem:
    """The problem of two keys of which only one may be given; underlines the later one."""
    first, second = sorted((block.spans.key(one), block.spans.key(other)), key=lambda span: span.start)
    message = f"the {block.kind} `{block.name}` gives both `{one}` and `{other}`"
    return error("contradicting_keys", message, second, Help("keep one of them"), labels=(Label(first, "the other one"),))


def check_models(subject: Subject) -> Iterator[Finding]:
    for model in subject.spec.blocks["model"].values():
        for call in calls(model.settings["source"]):
            yield from _heads(model, call)
        yield from _adapter(model)


def _adapter(model: Declared) -> Iterator[Finding]:
    """Adapters go on pretrained weights alone."""
    source = mapping(model.settings["source"])["call"]
    if model.settings["adapter"] is not None and source not in ADAPTED:
        label = Label(model.spans.at("source"), "its source")
        message = f"the model `{model.name}` is a `{source}`, on which no adapter can be put"
        advice = Help("an adapter goes on the pretrained model that it was made for, `package(...)` or `hf(...)`")
        yield Finding(error("contradicting_keys", message, model.spans.key("adapter"), advice, labels=(label,)))


def _heads(model: Declared, call: Mapping[str, Json]) -> Iterator[Finding]:
    """Attention heads share a layer's width evenly."""
    width, heads = call.get("width"), call.get("heads")
    if not isinstance(width, int) or not isinstance(heads, int) or width % heads == 0:
        return
    span = model.spans.at("source")
    message = f"a width of {width} cannot be shared by {heads} attention heads"
    fitting = [number for number in range(1, min(width, 64) + 1) if width % number == 0]
    yield Finding(error("contradicting_keys", message, span, Help(f"numbers of heads that fit: {', '.join(map(str, fitting))}")))
