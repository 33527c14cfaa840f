"""Runs load and split steps on small files, as the plan would ask for them."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.catalog.types import Required
from benchc.compiler.plan import Step
from benchc.runtime.data.view import DataView, open_data
from benchc.runtime.steps import load as load_step
from benchc.runtime.steps import split as split_step
from benchc.runtime.work import Work

Locations = str | Sequence[str] | Mapping[str, Any]


def call(family: str, name: str, /, **given: Any) -> dict[str, Any]:
    """A call in canonical JSON, defaults filled in."""
    entry = CATALOG.entry(family, name)
    known = {key.name: None if isinstance(key.default, Required) else key.default for key in entry.keys}
    assert set(given) <= set(known), set(given) - set(known)
    return {"call": name, **known, **given}


def labels(*names: Any, **raw: Any) -> list[dict[str, Any]]:
    plain = [{"label": name, "values": [name if isinstance(name, str) else json.dumps(name)]} for name in names]
    return plain + [{"label": name, "values": value if isinstance(value, list) else [value]} for name, value in raw.items()]


def text(column: str | None = None, **given: Any) -> dict[str, Any]:
    return call("field", "text", column=column, **given)


def label(table: Any, column: str | None = None) -> dict[str, Any]:
    return call("field", "label", labels=table, column=column)


def number(column: str | None = None, **given: Any) -> dict[str, Any]:
    return call("field", "number", column=column, **given)


def name(kind: str, column: str | None = None) -> dict[str, Any]:
    return call("field", kind, column=column)


def fractions(**given: Any) -> dict[str, Any]:
    return call("splits", "fractions", **given)


@dataclass(frozen=True)
class Loaded:
    """A finished load step."""

    folder: Path
    summary: Mapping[str, Any]

    @property
    def table(self) -> pa.Table:
        with pa.OSFile(str(self.folder / "rows.arrow")) as file:
            return pa.ipc.open_file(file).read_all()

    def column(self, name: str) -> list[Any]:
        values: list[Any] = self.table[name].to_pylist()
        if name in self.summary["labels"]:
            return [self.summary["labels"][name][value] for value in values]
        return values


@dataclass(frozen=True)
class Data:
    """A folder for files, and steps on them."""

    root: Path

    def write(self, path: str, content: str | bytes) -> str:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, source: str, where: Locations | None, fields: Mapping[str, Any], /, on_bad_row: str = "error", **given: Any) -> Loaded:
        """`where`: a path, paths, or these by split; by column too for parallel files."""
        by_split = where if isinstance(where, Mapping) and set(where) <= set(LOCATION_KEYS) else {} if where is None else {"all": where}
        locations = {split: self._map(found, lambda path: path) for split, found in by_split.items()}
        digests = {split: self._map(found, self._digest) for split, found in by_split.items()}
        params = {"source": call("source", source, **given), "files": digests, "fields": dict(fields), "on_bad_row": on_bad_row}
        step = Step("key", "load", 1, params, {}, {"locations": locations})
        folder = self._folder("load")
        load_step.run(step, {}, self._work(folder))
        return Loaded(folder, json.loads((folder / "load.json").read_text()))

    def split(self, loaded: Loaded, **params: Any) -> "Split":
        whole = {"splits": None, "take": None, "where": [], "dedupe": None, "fold": None} | params
        folder = self._folder("split")
        split_step.run(Step("key", "split", 1, whole, {"rows": ("key",)}, {}), {"rows": (loaded.folder,)}, self._work(folder))
        return Split(folder, json.loads((folder / "split.json").read_text()), open_data(loaded.folder, folder))

    def _map(self, found: Locations, change: Callable[[str], str]) -> Any:
        if isinstance(found, Mapping):
            return {column: self._map(paths, change) for column, paths in found.items()}
        return [change(path) for path in ([found] if isinstance(found, str) else found)]

    def _digest(self, path: str) -> str:
        target = self.root / path
        return hashlib.sha256(target.read_bytes()).hexdigest() if target.is_file() else "0" * 64

    def _folder(self, kind: str) -> Path:
        number = len(list(self.root.glob(f".{kind}-*")))
        folder = self.root / f".{kind}-{number}"
        folder.mkdir()
        return folder

    def _work(self, folder: Path) -> Work:
        return Work(folder, folder, lambda location: self.root / location, "cpu", lambda _: None, lambda _: None, lambda: 0.0, 60.0)


@dataclass(frozen=True)
class Split:
    """A finished split step."""

    folder: Path
    summary: Mapping[str, Any]
    view: DataView

    def members(self, split: str, field: str) -> list[Any]:
        found: list[Any] = self.view.rows(split)[field].to_pylist()
        return found
