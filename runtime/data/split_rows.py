"""Which split each row is in.

In: the rows of a load step and the parameters of a split step. Out: `Division`: a split for each row, or none, and why rows were left
out. In order: `where`, `dedupe`, `splits`, `take`, folds. Not here: files of the step.

Each choice is made by a hash of a seed and the row's identity: shuffling a file, or adding rows, moves no other row except at the
boundary between two parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from benchc.compiler.catalog.data import DIVISION_FIELD
from benchc.compiler.jsonvalue import Json
from benchc.runtime.data.conditions import holds
from benchc.runtime.data.divide import Numbers, divide, divide_groups
from benchc.runtime.data.failures import BadData, near_names, shorten
from benchc.runtime.data.identity import ranks
from benchc.runtime.data.labels import label_text
from benchc.runtime.data.row_table import RowTable

SPLITS = ("all", "train", "dev", "test")
DROPPED = -1
KEPT_FIRST = {"test": 0, "dev": 1, "train": 2, "all": 3}  # of equal rows the one in the split that is to stay whole

Call = Mapping[str, Json]


@dataclass(slots=True)
class Division:
    """`split`: for each row its place in `SPLITS`, or `DROPPED`. `dropped`: how many rows each reason took."""

    split: Numbers
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, rows: Numbers, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + len(rows)
        self.split[rows] = DROPPED

    def rows(self, split: str) -> Numbers:
        return np.flatnonzero(self.split == SPLITS.index(split))

    def counts(self) -> dict[str, int]:
        counts = {split: len(self.rows(split)) for split in SPLITS}
        return {split: count for split, count in counts.items() if count}


def split_rows(table: RowTable, params: Call) -> Division:
    codes, names = table.codes("_split")
    division = Division(np.array([SPLITS.index(name) for name in names], dtype=np.int64)[codes])
    sources = tuple(division.counts())
    _keep_where(division, table, cast(Sequence[Call], params["where"]))
    _drop_equal(division, table, cast("Sequence[str] | None", params["dedupe"]))
    _require(division, sources, "no row is left in `{split}` after `where` and `dedupe`", ("where",))
    _divide(division, table, cast(Call | None, params["splits"]))
    _take(division, table, cast(int | None, params["take"]))
    _fold(division, table, cast(Call | None, params["fold"]))
    return division


def _keep_where(division: Division, table: RowTable, conditions: Sequence[Call]) -> None:
    for condition in conditions:
        kept = np.concatenate([holds(condition, batch, table.labels) for batch in table.batches()])
        division.drop(np.flatnonzero(~kept & (division.split != DROPPED)), "where")


def _drop_equal(division: Division, table: RowTable, fields: Sequence[str] | None) -> None:
    """Keeps one row of those with equal values of all these fields: the one in test, else dev, else train; there, the one whose rank
    comes first."""
    if not fields:
        return
    for name in fields:
        if name not in table.fields:
            message = f"`dedupe` names `{name}`, which is no field{near_names(name, list(table.fields))}"
            raise BadData("unknown_field", message, about=("dedupe",))
    rows = np.flatnonzero(division.split != DROPPED)
    values = table.digests(fields)
    preference = np.array([KEPT_FIRST[split] for split in SPLITS])[division.split[rows]]
    order = rows[np.lexsort((table.ranks("dedupe", 0)[rows], preference, values[rows]))]
    repeated = order[1:][values[order][1:] == values[order][:-1]]
    division.drop(repeated, "dedupe")


def _divide(division: Division, table: RowTable, call: Call | None) -> None:
    if call is None:
        return
    match call["call"]:
        case "fractions":
            _divide_by_fractions(division, table, call)
        case "column":
            _divide_by_column(division, table, call)
        case "kfold":
            return  # the plan asks for each fold
        case other:
            raise AssertionError(f"no way to split named {other}")


def _divide_by_fractions(division: Division, table: RowTable, call: Call) -> None:
    parts = {part: cast(float, call[part]) for part in ("train", "dev", "test") if call[part] is not None}
    if abs(sum(parts.values()) - 1) > 1e-9:
        raise _wrong_splits(
            "wrong_fractions", f"the shares add up to {sum(parts.values()):.6g}, not to 1", "the shares of all parts are 100%"
        )
    source = _divided_source(division, cast(str | None, call["from"]))
    clash = [part for part in parts if part != source and division.rows(part).size]
    if clash:
        raise _wrong_splits(
            "split_given_twice", f"`{clash[0]}` comes from the source, and from `{source}` by fraction too", f"leave `{clash[0]}` out"
        )
    rows = division.rows(source)
    places = _assign(table, rows, list(parts.values()), call)
    codes = np.array([SPLITS.index(part) for part in parts])
    division.split[rows] = codes[places]
    _require(division, [part for part, share in parts.items() if share > 0], f"no row of `{source}` falls to `{{split}}`", ("splits",))


def _divided_source(division: Division, named: str | None) -> str:
    present = tuple(division.counts())
    listed = ", ".join(f"`{part}`" for part in present)
    if named is not None:
        if named not in present:
            raise _wrong_splits("empty_split", f"there are no rows in `{named}` to divide", f"the source gives {listed}")
        return named
    if len(present) > 1 and "all" not in present:
        raise _wrong_splits("which_part", f"the source gives {listed}; which one is to be divided?", "write `from = train`")
    return "all" if "all" in present else present[0]


def _divide_by_column(division: Division, table: RowTable, call: Call) -> None:
    column = _division_field(table, str(call["column"]))
    codes, values = table.codes(column)
    meaning = {
        label_text(value): SPLITS.index(part) for part in ("train", "dev", "test") for value in cast(Sequence[Json], call[part] or ())
    }
    meaning |= {label_text(value): DROPPED for value in cast(Sequence[Json], call["drop"] or ())}
    rows = np.flatnonzero(division.split != DROPPED)
    for code in np.unique(codes[rows]):
        if values[code] not in meaning:
            known = ", ".join(f"`{value}`" for value in meaning)
            near = near_names(values[code], list(meaning))
            count = int((codes[rows] == code).sum())
            message = f"{count} rows have {shorten(values[code])} in `{call['column']}`, which names no split{near}"
            raise _wrong_splits("unknown_split", message, f"known are {known}; `drop = ...` leaves rows out")
    places = np.array([meaning.get(value, DROPPED) for value in values], dtype=np.int64)[codes]
    division.drop(rows[places[rows] == DROPPED], "column")
    division.split[rows] = places[rows]
    written = [part for part in ("train", "dev", "test") if call[part]]
    if not any(division.rows(part).size for part in written):
        raise _wrong_splits("empty_split", f"`{call['column']}` puts no row in any split")


def _division_field(table: RowTable, column: str) -> str:
    """The field that holds the column by which rows are divided."""
    if DIVISION_FIELD in table.fields:
        return DIVISION_FIELD
    reading: list[str] = [
        name for name, field in table.summary["fields"].items() if field["column"] == column and field["kind"] != "number"
    ]
    if not reading:
        raise _wrong_splits("missing_column", f"no field reads the column `{column}`", f"add `{column} = group({column})` to the fields")
    return reading[0]


def _take(division: Division, table: RowTable, most: int | None) -> None:
    """At most so many rows of each split, those whose rank comes first: a smaller number takes some of the same rows."""
    if most is None:
        return
    all_ranks = table.ranks("take", 0)
    for split in division.counts():
        rows = division.rows(split)
        if len(rows) > most:
            order = np.argsort(all_ranks[rows], kind="stable")
            division.drop(rows[order[most:]], "take")


def _fold(division: Division, table: RowTable, fold: Call | None) -> None:
    """One part of the training rows (of all rows, where there is no division) becomes the test split, the others stay for training.
    A test split of the source's own is not used."""
    if fold is None:
        return
    count, index = cast(int, fold["count"]), cast(int, fold["index"])
    source = "train" if division.rows("train").size else "all"
    rows = division.rows(source)
    if len(rows) < count:
        raise _wrong_splits("empty_split", f"{len(rows)} rows cannot make {count} folds")
    division.drop(division.rows("test"), "fold")
    places = _assign(table, rows, [1 / count] * count, fold)
    if len(np.unique(places)) < count:
        raise _wrong_splits("empty_split", f"not every one of {count} folds gets a row", "ask for fewer folds, or group by something finer")
    division.split[rows] = np.where(places == index, SPLITS.index("test"), SPLITS.index("train"))


