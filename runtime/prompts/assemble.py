"""System text, shots and a question as one text, or as the turns of a chat.

In: the wording, rows. Out: the text before the answer. Not here: which shots (`shots`), what fits (`fit`).
"""

from collections.abc import Sequence

from benchc.runtime.prompts.reader import PromptReader
from benchc.runtime.prompts.rows import PromptRow
from benchc.runtime.prompts.wording import Wording


def context(wording: Wording, shots: Sequence[PromptRow], question: str, tokenizer: PromptReader) -> str:
    """The exact text that a model is to continue."""
    if wording.chat:
        return tokenizer.chat(turns(wording, shots, question))
    worked = [wording.ask(shot) + wording.answer(shot) for shot in shots]
    return wording.separator.join([*([] if wording.system is None else [wording.system]), *worked, question])


def turns(wording: Wording, shots: Sequence[PromptRow], question: str) -> list[dict[str, str]]:
    """Messages of a chat: each shot is a question of the user and an answer of the assistant."""
    messages = [] if wording.system is None else [{"role": "system", "content": wording.system}]
    for shot in shots:
        messages.append({"role": "user", "content": wording.ask(shot)})
        messages.append({"role": "assistant", "content": wording.answer(shot).strip()})
    return [*messages, {"role": "user", "content": question}]
