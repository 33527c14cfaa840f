"""Labels and data sets on their own: places, columns, fields, shares.

In: `Subject`. Out: findings. Not here: what the files hold (`benchc check --data`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchc.compiler.catalog.model import Catalog
from benchc.compiler.checks.finding import Finding, Subject
from benchc.compiler.checks.view import is_located, items, mapping, shown_label
from benchc.compiler.declare import VALUE, did_you_mean
from benchc.compiler.jsonvalue import Json, canonical
from benchc.compiler.problems import Help, Label, Problem, error
from benchc.compiler.source import Span
from benchc.compiler.spec import Declared
from benchc.compiler.split_names import SPLITS, divided_part, file_format, source_parts
from benchc.compiler.suggest import near
from benchc.compiler.words import listed


def check_labels(subject: Subject) -> Iterator[Finding]:
    """A label, and a raw value, stands for one thing."""
    for block in subject.spec.blocks["labels"].values():
        yield from _label_set(block, block.settings[VALUE], (VALUE,))
    for data in subject.spec.blocks["dataset"].values():
        for name, call in mapping(data.settings["fields"]).items():
            labels = mapping(call).get("labels")
            if labels is not None and not isinstance(labels, str):
                yield from _label_set(data, labels, ("fields", name, "labels"))


def _label_set(block: Declared, value: Json, path: tuple[str, ...]) -> Iterator[Finding]:
    if isinstance(value, Mapping):
        if "call" not in value:
            raw = ((label, index, item) for label, values in value.items() for index, item in enumerate(items(values)))
            yield from _repeated(((item, block.spans.at(*path, label, index)) for label, index, item in raw), "the raw value")
        return
    listed_labels = [(item, block.spans.at(*path, index)) for index, item in enumerate(items(value))]
    yield from _repeated(listed_labels, "the label")


def _repeated(values: Iterable[tuple[Json, Span]], what: str) -> Iterator[Finding]:
    for value, span, first in repeats(values):
        label = Label(first, "first given here")
        yield Finding(error("duplicate_value", f"{what} `{shown_label(value)}` is given twice", span, labels=(label,)))


def repeats(values: Iterable[tuple[Json, Span]]) -> Iterator[tuple[Json, Span, Span]]:
    """Values that came before, with the place of the first."""
    seen: dict[str, Span] = {}
    for value, span in values:
        before = seen.setdefault(canonical(value), span)
        if before is not span:
            yield value, span, before


def check_datasets(subject: Subject) -> Iterator[Finding]:
    for data in subject.spec.blocks["dataset"].values():
        for problem in _dataset_problems(data, subject.catalog):
            yield Finding(problem)


def _dataset_problems(data: Declared, catalog: Catalog) -> Iterator[Problem]:
    if is_located(data, catalog):
        yield from _places(data)
    yield from _pattern(data)
    yield from _columns(data)
    yield from _field_names(data)
    splits = data.settings["splits"]
    if isinstance(splits, Mapping) and splits["call"] == "fractions":
        yield from _shares(data, splits)


def _places(data: Declared) -> Iterator[Problem]:
    source, given = file_format(data.settings), source_parts(data.settings)
    span = data.spans.at("source")
    if not given:
        advice = Help('name one file, or one for each split: `train = "train.csv", test = "test.csv"`')
        yield error("source_without_files", f"`{source['call']}` of the dataset `{data.name}` names no file", span, advice)
    elif "all" in given and len(given) > 1:
        others = listed(part for part in SPLITS if part in given)
        message = f"`{source['call']}` gets both one place for all rows and places for {others}"
        yield error("contradicting_keys", message, span, Help("name one file, or one for each split"))


def _pattern(data: Declared) -> Iterator[Problem]:
    source = file_format(data.settings)
    pattern = source.get("pattern")
    if not isinstance(pattern, str):
        return
    span = data.spans.at("source", "pattern")
    try:
        groups = re.compile(pattern).groupindex
    except (re.error, RecursionError, OverflowError) as trouble:
        yield error("wrong_form", f"the pattern is not a regular expression: {str(trouble).lower()}", span)
        return
    if not groups:
        advice = Help("name the parts that are columns: `(?P<question>.*)`")
        yield error("wrong_form", "the pattern names no columns", span, advice)


def known_columns(data: Declared) -> tuple[str, ...] | None:
    """The columns that the spec says the source has; None when only the data can tell."""
    source = file_format(data.settings)
    match source["call"]:
        case "lines":
            try:
                return tuple(re.compile(str(source["pattern"])).groupindex) or None
            except (re.error, RecursionError, OverflowError):
                return None
        case "csv" | "tsv" if source["columns"] is not None:
            return tuple(str(column) for column in items(source["columns"]))
        case "text":
            return ("text",)
        case "parallel":
            maps = [source[part] for part in ("all", *SPLITS)]
            return tuple(dict.fromkeys(column for part in maps if isinstance(part, Mapping) for column in part))
        case "inline":
            rows = [row for part in ("all", *SPLITS) for row in items(source[part])]
            return tuple(dict.fromkeys(column for row in rows if isinstance(row, Mapping) for column in row))
        case _:
            return None


def _columns(data: Declared) -> Iterator[Problem]:
    known = known_columns(data)
    if known is None:
        return
    for name, call in mapping(data.settings["fields"]).items():
        for column, span in _columns_of(name, mapping(call), data):
            yield from _column(column, known, span, data)
    splits = data.settings["splits"]
    if isinstance(splits, Mapping) and splits["call"] == "column":
        yield from _column(str(splits["column"]), known, data.spans.at("splits", "column"), data)


def _columns_of(name: str, call: Mapping[str, Json], data: Declared) -> Iterator[tuple[str, Span]]:
    """The columns that a field is made of."""
    if call["call"] == "choices" and call["columns"] is not None:
        for index, column in enumerate(items(call["columns"])):
            yield str(column), data.spans.at("fields", name, "columns", index)
    else:
        yield str(call.get("column") or name), data.spans.at("fields", name, "column")


def _column(column: str, known: Sequence[str], span: Span, data: Declared) -> Iterator[Problem]:
    if column in known or any(mark in column for mark in ".["):
        return
    advice = did_you_mean(near(column, known), span) or (Help(f"there is {listed(known)}"),)
    yield error("unknown_column", f"the source of `{data.name}` has no column `{column}`", span, *advice)


def _field_names(data: Declared) -> Iterator[Problem]:
    """Fields that the data set's own settings name."""
    fields = mapping(data.settings["fields"])
    for index, condition in enumerate(items(data.settings["where"])):
        yield from unknown_field(str(mapping(condition)["field"]), data, data.spans.at("where", index, "field"))
    for index, name in enumerate(items(data.settings["dedupe"])):
        yield from unknown_field(str(name), data, data.spans.at("dedupe", index))
    splits = data.settings["splits"]
    if not isinstance(splits, Mapping):
        return
    for key in ("stratify", "group"):
        name = splits.get(key)
        if not isinstance(name, str):
            continue
        span = data.spans.at("splits", key)
        yield from unknown_field(name, data, span)
        kind = mapping(fields[name])["call"] if name in fields else "label"
        if key == "stratify" and kind != "label":
            message = f"`stratify` needs a label field, and `{name}` is a {kind} field"
            yield error("field_type", message, span)


