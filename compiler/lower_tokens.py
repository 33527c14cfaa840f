"""What an encoder reads of a task's rows: the settings of an encode step that makes no prompts.

In: a task and a model. Out: the settings, by name. Not here: prompts (`lower_prompted`), the step's inputs (`lower_cells`).
"""

from collections.abc import Mapping

from benchc.compiler.identify import Identity
from benchc.compiler.jsonvalue import Json, mapping
from benchc.compiler.lower_blocks import Blocks
from benchc.compiler.spec import Declared


def token_settings(task: Declared, model: Declared, blocks: Blocks) -> Mapping[str, Identity | Json]:
    """`apart`, which a pair alone has: whether its texts are read each by itself, rather than joined."""
    inputs = mapping(blocks.task(task, model).value)["inputs"]
    assert isinstance(inputs, list | tuple)
    pair: Mapping[str, Json] = {"apart": task.variant == "similarity"} if len(inputs) > 1 else {}
    return {"tokenizer": blocks.model(model).source, "inputs": inputs, "max_length": model.settings["max_length"], **pair}
