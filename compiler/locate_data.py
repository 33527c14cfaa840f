"""Where data lie, and what lies there.

In: the calls that name places, `csv("a.csv")`, and `Files`. Out: the digests that stand for them in keys, and locations, by which the
runtime finds them. What is missing is a problem at the words that name it. Not here: reading what is in the files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.catalog.model import SourceFacts
from benchc.compiler.identify import entry_of
from benchc.compiler.jsonvalue import Json, canonical, texts
from benchc.compiler.place import Missing, Place, digest_of, digests_of, is_path, no_folder, no_package, walk
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.source import FileDigest, Files, Span

COMPRESSED = (".gz", ".zst")
NOT_BY_LINE = (*COMPRESSED, ".parquet", ".arrow", ".feather")
UNPACKED_RATIO = 3  # of text, about


@dataclass(frozen=True, slots=True)
class LocatedData:
    """`files` and `locations` by split (or "all"), and below it by column for parallel files: digests, and where each file lies.

    `bytes_by_split` is what the files hold, unpacked, about; empty where that is not known. `rows_by_split` counts lines.
    """

    files: Mapping[str, Json]
    locations: Mapping[str, Json]
    bytes_by_split: Mapping[str, int]
    rows_by_split: Mapping[str, int] = field(default_factory=dict)


def locate_data(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedData | Missing:
    """The files of a data source. A source without files (inline rows, a hub) has none, which is no fault."""
    facts = entry_of("source", source).facts
    assert isinstance(facts, SourceFacts)
    match facts.located:
        case "files":
            return _locate_parts(source, place, span, files)
        case "package":
            return _locate_in_package(source, place, span, files)
        case "hub" if is_path(source["id"]):
            return _locate_folder_of_data(str(source["id"]), place, span, files)
        case _:
            return LocatedData({}, {}, _inline_bytes(source))


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
            digest = digest_of(path, span, files)
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
        return Missing((no_package(name, span),))
    inner = source["format"]
    assert isinstance(inner, Mapping)
    return _locate_parts(inner, Place(folder, place.root, name, folder), span, files)


def _locate_folder_of_data(written: str, place: Place, span: Span, files: Files) -> LocatedData | Missing:
    """A folder laid out like a data set of a hub, read as a whole: its files by their names in it."""
    folder = place.path(written)
    names = walk(folder, files)
    if not names:
        return Missing((no_folder(written, span),))
    found = digests_of(folder, names, span, files)
    if isinstance(found, Missing):
        return found
    size = sum(digest.size_bytes for digest in found.values())
    digests = {name: digest.sha256 for name, digest in found.items()}
    return LocatedData({"all": digests}, {"all": [place.location(folder, written)]}, {"all": size})


def _no_file(pattern: str, place: Place, span: Span) -> Problem:
    whole = place.path(pattern)
    if any(mark in pattern for mark in "*?["):
        advice = Help(f"the pattern stands for `{whole}`; `**` matches folders of any depth")
        return error("missing_data_file", f"no file matches `{pattern}`", span, advice)
    advice = Help(f"paths are relative to the folder of the file that they stand in: this is `{whole}`")
    return error("missing_data_file", f"there is no file `{pattern}`", span, advice)
