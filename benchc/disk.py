"""The disk, as the compiler and the runtime are given it.

In: paths, the environment. Out: `DiskFiles`, which implements `Files`; the cache folder; the places of locations in a plan.
Not here: the store of finished steps (`runtime.store`), and what is in any file.
"""

import glob
import hashlib
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchc.compiler.source import FileDigest
from benchc.digest_memory import DigestMemory

CACHE_VARIABLE: Final = "BENCHC_CACHE"
PACKAGE_PREFIX: Final = "package:"
CHUNK_BYTES: Final = 1024 * 1024


@dataclass(slots=True)
class DiskFiles:
    """`Files` on disk. Digests are remembered in `memory` across processes; relative paths are relative to the working folder."""

    memory: DigestMemory
    now_ns: Callable[[], int] = field(default=time.time_ns)

    def read(self, path: str) -> str:
        return Path(path).read_bytes().decode("utf-8")

    def exists(self, path: str) -> bool:
        return Path(path).exists()

    def glob(self, pattern: str) -> Sequence[str]:
        if Path(pattern).is_file():  # a name may hold the marks of a pattern
            return (_slashes(pattern),)
        if not set("*?[") & set(pattern):
            return ()
        return sorted(_slashes(path) for path in glob.iglob(pattern, recursive=True) if Path(path).is_file())

    def walk(self, folder: str) -> Sequence[str]:
        return sorted(_slashes(str(path.relative_to(folder))) for path in _files_below(Path(folder)))

    def digest(self, path: str) -> FileDigest:
        """Raises OSError."""
        place = Path(path).resolve()
        status = place.stat()
        known = self.memory.get(str(place), status.st_size, status.st_mtime_ns)
        if known is not None:
            return known
        started = self.now_ns()
        digest = _digest(place)
        self.memory.put(str(place), status.st_mtime_ns, digest, started)
        return digest

    def package_folder(self, name: str) -> str | None:
        folder = package_folder(name)
        return None if folder is None else _slashes(str(folder))


def disk_files(cache: Path) -> DiskFiles:
    """Files with the digests that are remembered in a cache folder."""
    return DiskFiles(DigestMemory.at(cache / "digests.json"))


def cache_folder(asked: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """`--cache`, else BENCHC_CACHE, else the platform's folder for caches of this user."""
    chosen = asked or environment.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "benchc" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "benchc"
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "benchc"


def package_folder(name: str) -> Path | None:
    """The folder of an installed package, found without running any of its code."""
    top, _, inner = name.partition(".")
    try:
        loaded = name in sys.modules or name.rpartition(".")[0] in sys.modules
        spec = importlib.util.find_spec(name if loaded else top)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    whole = folder if loaded else folder.joinpath(*filter(None, inner.split(".")))
    return whole if whole.is_dir() else None


def place_of(location: str, folder: Path) -> Path:
    """The path of a plan's location: `package:NAME/PATH`, or a path relative to the folder of the spec.

    Raises FileNotFoundError for a package that is not installed.
    """
    if not location.startswith(PACKAGE_PREFIX):
        return folder / location
    name, _, inner = location.removeprefix(PACKAGE_PREFIX).partition("/")
    package = package_folder(name)
    if package is None:
        raise FileNotFoundError(2, f"the package `{name}` is not installed", location)
    return package / inner


def _digest(place: Path) -> FileDigest:
    sha256 = hashlib.sha256()
    size = newlines = 0
    with place.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            sha256.update(chunk)
            size += len(chunk)
            newlines += chunk.count(b"\n")
    return FileDigest(sha256.hexdigest(), size, newlines)


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(parent, name) for name in names)


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")
