"""Where data and models lie, and what lies there.

In: the calls that name places (`csv("a.csv")`, `package("models", path = "mini")`) and `Files`. Out: the digests that stand for them
in keys, and locations, by which the runtime finds them. What is missing is a problem at the words that name it.
Not here: reading what is in the files.

A location is a path relative to the folder of the spec that is run, or `package:NAME/PATH` inside an installed package.
"""

import json
import math
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.catalog.model import SourceFacts
from benchc.compiler.identify import entry_of
from benchc.compiler.jsonvalue import Json, canonical, texts
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.source import FileDigest, Files, Span

WEIGHTS = ".safetensors"
MODEL_FILES = (".json", ".txt", ".model", WEIGHTS)
COMPRESSED = (".gz", ".zst")
NOT_BY_LINE = (*COMPRESSED, ".parquet", ".arrow", ".feather")
UNPACKED_RATIO = 3  # of text, about
BYTES_PER_PARAMETER = 4
PICKLED_WEIGHTS = (".bin", ".pt", ".pth", ".ckpt")


@dataclass(frozen=True, slots=True)
class Place:
    """How paths in one block are read.

    `folder`: what they are relative to. `root`: the folder of the spec that is run. `package`: the installed package that they lie in
    when the block says so, else "".
    """

    folder: str
    root: str
    package: str = ""

    def path(self, written: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, written))

    def location(self, path: str, written: str) -> str:
        """The location of a path that `path(written)` made or led to, the same wherever the spec's folder and the package lie."""
        if self.package:
            return f"package:{self.package}/{_relative(path, self.folder)}"
        return path if posixpath.isabs(written) else _relative(path, self.root)


@dataclass(frozen=True, slots=True)
class LocatedData:
    """`files` and `locations` by split (or "all"), and below it by column for parallel files: digests, and where each file lies.

    `bytes_by_split` is what the files hold, unpacked, about; empty where that is not known. `rows_by_split` counts lines.
    """

    files: Mapping[str, Json]
    locations: Mapping[str, Json]
    bytes_by_split: Mapping[str, int]
    rows_by_split: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LocatedModel:
    """`identity` stands for the model in keys. `parameters` are those that take part in every token, embeddings left out, about;
    None for a model of a hub, whose files are not here; so is `weight_bytes`, the size of its weights."""

    identity: Mapping[str, Json]
    location: str
    parameters: int | None
    weight_bytes: int | None


@dataclass(frozen=True, slots=True)
class Missing:
    """Why something could not be located."""

    problems: tuple[Problem, ...]


