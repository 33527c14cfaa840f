"""Some predictions of a cell as the terminal shows them.

In: the table of a predictions file. Out: a heading and a line for each example. Not here: cutting lines to the terminal's width.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def prediction_lines(kind: str, table: "pa.Table", most: int) -> Iterator[str]:
    """At most `most` examples."""
    match kind:
        case "generation":
            yield from _written(table, most)
        case "language_modeling":
            yield from _unlikely(table, most)
        case _:
            yield from _wrong(kind, table, most)


def _wrong(kind: str, table: "pa.Table", most: int) -> Iterator[str]:
    import pyarrow.compute as pc

    judged = "correct" in table.column_names
    chosen = table.filter(pc.invert(table["correct"])) if judged else table.sort_by([("loss", "descending")])
    rows = chosen.slice(0, most).select(["id", "target", "prediction"]).to_pylist()
    yield f"wrong, the first {len(rows)}" if judged else f"farthest off, {len(rows)}"
    yield from (f"  {row['id']}: {_said(kind, row['prediction'])} instead of {_said(kind, row['target'])}" for row in rows)


def _said(kind: str, value: object) -> str:
    """A choice by its letter, as prompts name it."""
    from benchc.runtime.prompts.letters import letter

    return letter(int(str(value))) if kind == "multiple_choice" else _shown(value)


def _written(table: "pa.Table", most: int) -> Iterator[str]:
    rows = table.slice(0, most).to_pylist()
    yield f"written, the first {len(rows)}"
    for row in rows:
        yield f"  {row['id']}: {_answer(row)} instead of {_shown(row['target'])}"


def _answer(row: Mapping[str, Any]) -> str:
    """What was taken out of the text, where something was to be taken out of it."""
    answer = row["prediction"] if "prediction" in row else row["generations"][0]
    return "no answer" if answer is None else _shown(answer)


def _unlikely(table: "pa.Table", most: int) -> Iterator[str]:
    """The texts that the model finds least likely for their size."""
    from math import log

    sized = [row for row in table.to_pylist() if row["bytes"]]
    ranked = sorted(((-row["log_likelihood"] / (log(2) * row["bytes"]), row) for row in sized), key=lambda pair: (-pair[0], pair[1]["id"]))
    yield f"least likely, the first {min(most, len(ranked))}"
    for bits, row in ranked[:most]:
        yield f"  {row['id']}: {bits:.4f} bits per byte, {row['tokens']} tokens"


def _shown(value: object) -> str:
    """A text in quotes where its ends, its lines or what it would do to the terminal are not to be seen."""
    match value:
        case float():
            return f"{value:.4g}"
        case str():
            return value if value and value.isprintable() and value == value.strip() else repr(value)
        case _:
            return str(value)
