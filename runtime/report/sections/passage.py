"""The texts of an example: its input fields, and the end of its prompt.

In: an example of results.json. Out: `Passage`s.
"""

from benchc.runtime.report.document import Passage
from benchc.runtime.report.json_fields import Record, integer, part, text
from benchc.runtime.report.numbers import count

LONG = 600  # characters from which a text is folded
OPENING = 320  # characters of a folded text that are shown at once


def passages_of(raw: Record) -> tuple[Passage, ...]:
    cut, inputs = part(raw, "cut"), part(raw, "inputs")
    named = len(inputs) > 1
    fields = tuple(_passage(name if named else "", str(words), integer(cut, name)) for name, words in inputs.items())
    end = text(raw, "prompt_end")
    return (*fields, *([_prompt_end(end, integer(raw, "prompt_before") or 0)] if end else []))


def _passage(name: str, words: str, left_out: int | None) -> Passage:
    cut = f"{count(left_out)} further characters are not kept here" if left_out else ""
    opening = words[:OPENING].rstrip() + " …" if len(words) > LONG else ""
    return Passage(name, opening, words, cut)


def _prompt_end(words: str, before: int) -> Passage:
    """Folded: the fields say the same, and the section on prompts shows some as a whole."""
    title = f"The last {count(len(words))} characters of the prompt, which has {count(before + len(words))}" if before else "The prompt"
    return Passage("", title, words, "")
