"""Load: a data set's rows from where they lie into the store.

In: the source's call, digests of its files, the fields. Out: `rows.arrow`, `load.json`. Files stream through in batches; a row that
cannot be read is named by file and line, and ends the step or is counted. Not here: division into splits (`split`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.data.batch import DataFile, Part, Request
from benchc.runtime.data.failures import BadData, BadRows
from benchc.runtime.data.fields import Field, Reading, convert, read_fields
from benchc.runtime.data.openfile import verify_digest
from benchc.runtime.data.row_file import RowFile
from benchc.runtime.data.sources import WRAPPERS, read_source
from benchc.runtime.work import Inputs, Progress, Work

Calls = Mapping[str, Json]

MOST_FILES = 32_767  # `_file` has 16 bits
SPLITS = ("all", "train", "dev", "test")


def run(step: Step, inputs: Inputs, work: Work) -> None:
    call = _inner_call(cast(Calls, step.params["source"]))
    files = _Files()
    parts = tuple(_parts(call, step, files, work))
    fields = read_fields(cast(Calls, step.params["fields"]))
    bad = BadRows(skip=step.params["on_bad_row"] == "skip")
    if not fields:
        raise BadData("no_fields", "the dataset has no fields", "say what its rows hold: `fields { text = text(column) }`", ("fields",))
    columns = tuple(dict.fromkeys(column for field in fields for column in field.columns))
    request = Request(call, parts, columns, bad, work.place)
    rows = RowFile(work.folder / "rows.arrow", fields, SPLITS, files.names)
    _copy_rows(request, fields, rows, work)
    bad.close()
    _require_rows(rows, _asked(call, parts), bad)
    labels = {field.name: field.labels.final() for field in fields if field.labels is not None}
    rows.finish({name: numbers for name, (_, numbers) in labels.items() if numbers is not None})
    _write_summary(work, rows, files.digests, bad, {name: list(values) for name, (values, _) in labels.items()})


class _Files:
    """The files of a load step, numbered as they are met."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.digests: list[str | None] = []

    def file(self, location: str, digest: str | None, work: Work) -> DataFile:
        if len(self.names) == MOST_FILES:
            raise BadData("too_many_files", f"the source has more than {MOST_FILES} files", "join some of them")
        self.names.append(location)
        self.digests.append(digest)
        return DataFile(len(self.names) - 1, location, _place(location, work))


def _place(location: str, work: Work) -> Path:
    try:
        return work.place(location)
    except FileNotFoundError as problem:
        raise BadData("missing_file", f"`{location}` is not there: {problem.strerror}") from problem


def _inner_call(call: Calls) -> Calls:
    """The call that says how to read: that of the source, or the one inside `package(...)`."""
    return cast(Calls, call["format"]) if call["call"] in WRAPPERS else call


def _parts(call: Calls, step: Step, files: _Files, work: Work) -> Iterator[Part]:
    digests, locations = cast(Calls, step.params["files"]), cast(Calls, step.hints.get("locations", {}))
    if call["call"] == "hub":  # a folder that `datasets` reads as a whole
        for split, folders in locations.items():
            yield Part(split, tuple(files.file(folder, None, work) for folder in cast(Sequence[str], folders)))
        return
    for split in LOCATION_KEYS:
        found = locations.get(split)
        if isinstance(found, Mapping):
            of_columns = cast(Mapping[str, Sequence[str]], digests[split])
            columns = {column: _verified(cast(Sequence[str], paths), of_columns[column], files, work) for column, paths in found.items()}
            yield Part(split, tuple(file for of_column in columns.values() for file in of_column), columns)
        elif found is not None:
            yield Part(split, _verified(cast(Sequence[str], found), cast(Sequence[str], digests[split]), files, work))


def _verified(paths: Sequence[str], digests: Sequence[str], files: _Files, work: Work) -> tuple[DataFile, ...]:
    found = tuple(files.file(path, digest, work) for path, digest in zip(paths, digests, strict=True))
    for file, digest in zip(found, digests, strict=True):
        verify_digest(file, digest)
    return found


def _copy_rows(request: Request, fields: Sequence[Field], rows: RowFile, work: Work) -> None:
    reading = Reading(str(request.call.get("encoding", "UTF-8")), str(request.call.get("decimal", ".")))
    for batch in read_source(request):
        sound = convert(batch, fields, reading, request.bad, rows.files)
        if len(sound.lines):
            rows.write(sound)
        work.progress(Progress(sum(rows.counts.values()), None, "rows"))


def _asked(call: Calls, parts: Sequence[Part]) -> list[str]:
    """The divisions that the spec names: those with files, or with rows or splits in the call itself."""
    named = {split for split in LOCATION_KEYS if call.get(split) is not None}
    with_files = set() if call["call"] == "hub" else {part.split for part in parts}
    return [split for split in LOCATION_KEYS if split in named | with_files]


def _require_rows(rows: RowFile, asked: Sequence[str], bad: BadRows) -> None:
    for split in asked:
        if not rows.counts.get(split):
            why = f"; {bad.count} were skipped, the first: {bad.named[0].text}" if bad.named else ""
            raise BadData("no_rows", f"there are no rows in `{split}`{why}", about=("source", split))
    if not rows.counts:
        raise BadData("no_rows", "the source has no rows")


def _write_summary(work: Work, rows: RowFile, digests: Sequence[str | None], bad: BadRows, labels: Mapping[str, Json]) -> None:
    id_field = rows.id_field
    summary = {
        "rows": {split: rows.counts[split] for split in SPLITS if split in rows.counts},
        "files": list(rows.files),
        "digests": digests,
        "skipped": [{"file": row.file, "line": row.line, "reason": row.reason} for row in bad.named],
        "skipped_count": bad.count,
        "labels": labels,
        "fields": {field.name: {"kind": field.kind, "column": field.column} for field in rows.fields},
        "id": None if id_field is None else id_field.name,
    }
    (work.folder / "load.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
