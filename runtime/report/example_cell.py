"""What the choice of examples knows of a cell, and the data that its examples were made from.

In: folders of finished steps. Out: rows by id, the ends of their prompts. Not here: which examples are chosen (`examples`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.jsonvalue import Json

LONGEST_TEXT: Final = 10_000  # characters of an input that are kept; what is left out is counted
PROMPT_END: Final = 600  # characters of a prompt's end that are kept


@dataclass(frozen=True, slots=True)
class Scored:
    """A metric whose value on single examples is worth knowing. `predictions` is the folder that it was scored from."""

    name: str
    call: Mapping[str, Json]
    predictions: Path


@dataclass(frozen=True, slots=True)
class ExampleCell:
    """A finished cell. `predictions` is its parquet file, `load` and `split` are its steps' folders, `inputs` the task's input fields.
    `choices`: the field with the texts to choose from; `encode`: the folder of its prompts; `extract`: the call that took the answer out of
    what a model wrote; `examined`: the folder with what tests said of the answers; `primary`: the metric that ranks models. Each is None
    for cells without."""

    cell: str
    run: str
    task: str
    task_kind: str
    model: str
    train: str | None
    params: Mapping[str, Json]
    seed: int
    split_name: str  # the split that was evaluated
    predictions: Path
    load: Path
    split: Path
    inputs: tuple[str, ...]
    choices: str | None = None
    encode: Path | None = None
    extract: Mapping[str, Json] | None = None
    examined: Path | None = None
    primary: Scored | None = None


def rows_of(cells: Sequence[ExampleCell], ids: set[str]) -> dict[str, dict[str, Any]]:
    """The input fields, and the choices, of the examples `ids`, from the data of the first cells that hold them."""
    from benchc.runtime.data.view import open_data

    found: dict[str, dict[str, Any]] = {}
    opened: set[tuple[Path, Path, str]] = set()
    for cell in cells:
        place = (cell.load, cell.split, cell.split_name)
        missing = sorted(ids - found.keys())
        if not missing or place in opened:
            continue
        opened.add(place)
        rows = open_data(cell.load, cell.split).rows(cell.split_name)
        wanted = rows.filter(pc.is_in(rows.column("_id"), value_set=pa.array(missing, pa.string())))
        fields = dict.fromkeys((*cell.inputs, *([cell.choices] if cell.choices else [])))
        for row in wanted.select(["_id", *fields]).to_pylist():
            found.setdefault(row["_id"], {field: row[field] for field in fields})
    return found


def input_texts(row: Mapping[str, Any], inputs: Sequence[str], longest: int) -> dict[str, Json]:
    """`inputs` and `cut` of an example; at most `longest` characters of a field are kept."""
    texts = {field: "" if row[field] is None else str(row[field]) for field in inputs if field in row}
    return {
        "inputs": {field: text[:longest] for field, text in texts.items()},
        "cut": {field: len(text) - longest for field, text in texts.items() if len(text) > longest},
    }


def prompt_ends(cells: Sequence[ExampleCell], ids: set[str]) -> dict[str, dict[str, Json]]:
    """`prompt_end` and `prompt_before`, the number of characters before it, of the examples `ids`: of the prompts of the first cell that
    was prompted. Prompts of other models may differ in what had to be cut."""
    cell = next((cell for cell in cells if cell.encode is not None), None)
    if cell is None or cell.encode is None:
        return {}
    from benchc.runtime.data.view import open_data
    from benchc.runtime.prompts.request_file import read_prompts

    view = open_data(cell.load, cell.split)
    numbers = zip(map(int, view.row_numbers(cell.split_name)), view.column(cell.split_name, "_id").to_pylist(), strict=True)
    names = {number: name for number, name in numbers if name in ids}
    found: dict[str, dict[str, Json]] = {}
    for prompt in read_prompts(cell.encode):
        if len(found) == len(names):
            break
        if prompt.row in names and prompt.text:
            before = max(0, len(prompt.text) - PROMPT_END)
            found[names[prompt.row]] = {"prompt_end": prompt.text[before:], "prompt_before": before}
    return found