def unknown_field(name: str, data: Declared, span: Span) -> Iterator[Problem]:
    """The problem of a field that a data set lacks."""
    fields = mapping(data.settings["fields"])
    if name in fields:
        return
    similar = near(name, fields)
    advice = did_you_mean(similar, span) or (Help(f"it has {listed(fields)}" if fields else "declare it in `fields { }`"),)
    labels = (Label(data.spans.key("fields", similar[0]), f"`{similar[0]}` is declared here"),) if len(similar) == 1 else ()
    yield error("unknown_field", f"the dataset `{data.name}` has no field `{name}`", span, *advice, labels=labels)


def _shares(data: Declared, splits: Mapping[str, Json]) -> Iterator[Problem]:
    span = data.spans.at("splits")
    shares = {split: float(str(splits[split])) for split in SPLITS if splits[split] is not None}
    total = sum(shares.values())
    if abs(total - 1) > 1e-9:
        advice = Help("they must add up to 100%")
        yield error("split_shares", f"the shares add up to {total * 100:.6g}%", span, advice)
    given = source_parts(data.settings)
    if not given:
        return
    divided = divided_part(splits, given)
    if divided is None:
        advice = Help(f"say which: `from = {next(part for part in SPLITS if part in given)}`")
        yield error("split_shares", f"the source has {listed(given)}, and `fractions` does not say which it divides", span, advice)
    elif divided not in given:
        message = f"the source of `{data.name}` has no part `{divided}` to divide"
        yield error("split_missing", message, data.spans.at("splits", "from"), Help(f"it has {listed(given)}"))
    else:
        for split in (part for part in given if part != divided and part in shares):
            message = f"`{split}` comes both from the source and from dividing `{divided}`"
            yield error("split_shares", message, data.spans.at("splits", split), Help(f"leave out `{split}` here, or in the source"))
