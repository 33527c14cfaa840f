"""Prompts to be read in full, and what had to be left out of them all.

In: the plan and how its steps ended. Out: JSON for the `prompts` of results.json. Not here: how they are drawn (`sections/prompts.py`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Cell, Plan, Step
from benchc.runtime.outcome import Done, Outcome
from benchc.runtime.prompts.request_file import ABOUT, PromptText, read_prompts

FIRST: Final = 2  # prompts that are kept because they come first
LONGEST_PROMPT: Final = 100_000  # characters of a prompt that are kept; what is left out, in the middle, is counted


def chosen_prompts(plan: Plan, outcome: Outcome) -> list[Json]:
    """One item for each encode step of a prompted task that ended well. Of its prompts the first two in the order of the rows are kept,
    and one of those from which most was dropped or cut, or the longest where nothing was."""
    steps = {step.key: step for step in plan.steps}
    asked: dict[str, list[Cell]] = {}
    for cell in plan.cells:
        if cell.encode_step is not None and "prompted" in steps[cell.encode_step].params:
            asked.setdefault(cell.encode_step, []).append(cell)
    return list(_items(asked, steps, outcome))


def _items(asked: Mapping[str, Sequence[Cell]], steps: Mapping[str, Step], outcome: Outcome) -> Iterator[Json]:
    for key, cells in asked.items():
        encode, load, split = (outcome.steps[one] for one in (key, cells[0].rows, cells[0].split_step))
        if isinstance(encode, Done) and isinstance(load, Done) and isinstance(split, Done):
            yield {**_about(encode.folder, steps[key], cells), "examples": _examples(encode.folder, _ids(load, split, cells[0].split))}


def _about(folder: Path, step: Step, cells: Sequence[Cell]) -> dict[str, Json]:
    counted = json.loads((folder / ABOUT).read_text("utf-8"))
    prompted = step.params["prompted"]
    assert isinstance(prompted, Mapping)
    prompt, split = prompted["prompt"], cells[0].split
    kept = ("max_length", "rows", "requests", "scored_tokens", "prompt_tokens", "shots_dropped", "shortened", "truncated_tokens", "merged")
    return {
        "cells": [cell.id for cell in cells],
        "run": cells[0].run,
        "task": cells[0].task,
        "split": split,
        "chat": isinstance(prompt, Mapping) and bool(prompt.get("chat")),
        "shots": prompted["shots"],
        "shots_from": prompted["shots_from"],
        "truncate": prompted["truncate"],
        **{name: counted.get(name) for name in kept},  # a server's tokenizer is not here to count with
        "tokens_estimated": bool(counted.get("tokens_estimated")),
        "tokens": counted["tokens"][split],
        "truncated": counted["truncated"][split],
        **{name: counted.get(name) for name in ("window", "stride", "documents_in_parts")},
    }


def _ids(load: Done, split: Done, name: str) -> dict[int, str]:
    """Ids of the rows by their numbers."""
    from benchc.runtime.data.view import open_data

    view = open_data(load.folder, split.folder)
    return dict(zip(map(int, view.row_numbers(name)), view.column(name, "_id").to_pylist(), strict=True))


def _examples(folder: Path, ids: Mapping[int, str]) -> list[Json]:
    first: list[PromptText] = []
    third: PromptText | None = None
    for prompt in read_prompts(folder):
        if not (prompt.tokens or prompt.text or prompt.continuations):  # a text that is scored as it is has no prompt
            continue
        if len(first) < FIRST:
            first.append(prompt)
        elif third is None or _weight(prompt) > _weight(third):
            third = prompt
    return [_example(prompt, ids[prompt.row]) for prompt in (*first, *([] if third is None else [third]))]


def _weight(prompt: PromptText) -> tuple[int, int, int]:
    return prompt.truncated_tokens, prompt.shots_dropped, prompt.tokens


def _example(prompt: PromptText, name: str) -> Json:
    half = LONGEST_PROMPT // 2
    left_out = max(0, len(prompt.text) - LONGEST_PROMPT)
    return {
        "id": name,
        "text": prompt.text if not left_out else prompt.text[:half] + prompt.text[-half:],
        "left_out": left_out,
        "shots": list(prompt.shots),
        "shots_dropped": prompt.shots_dropped,
        "cut_tokens": prompt.truncated_tokens,
        "tokens": prompt.tokens or None,
        "continuations": list(prompt.continuations),
    }
