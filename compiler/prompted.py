"""Which models are asked by a prompt, and which are trained; where their shots come from.

In: blocks of a resolved spec. Out: yes or no, the shots. A pretrained model is prompted for the kinds of task that say so, and for
classification where it is a causal one.
"""

from collections.abc import Mapping

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import TaskFacts
from benchc.compiler.catalog.types import Call
from benchc.compiler.complete import complete
from benchc.compiler.identify import model_facts
from benchc.compiler.jsonvalue import Json, mapping
from benchc.compiler.spec import Declared
from benchc.compiler.split_names import split_names

PRETRAINED = ("package", "hf", "endpoint")  # model sources that can be prompted
CAUSAL = ("causal_lm", "seq2seq")


def is_prompted(task: Declared, model: Declared) -> bool:
    """Whether the model answers the task by continuing a prompt."""
    source = mapping(model.settings["source"])
    if source["call"] not in PRETRAINED:
        return False
    return task_facts(task).prompted or (task.variant == "classification" and is_causal(model))


def is_causal(model: Declared) -> bool:
    """Whether the spec says that a model continues texts: a task without this decides by itself."""
    source = mapping(model.settings["source"])
    role = model.settings["as"]
    return role in CAUSAL or is_endpoint(model) or (role == "auto" and is_gguf(source))


def is_endpoint(model: Declared) -> bool:
    """Whether the model is behind a server: no tokenizer and no weights are here."""
    return mapping(model.settings["source"])["call"] == "endpoint"


def is_gguf(source: Json) -> bool:
    return mapping(source).get("file") is not None


def is_untrained(task: Declared, model: Declared) -> bool:
    """Whether nothing has to be learned from the task's rows, whatever the model."""
    return task_facts(task).untrained or is_prompted(task, model)


def is_fitted(task: Declared, model: Declared) -> bool:
    """Whether the model learns from the task's training rows."""
    learns = model_facts(mapping(model.settings["source"])).fits == "data" and not task_facts(task).prompted
    return learns or needs_train(task, model)


def needs_train(task: Declared, model: Declared) -> bool:
    """Whether the model must be given training settings for the task."""
    return model_facts(mapping(model.settings["source"])).fits == "train" and not is_untrained(task, model)


def task_facts(task: Declared) -> TaskFacts:
    facts = CATALOG.entry("task", str(task.variant)).facts
    assert isinstance(facts, TaskFacts)
    return facts


def shots_call(value: Json) -> Mapping[str, Json] | None:
    """The shots of a task; a bare number draws them by chance, 0 is none."""
    if isinstance(value, int):
        value = complete({"call": "random", "count": value}, Call("shots"), CATALOG)
    if value is None or mapping(value)["count"] == 0:
        return None
    return mapping(value)


def shots_split(task: Declared, dataset: Declared) -> str:
    """The split that shots come from: the one that is named, else train where there is one, else dev."""
    asked = task.settings["shots_from"]
    if isinstance(asked, str):
        return asked
    names = split_names(dataset.settings)
    return next((name for name in ("train", "dev") if name in names), "train")
