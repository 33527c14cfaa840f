"""Prompts before anything runs.

In: a plan. Out: the first prompts of each of its encode steps: data are read and divided, texts tokenized, no weights loaded. Nothing is
kept. Not here: printing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic

from benchc.compiler.plan import Plan, Step
from benchc.runtime.prompts.fit import fit
from benchc.runtime.prompts.plan import Asking, asking
from benchc.runtime.steps import implementation
from benchc.runtime.work import Work


@dataclass(frozen=True, slots=True)
class Places:
    """`scratch`: an empty folder. `place` resolves locations of the plan. `stored`: the folder of a finished step, if the store has it.
    `converted`: where models in another form are kept."""

    scratch: Path
    place: Callable[[str], Path]
    stored: Callable[[str], Path | None]
    converted: Path


@dataclass(frozen=True, slots=True)
class Preview:
    """`cells`: ids of those that ask so. `example`: the row's id; `number` counts from 1, of `count`. `tokens` of the longest request,
    None where the model's tokenizer is not here.
    `continuations`: what is scored behind the text; () for a text that is continued."""

    cells: tuple[str, ...]
    example: str
    number: int
    count: int
    text: str
    shots: tuple[str, ...]
    shots_dropped: int
    cut_tokens: int
    tokens: int | None
    continuations: tuple[str, ...]


def previews(plan: Plan, most: int, places: Places) -> Iterator[Preview]:
    """Raises StepFailed when data or a tokenizer cannot be read."""
    steps = {step.key: step for step in plan.steps}
    folders: dict[str, Path] = {}
    for step in plan.steps:
        if step.kind != "encode" or "prompted" not in step.params:
            continue
        inputs = {role: tuple(_made(key, steps, folders, places) for key in keys) for role, keys in step.inputs.items()}
        asked = asking(step, inputs, _work(step, places))
        if asked.kind != "language_modeling":  # has texts, and no prompts
            yield from _first(asked, most, tuple(cell.id for cell in plan.cells if cell.encode_step == step.key))


def _first(asked: Asking, most: int, cells: tuple[str, ...]) -> Iterator[Preview]:
    for number, row in enumerate(islice(asked.rows, most), start=1):
        (one,) = fit([asked.draft(row)], asked.wording, asked.tokenizer, asked.room)
        yield Preview(
            cells=cells,
            example=row.id,
            number=number,
            count=len(asked.rows),
            text=one.text,
            shots=tuple(shot.id for shot in one.draft.shots),
            shots_dropped=one.shots_dropped,
            cut_tokens=one.cut_tokens,
            tokens=None if asked.as_texts else max(len(pair.tokens) for pair in one.pairs),
            continuations=one.draft.continuations,
        )


def _made(key: str, steps: dict[str, Step], folders: dict[str, Path], places: Places) -> Path:
    """The folder of a load or split step, from the store or made aside."""
    if key not in folders:
        stored = places.stored(key)
        if stored is None:
            inputs = {role: tuple(_made(one, steps, folders, places) for one in keys) for role, keys in steps[key].inputs.items()}
            work = _work(steps[key], places)
            implementation(steps[key].kind)(steps[key], inputs, work)
            stored = work.folder
        folders[key] = stored
    return folders[key]


def _work(step: Step, places: Places) -> Work:
    folder = places.scratch / step.key
    folder.mkdir()
    quiet: Callable[[object], None] = lambda _: None  # noqa: E731
    return Work(folder, folder, places.place, "cpu", quiet, quiet, monotonic, 3600.0, converted=places.converted)
