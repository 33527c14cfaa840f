"""The words of a prompt: templates filled with a row's fields.

In: a prompt block in canonical JSON (None for none), the task. Out: `Wording`: question, answer and continuations of a row.
Not here: shots (`shots`), how texts are put together (`assemble`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from benchc.compiler.jsonvalue import Json
from benchc.compiler.template import BrokenTemplate, Placeholder, parse_template
from benchc.runtime.prompts.letters import letter
from benchc.runtime.prompts.rows import PromptRow
from benchc.runtime.work import StepFailed

Parts: TypeAlias = tuple[str | Placeholder, ...]
Values: TypeAlias = Mapping[str, str | tuple[str, ...]]

SEPARATOR = "\n\n"


@dataclass(frozen=True, slots=True)
class Wording:
    """`question`, `target`, `choice`: templates. `target` is None where the answer of a shot is its right continuation. `labels`: of a
    classification, in order; () for other kinds. `options`: the choices field."""

    question: Parts
    target: Parts | None
    choice: Parts
    separator: str
    system: str | None
    chat: bool
    options: str | None
    labels: tuple[str, ...]

    def ask(self, row: PromptRow) -> str:
        return fill(self.question, row.values, row)

    def ask_without_content(self, row: PromptRow, nothing: str) -> str:
        """The question with a text that says nothing in place of each of the row's."""
        values = {name: nothing if isinstance(value, str) else value for name, value in row.values.items()}
        return fill(self.question, values, row)

    def answer(self, row: PromptRow) -> str:
        """The right answer as a shot shows it."""
        if self.target is not None:
            return fill(self.target, row.values, row)
        assert row.answer is not None
        return self.continuations(row)[row.answer]

    def continuations(self, row: PromptRow) -> tuple[str, ...]:
        """What each choice, or label, continues the question with; () for tasks without."""
        texts = self.labels if self.options is None else cast("tuple[str, ...]", row.values[self.options])
        return tuple(self._continuation(number, text, row) for number, text in enumerate(texts))

    def _continuation(self, number: int, text: str, row: PromptRow) -> str:
        named = {"choice": text, "letter": letter(number), "index": str(number + 1)}
        return fill(self.choice, {**row.values, **named}, row)


def wording(prompt: Mapping[str, Json] | None, task: Mapping[str, Json], labels: Sequence[str]) -> Wording:
    """`labels`: of the target where it has some. Without a prompt the question is the input fields, one a line."""
    inputs = [Placeholder(str(name), None) for name in cast("list[str]", task["inputs"])]
    kind, target = task["kind"], task["target"]
    settings: Mapping[str, Json] = prompt or {}
    question = _parts(settings["template"]) if prompt else _lines(inputs)
    space = "" if _ends_in_space(question) or settings.get("chat") or not question else " "
    chosen = kind == "multiple_choice"
    classified = kind == "classification"
    written = settings.get("target")
    own_target = None if chosen or classified else (space, Placeholder(str(target), None)) if target is not None else ()
    choice = settings.get("choice")
    if choice is None and classified and written is not None:
        choice_parts = tuple(Placeholder("choice", None) if one == Placeholder(str(target), None) else one for one in _parts(written))
    else:
        choice_parts = (space, Placeholder("choice", None)) if choice is None else _parts(choice)
    return Wording(
        question=question,
        target=own_target if written is None else _parts(written),
        choice=choice_parts,
        separator=str(settings.get("separator", SEPARATOR)),
        system=cast("str | None", settings.get("system")),
        chat=bool(settings.get("chat")),
        options=str(task["choices"]) if chosen else None,
        labels=tuple(labels) if classified else (),
    )


def fill(parts: Parts, values: Values, row: PromptRow) -> str:
    return "".join(part if isinstance(part, str) else _value(part, values, row) for part in parts)


def _value(part: Placeholder, values: Values, row: PromptRow) -> str:
    value = values[part.name]
    if isinstance(value, str):
        return value
    if part.index is None:
        return "\n".join(f"{letter(number)}. {text}" for number, text in enumerate(value))
    if part.index >= len(value):
        message = f"row {row.id} has {len(value)} choices, and the prompt asks for `{part}`"
        raise StepFailed("prompt_choice_missing", message, f"write `{{{part.name}}}` for as many lines as there are choices")
    return value[part.index]


def _parts(text: Json) -> Parts:
    parts = parse_template(str(text))
    assert not isinstance(parts, BrokenTemplate), "the compiler has checked templates"
    return parts


def _lines(inputs: Sequence[Placeholder]) -> Parts:
    parts: list[str | Placeholder] = []
    for number, one in enumerate(inputs):
        parts += ["\n", one] if number else [one]
    return tuple(parts)


def _ends_in_space(parts: Parts) -> bool:
    return bool(parts) and isinstance(parts[-1], str) and parts[-1][-1:].isspace()
