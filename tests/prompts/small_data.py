"""Questions with their rows loaded and divided, as the steps before an encode step leave them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.types import Call
from benchc.compiler.complete import complete
from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.steps import load, split
from benchc.runtime.work import Work

LETTERS = [{"label": letter, "values": [letter]} for letter in "ABC"]
FIELDS: Mapping[str, Json] = {
    "question": {"call": "text", "column": "question", "join": None, "strip": False},
    "options": {"call": "choices", "columns": ["A", "B", "C"], "optional": False},
    "answer": {"call": "label", "labels": LETTERS, "column": "answer"},
}
TASK: Mapping[str, Json] = {
    "kind": "multiple_choice",
    "inputs": ["question"],
    "target": "answer",
    "group": None,
    "labels": None,
    "choices": "options",
}
NO_PROMPT: Mapping[str, Json] = {"template": "", "target": None, "separator": "\n\n", "system": None, "choice": None, "chat": False}


def exam(count: int, start: int = 0) -> list[dict[str, str]]:
    """Different questions, the right letters in turn."""
    return [
        {"question": f"question {n}", "A": f"one {n}", "B": f"two {n}", "C": f"three {n}", "answer": "ABC"[n % 3]}
        for n in range(start, start + count)
    ]


def work_in(folder: Path) -> Work:
    folder.mkdir(parents=True, exist_ok=True)
    return Work(folder, folder, lambda location: Path(location), "cpu", lambda progress: None, lambda event: None, lambda: 0.0, 60.0)


def loaded(
    folder: Path, rows: Mapping[str, Sequence[Mapping[str, Json]]], fields: Mapping[str, Json] = FIELDS, **params: Json
) -> tuple[Path, Path]:
    """Folders of the load and the split step. `params`: `take` and the like."""
    source = complete({"call": "inline", **{part: list(of_part) for part, of_part in rows.items()}}, Call("source"), CATALOG)
    step = Step("", "load", 1, {"source": source, "files": {}, "fields": fields, "on_bad_row": params.pop("on_bad_row", "error")}, {}, {})
    load.run(step, {}, work_in(folder / "load"))
    divide = {"splits": None, "take": None, "where": [], "dedupe": None, "fold": None, **params}
    split.run(Step("", "split", 1, divide, {}, {}), {"rows": (folder / "load",)}, work_in(folder / "split"))
    return folder / "load", folder / "split"


def view_of(folder: Path, rows: Mapping[str, Sequence[Mapping[str, Json]]], **params: Json) -> DataView:
    return open_data(*loaded(folder, rows, **params))


def skipped(folder: Path) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = json.loads((folder / "load.json").read_text())["skipped"]
    return found