def locate_data(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedData | Missing:
    """The files of a data source. A source without files (inline rows, a hub) has none, which is no fault."""
    facts = entry_of("source", source).facts
    assert isinstance(facts, SourceFacts)
    match facts.located:
        case "files":
            return _locate_parts(source, place, span, files)
        case "package":
            return _locate_in_package(source, place, span, files)
        case "hub" if _is_path(source["id"]):
            return _locate_folder_of_data(str(source["id"]), place, span, files)
        case _:
            return LocatedData({}, {}, _inline_bytes(source))


def locate_model(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedModel | Missing | None:
    """The files of a model source; None for a source that names none (an architecture, a baseline)."""
    match source["call"]:
        case "package":
            return _model_of_package(source, place, span, files)
        case "hf":
            return _model_of_hub_or_folder(source, place, span, files)
        case _:
            return None


def _inline_bytes(source: Mapping[str, Json]) -> Mapping[str, int]:
    """The size of rows that stand in the spec."""
    if source["call"] != "inline":
        return {}
    return {part: len(canonical(source[part])) for part in LOCATION_KEYS if source[part] is not None}


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of a source is made of. `rows` is 0 where the files' lines tell nothing."""

    digests: Json
    locations: Json
    size_bytes: int
    rows: int


def _locate_parts(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedData | Missing:
    parts: dict[str, _Part] = {}
    problems: list[Problem] = []
    for name in LOCATION_KEYS:
        if source[name] is None:
            continue
        found = _find(source[name], place, span, files)
        if isinstance(found, Missing):
            problems.extend(found.problems)
        else:
            parts[name] = found
    if problems:
        return Missing(tuple(problems))
    return LocatedData(
        files={name: part.digests for name, part in parts.items()},
        locations={name: part.locations for name, part in parts.items()},
        bytes_by_split={name: part.size_bytes for name, part in parts.items()},
        rows_by_split={name: part.rows for name, part in parts.items() if part.rows},
    )


def _find(patterns: Json, place: Place, span: Span, files: Files) -> _Part | Missing:
    """The files of a list of patterns, or of one list a column."""
    if not isinstance(patterns, Mapping):
        return _find_files(texts(patterns), place, span, files)
    columns = {name: _find(of_column, place, span, files) for name, of_column in patterns.items()}
    missing = [found for found in columns.values() if isinstance(found, Missing)]
    if missing:
        return Missing(tuple(problem for found in missing for problem in found.problems))
    found_all = {name: found for name, found in columns.items() if isinstance(found, _Part)}
    return _Part(
        digests={name: found.digests for name, found in found_all.items()},
        locations={name: found.locations for name, found in found_all.items()},
        size_bytes=sum(found.size_bytes for found in found_all.values()),
        rows=max((found.rows for found in found_all.values()), default=0),
    )


def _find_files(patterns: Sequence[str], place: Place, span: Span, files: Files) -> _Part | Missing:
    found: list[tuple[str, FileDigest, str]] = []
    problems: list[Problem] = []
    for pattern in patterns:
        paths = files.glob(place.path(pattern))
        if not paths:
            problems.append(_no_file(pattern, place, span))
        for path in paths:
            digest = _digest(path, span, files)
            if isinstance(digest, Missing):
                problems.extend(digest.problems)
            else:
                found.append((path, digest, place.location(path, pattern)))
    if problems:
        return Missing(tuple(problems))
    return _Part(
        digests=[digest.sha256 for _, digest, _ in found],
        locations=[location for _, _, location in found],
        size_bytes=sum(digest.size_bytes * (UNPACKED_RATIO if path.endswith(COMPRESSED) else 1) for path, digest, _ in found),
        rows=0 if any(path.endswith(NOT_BY_LINE) for path, _, _ in found) else sum(digest.newlines for _, digest, _ in found),
    )


def _locate_in_package(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedData | Missing:
    name = str(source["name"])
    folder = files.package_folder(name)
    if folder is None:
        return Missing((_no_package(name, span),))
    inner = source["format"]
    assert isinstance(inner, Mapping)
    return _locate_parts(inner, Place(folder, place.root, package=name), span, files)


def _locate_folder_of_data(written: str, place: Place, span: Span, files: Files) -> LocatedData | Missing:
    """A folder laid out like a data set of a hub, read as a whole: its files by their names in it."""
    folder = place.path(written)
    names = _walk(folder, files)
    if not names:
        return Missing((_no_folder(written, span),))
    found = _digests(folder, names, span, files)
    if isinstance(found, Missing):
        return found
    size = sum(digest.size_bytes for digest in found.values())
    digests = {name: digest.sha256 for name, digest in found.items()}
    return LocatedData({"all": digests}, {"all": [place.location(folder, written)]}, {"all": size})


def _model_of_package(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    name, inner = str(source["name"]), str(source["path"])
    package = files.package_folder(name)
    if package is None:
        return Missing((_no_package(name, span),))
    inside = Place(package, place.root, package=name)
    return _model_folder("package", inner, inside, span, files)


def _model_of_hub_or_folder(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    written = str(source["id"])
    if _is_path(written) or _walk(place.path(written), files):
        return _model_folder("hf", written, place, span, files)
    identity = {key: source[key] for key in ("call", "id", "revision")}
    return LocatedModel(identity, written, None, None)


def _model_folder(call: str, written: str, place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    folder = place.path(written)
    names = [name for name in _walk(folder, files) if "/" not in name]
    if not names:
        return Missing((_no_folder(written, span),))
    if not any(name.endswith(WEIGHTS) for name in names) or "config.json" not in names:
        return Missing((_no_weights(written, names, span),))
    wanted = [name for name in names if name.endswith(MODEL_FILES) and not name.lower().startswith("readme")]
    found = _digests(folder, wanted, span, files)
    if isinstance(found, Missing):
        return found
    weights = sum(digest.size_bytes for name, digest in found.items() if name.endswith(WEIGHTS))
    identity: Mapping[str, Json] = {"call": call, "files": {name: digest.sha256 for name, digest in found.items()}}
    parameters = max(weights // BYTES_PER_PARAMETER - _embedded(posixpath.join(folder, "config.json"), files), 1)
    return LocatedModel(identity, place.location(folder, written), parameters, weights)


def _embedded(config: str, files: Files) -> int:
    """Parameters of the token embeddings: a lookup, no arithmetic. 0 where the configuration does not tell; the runtime reports it."""
    try:
        settings = json.loads(files.read(config))
    except (OSError, ValueError):
        return 0
    sizes = [settings.get(name) for name in ("vocab_size", "hidden_size")] if isinstance(settings, dict) else []
    return int(math.prod(size if isinstance(size, int) else 0 for size in sizes)) if sizes else 0


def _relative(path: str, folder: str) -> str:
    """`path` as seen from `folder`, both absolute or both relative to the same place. (`posixpath.relpath` would ask for the working
    folder, which is none of the compiler's business.)"""
    steps = [part for part in posixpath.normpath(path).split("/") if part != "."]
    start = [part for part in posixpath.normpath(folder or ".").split("/") if part != "."]
    shared = len(posixpath.commonprefix([steps, start]))
    return "/".join([".."] * (len(start) - shared) + steps[shared:]) or "."


def _digests(folder: str, names: Sequence[str], span: Span, files: Files) -> Mapping[str, FileDigest] | Missing:
    """Digests of files in a folder by name."""
    digests = {name: _digest(posixpath.join(folder, name), span, files) for name in names}
    missing = [digest for digest in digests.values() if isinstance(digest, Missing)]
    if missing:
        return Missing(tuple(problem for one in missing for problem in one.problems))
    return {name: digest for name, digest in digests.items() if isinstance(digest, FileDigest)}


def _digest(path: str, span: Span, files: Files) -> FileDigest | Missing:
    try:
        return files.digest(path)
    except OSError as trouble:
        reason = (trouble.strerror or type(trouble).__name__).lower()
        return Missing((error("unreadable_file", f"`{path}` cannot be read: {reason}", span),))


def _walk(folder: str, files: Files) -> Sequence[str]:
    try:
        return files.walk(folder)
    except OSError:
        return ()  # a folder that is not there holds no files


def _is_path(id: Json) -> bool:
    return isinstance(id, str) and id.startswith((".", "/"))


def _no_file(pattern: str, place: Place, span: Span) -> Problem:
    whole = place.path(pattern)
    if any(mark in pattern for mark in "*?["):
        advice = Help(f"the pattern stands for `{whole}`; `**` matches folders of any depth")
        return error("missing_data_file", f"no file matches `{pattern}`", span, advice)
    advice = Help(f"paths are relative to the folder of the file that they stand in: this is `{whole}`")
    return error("missing_data_file", f"there is no file `{pattern}`", span, advice)


def _no_package(name: str, span: Span) -> Problem:
    advice = Help(f"install it: `pip install {name.replace('_', '-')}`")
    return error("missing_package", f"the package `{name}` is not installed", span, advice)


def _no_folder(written: str, span: Span) -> Problem:
    advice = Help("give a folder with the model's or the data set's files")
    return error("missing_folder", f"there is no folder `{written}`, or it is empty", span, advice)


def _no_weights(written: str, names: Sequence[str], span: Span) -> Problem:
    if "config.json" not in names:
        return error("missing_weights", f"`{written}` holds no `config.json`, so it is no model", span, Help("give the model's own folder"))
    if any(name.endswith(PICKLED_WEIGHTS) for name in names):
        advice = Help("save the model again with `save_pretrained(folder, safe_serialization=True)`")
        return error("missing_weights", f"`{written}` holds its weights in pickled form alone, which is never loaded", span, advice)
    advice = Help("download the whole folder of the model")
    return error("missing_weights", f"`{written}` holds no `.safetensors` file with weights", span, advice)
