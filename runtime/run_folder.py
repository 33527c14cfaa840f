"""The folder that a run leaves: where it is, and how files get into it.

In: where the user wants it, the spec's sources, finished predictions. Out: files that are there whole or not at all.
Not here: what results.json and run.json say (`results`, `provenance`).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from benchc.compiler.jsonvalue import Json
from benchc.compiler.source import Source
from benchc.runtime.disk_writes import Disk

RUN_FORMAT: Final = "benchc-run/1"
LONGEST_NAME: Final = 120
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._=,\[\]-]")


class FolderTakenError(Exception):
    """The folder holds something that no run of this bench has left."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    path: Path
    disk: Disk

    def write_json(self, name: str, value: Json) -> Path:
        """Readable JSON, keys in the order in which they were made."""
        text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        return self.write_text(name, text)

    def write_text(self, name: str, text: str) -> Path:
        path = self.path / name
        self.disk.make_folder(path.parent)
        self.disk.replace(path, text.encode("utf-8", "surrogatepass"))
        return path

    def write_sources(self, root: str, sources: Mapping[str, Source]) -> str:
        """Puts the spec's texts into spec/; answers the root's path in it."""
        places = source_places(root, sources)
        for path, source in sources.items():
            self.write_text(f"spec/{places[path]}", source.text)
        return places[root]

    def add_predictions(self, cells: Mapping[str, Path]) -> dict[str, str]:
        """Puts each cell's parquet file into predictions/; answers its path relative to the folder, by cell."""
        names = file_names(cells)
        for cell, original in cells.items():
            self.disk.make_folder(self.path / "predictions")
            self.disk.link_or_copy(original, self.path / "predictions" / f"{names[cell]}.parquet")
        return {cell: f"predictions/{names[cell]}.parquet" for cell in cells}


def create_run_folder(asked: Path | None, bench: str, spec_name: str, now: datetime, disk: Disk) -> RunFolder:
    """A new folder, or the one that was asked for when it is empty or an earlier run of the same bench left it.

    Raises FolderTakenError, and OSError when it cannot be made.
    """
    path = asked if asked is not None else _free(Path("runs") / f"{spec_name}-{now:%Y%m%d-%H%M%S}")
    if path.exists() and not path.is_dir():
        raise FolderTakenError(f"`{path}` is a file")
    if path.is_dir() and any(path.iterdir()):
        if _bench_of(path) != bench:
            raise FolderTakenError(f"`{path}` is not empty, and no run of `{bench}` has left it")
        _clear(path, disk)
    disk.make_folder(path)
    return RunFolder(path, disk)


def _free(path: Path) -> Path:
    """The path, or with the first number behind it that is not taken."""
    candidates = [path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000))]
    return next(candidate for candidate in candidates if not candidate.exists())


def _bench_of(path: Path) -> str | None:
    try:
        value = json.loads((path / "run.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return value.get("bench") if isinstance(value, dict) and value.get("format") == RUN_FORMAT else None


def _clear(path: Path, disk: Disk) -> None:
    """Removes what an earlier run wrote, and nothing else."""
    for name in ("predictions", "spec", "errors"):
        disk.remove_tree(path / name)
    for name in ("results.json", "report.html", "plan.json", "bench.lock", "events.jsonl"):
        (path / name).unlink(missing_ok=True)


def file_names(ids: Iterable[str]) -> dict[str, str]:
    """A file name for each id, safe on every system: the id where it is safe itself, else with a digest that keeps names apart."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for id in ids:  # noqa: A001 - the word of the results
        name = _UNSAFE.sub("_", id)[:LONGEST_NAME].rstrip(".") or "_"
        if name != id or name.casefold() in taken:
            name = f"{name}-{hashlib.sha256(id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        taken.add(name.casefold())
        names[id] = name
    return names


def source_places(root: str, paths: Iterable[str]) -> dict[str, str]:
    """Where in spec/ each source goes: the root by its name, what lies below its folder by its relative path, the rest in imports/."""
    folder = PurePosixPath(root).parent
    places: dict[str, str] = {}
    for path in paths:
        pure = PurePosixPath(path)
        inside = pure.is_relative_to(folder) and ":" not in path and ".." not in pure.parts
        places[path] = pure.relative_to(folder).as_posix() if inside else f"imports/{next(iter(file_names([path]).values()))}"
    return places
