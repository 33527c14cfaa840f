"""What the data are: rows, classes, lengths, and what was cut, dropped, repeated and skipped.

In: a run's folder. Out: the section `data`, from the data cards of results.json.
"""

from collections.abc import Iterator, Sequence

from benchc.runtime.report.document import Block, Column, Entry, Fact, Facts, Folded, Heading, Section, Table
from benchc.runtime.report.json_fields import Record, integer, items, number, numbers, part, records, text, texts, truth
from benchc.runtime.report.numbers import NONE, count, measure, share, sort_key
from benchc.runtime.report.run_record import RunRecord
from benchc.runtime.report.sections.plain import words

QUANTILES = (("min", "shortest"), ("q25", "25%"), ("median", "median"), ("q75", "75%"), ("q95", "95%"), ("max", "longest"))
MOST_OPEN_CLASSES = 12

LEAD = (
    "Repeated rows have the text of another row of the same split; rows that also stand in another split make results look better "
    "than they are. Lengths are in characters, and in tokens where a model reads tokens; truncated inputs lost what lies beyond the "
    "model's length."
)


def data_section(run: RunRecord) -> Section | None:
    blocks: list[Block] = []
    seen: set[str] = set()
    for card in records(run.results, "data"):
        name = _name(card)
        if name in seen and items(card, "folds"):  # the folds of a data set differ little: the first one stands for them
            blocks.append(Folded(f"{name}, {_folds(card)}", tuple(_card(card))))
        else:
            blocks += [_heading(card), *_card(card)]
        seen.add(name)
    return Section("data", "Data", LEAD, tuple(blocks)) if blocks else None


def _name(card: Record) -> str:
    return text(card, "dataset") or "unnamed data"


def _folds(card: Record) -> str:
    folds = texts(card, "folds")
    return f"fold {', '.join(folds)}" if folds else ""


def _heading(card: Record) -> Heading:
    tasks = ", ".join(texts(card, "tasks"))
    return Heading(_name(card), ", ".join(part for part in (_folds(card), f"used by {tasks}" if tasks else "") if part))


def _card(card: Record) -> Iterator[Block]:
    if facts := tuple(_facts(card)):
        yield Facts(facts)
    splits = list(part(card, "rows"))
    if splits:
        yield _rows(card, splits)
    for field in records(card, "fields"):
        yield from _field(field, splits)
    yield from (_tokens(one, at) for at, one in enumerate(records(card, "tokens"), 1))
    yield from _skipped(card)
    yield from _files(card)


def _facts(card: Record) -> Iterator[Fact]:
    for name in ("description", "license"):
        if text(card, name):
            yield Fact(name, text(card, name))
    for split, rows in part(card, "source_rows").items():
        if isinstance(rows, int | float):
            yield Fact(f"rows in the source, {split}", count(rows))
    for reason, rows in part(card, "dropped").items():
        if isinstance(rows, int | float) and rows:
            yield Fact(f"left out by {words(reason)}", count(rows))
    skipped = integer(card, "skipped_count")
    if skipped is not None:
        yield Fact("bad rows skipped", count(skipped))
    for pair, rows in part(card, "overlap").items():
        if isinstance(rows, int | float):
            yield Fact(f"rows of {words(pair).replace(' in ', ' that also stand in ')}", count(rows))


def _rows(card: Record, splits: Sequence[str]) -> Table:
    repeated = part(card, "duplicates")
    columns = (Column("split"), Column("rows", numeric=True), Column("repeated rows", numeric=True))
    rows = tuple((Entry(split), _count(part(card, "rows"), split), _count(repeated, split)) for split in splits)
    return Table("Rows of each split", columns, rows)


def _count(of: Record, name: str) -> Entry:
    return Entry(count(number(of, name)), sort=sort_key(number(of, name)))