def _assign(table: RowTable, rows: Numbers, shares: Sequence[float], call: Call) -> Numbers:
    """The part of each of these rows."""
    seed = cast(int, call["seed"])
    stratified = _codes_of(table, rows, cast(str | None, call["stratify"]), "stratify")
    grouped = _codes_of(table, rows, cast(str | None, call["group"]), "group")
    strata = np.zeros(len(rows), np.int64) if stratified is None else stratified[0]
    if grouped is None:
        return divide(table.ranks("divide", seed)[rows], shares, strata)
    groups, names = grouped
    return divide_groups(ranks(names, "divide", seed), shares, strata, groups)


def _codes_of(table: RowTable, rows: Numbers, field: str | None, key: str) -> tuple[Numbers, list[str]] | None:
    """The values of a field in these rows as numbers from 0 without gaps, and the values."""
    if field is None:
        return None
    if field not in table.fields:
        raise _wrong_splits("unknown_field", f"`{key}` names `{field}`, which is no field{near_names(field, list(table.fields))}")
    if key == "stratify" and table.fields[field] not in ("label", "group"):
        raise _wrong_splits(
            "wrong_field", f"rows cannot be stratified by `{field}`, which is a {table.fields[field]}", "stratify by a label"
        )
    codes, values = table.codes(field)
    present, dense = np.unique(codes[rows], return_inverse=True)
    return dense.astype(np.int64), [values[code] for code in present]


def _require(division: Division, splits: Sequence[str], message: str, about: tuple[str, ...]) -> None:
    for split in splits:
        if not division.rows(split).size:
            raise BadData("empty_split", message.format(split=split), "an empty split can neither train nor test a model", about)


def _wrong_splits(code: str, message: str, help: str = "") -> BadData:
    return BadData(code, message, help, ("splits",))
