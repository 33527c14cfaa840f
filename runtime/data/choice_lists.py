"""Choices as data hold them: a list of texts in each row.

In: raw values of the columns that hold them. Out: Arrow lists of strings, with the rows that are at fault. Not here: which of them is
right (`choices`), how they are put to a model (`prompts`).
"""

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from benchc.runtime.data.batch import Values
from benchc.runtime.data.plain_text import Converted, Fault, text_of

LEAST = 2


def choices(columns: Sequence[Values], encoding: str, optional: bool) -> Converted:
    """A list of texts for each row: one from each column, or all of the one column that holds lists. `optional`: those that are missing
    or empty are left out; a row with one of them is at fault otherwise, and so is one with fewer than two choices."""
    found: list[list[str] | None] = []
    faults: list[Fault] = []
    for row, values in enumerate(_rows(columns)):
        made = _of_row(values, encoding, optional)
        found.append(None if isinstance(made, str) else made)
        if isinstance(made, str):
            faults.append(Fault(row, made))
    return Converted(pa.array(found, pa.list_(pa.string())), tuple(faults))


def _rows(columns: Sequence[Values]) -> Iterator[Sequence[object] | None]:
    """The raw choices of each row; None where a column that should hold lists does not."""
    python = [values.to_pylist() if isinstance(values, pa.Array) else values for values in columns]
    if len(python) > 1:
        yield from zip(*python, strict=True)
        return
    for value in python[0]:
        yield _listed(value)


def _listed(value: object) -> Sequence[object] | None:
    """A list, or a text that is a JSON list."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, list | tuple) else None


def _of_row(values: Sequence[object] | None, encoding: str, optional: bool) -> list[str] | str:
    """The choices, or what is wrong with them."""
    if values is None:
        return "is no list of choices"
    texts: list[str] = []
    for number, value in enumerate(values):
        text = text_of(value, encoding)
        if isinstance(text, str) and text.strip():
            texts.append(text)
        elif not optional or not (value is None or isinstance(text, str)):
            why = "is empty" if isinstance(text, str) else text.reason
            return f"has a choice that {why}, the {_ordinal(number)}"
    return texts if len(texts) >= LEAST else f"has {len(texts)} choices, fewer than {LEAST}"


def _ordinal(number: int) -> str:
    names = ("first", "second", "third", "fourth", "fifth")
    return names[number] if number < len(names) else f"{number + 1}th"