def _field(field: Record, splits: Sequence[str]) -> Iterator[Block]:
    name = text(field, "name")
    if field.get("characters"):
        yield _quantiles(f"Characters of {name}", part(field, "characters"), part(field, "empty"))
    if field.get("classes"):
        table = _classes(name, part(field, "classes"), splits)
        yield table if len(table.rows) <= MOST_OPEN_CLASSES else Folded(f"{table.caption}: {len(table.rows)}", (table,))
    if field.get("values"):
        yield _values(name, part(field, "values"))
    if field.get("distinct"):
        found = part(field, "distinct")
        yield Facts(tuple(Fact(f"distinct values of {name}, {split}", count(number(found, split))) for split in found))


def _quantiles(caption: str, by_split: Record, empty: Record) -> Table:
    columns = (
        Column("split"),
        *(Column(name, numeric=True) for _, name in QUANTILES),
        *((Column("empty", numeric=True),) if empty else ()),
    )
    rows = tuple(
        (Entry(split), *(_count(part(by_split, split), key) for key, _ in QUANTILES), *((_count(empty, split),) if empty else ()))
        for split in by_split
    )
    return Table(caption, columns, rows)


def _values(name: str, by_split: Record) -> Table:
    keys = ("mean", *(key for key, _ in QUANTILES))
    names = {"min": "least", "max": "greatest", **{key: shown for key, shown in QUANTILES if key not in ("min", "max")}}
    columns = (Column("split"), *(Column(names.get(key, key), numeric=True) for key in keys))
    rows = tuple((Entry(split), *(_measure(part(by_split, split), key) for key in keys)) for split in by_split)
    return Table(f"Values of {name}", columns, rows)


def _measure(of: Record, name: str) -> Entry:
    return Entry(measure(number(of, name)), sort=sort_key(number(of, name)))


def _classes(name: str, classes: Record, splits: Sequence[str]) -> Table:
    labels, counts = texts(classes, "labels"), part(classes, "counts")
    found = {split: numbers(counts, split) for split in splits if split in counts}
    totals = {split: sum(rows) for split, rows in found.items()}
    columns = (Column("class"), *(Column(split, numeric=True) for split in found))
    rows = tuple(
        (
            Entry(label),
            *(
                Entry(count(rows[at]), share(rows[at] / totals[split]) if totals[split] else NONE, sort_key(rows[at]))
                for split, rows in found.items()
            ),
        )
        for at, label in enumerate(labels)
    )
    left_out = integer(classes, "left_out")
    return Table(f"Classes of {name}", columns, rows, f"{count(left_out)} rarer classes are left out" if left_out else "")


def _tokens(card: Record, at: int) -> Block:
    limit = number(card, "max_length")
    columns = (
        Column("split"),
        Column("truncated", numeric=True),
        *(Column(name, numeric=True) for _, name in QUANTILES),
        Column("all tokens", numeric=True),
    )
    lengths = part(card, "lengths")
    rows = tuple(
        (
            Entry(split),
            _count(part(card, "truncated"), split),
            *(_count(part(lengths, split), key) for key, _ in QUANTILES),
            _count(part(card, "tokens"), split),
        )
        for split in part(card, "tokens")
    )
    note = f"inputs are cut at {count(limit)} tokens" if limit is not None else ""
    if truth(card, "tokens_estimated"):
        note = "the model's tokenizer is on its server: tokens are estimated as a fourth of the characters, and no prompt is shortened"
    return Table(f"Tokens of an input, tokenizer {at}", columns, rows, note)


def _skipped(card: Record) -> Iterator[Block]:
    rows = tuple((Entry(text(one, "file")), _count(one, "line"), Entry(text(one, "reason"))) for one in records(card, "skipped"))
    if rows:
        columns = (Column("file"), Column("line", numeric=True), Column("reason"))
        more = (integer(card, "skipped_count") or 0) - len(rows)
        yield Table("Rows that were skipped", columns, rows, f"{count(more)} further rows are not listed" if more > 0 else "")


def _files(card: Record) -> Iterator[Block]:
    found = items(card, "files")
    if found:
        rows = tuple((Entry(text(one, "name")), Entry(text(one, "sha256"))) for one in records(card, "files"))
        yield Folded("Files with their digests", (Table("Files", (Column("file"), Column("SHA-256")), rows),))
