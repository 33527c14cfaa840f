"""How data can fail to be read, and the rows that could not be.

In: nothing. Out: `BadData` (a failure that knows which part of the dataset block it is about), `BadRows` (collects rows that cannot
be read, by file and line). Not here: what makes a row bad; readers and fields decide that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchc.runtime.work import StepFailed

MOST_REPORTED = 20
MOST_NAMED = 1000


class BadData(StepFailed):
    """Data that cannot be used. `about` is the JSON path, in the dataset block, of what the failure concerns: ("fields", "kind"),
    ("source", "train"), ("splits",). `rows` are the rows that it names."""

    def __init__(
        self, code: str, message: str, help: str = "", about: tuple[str, ...] = ("source",), rows: "Sequence[BadRow]" = ()
    ) -> None:
        super().__init__(code, message, help)
        self.about = about
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read. `line` counts from 1; in formats without lines it is the row's number. `reason` stands alone after
    the place: "label `kind` is `HUMM`, ..."; `field` is None when the row as a whole is at fault."""

    file: str
    line: int
    reason: str
    field: str | None = None
    code: str = "bad_row"

    @property
    def text(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(slots=True)
class BadRows:
    """Collects bad rows. With `skip` they are counted and the first thousand named; otherwise the twentieth ends the reading."""

    skip: bool
    named: list[BadRow] = field(default_factory=list)
    count: int = 0

    def add(self, row: BadRow) -> None:
        self.count += 1
        if len(self.named) < (MOST_NAMED if self.skip else MOST_REPORTED):
            self.named.append(row)
        if not self.skip and self.count >= MOST_REPORTED:
            self.close()

    def close(self) -> None:
        """Raises when there are bad rows that are not to be skipped."""
        if self.named and not self.skip:
            raise bad_rows(_in_reading_order(self.named))


def bad_rows(rows: Sequence[BadRow]) -> BadData:
    """One failure for several rows, in the order given."""
    listed = "\n".join(row.text for row in rows)
    head = "a row cannot be read" if len(rows) == 1 else f"{len(rows)} rows cannot be read"
    if len(rows) >= MOST_REPORTED:
        head = f"{len(rows)} rows or more cannot be read, among them"
    fields = {row.field for row in rows}
    about = ("fields", rows[0].field) if len(fields) == 1 and rows[0].field is not None else ("source",)
    advice = "mend these rows, or leave them out with `on_bad_row = skip`: the report then counts them"
    return BadData("bad_row", f"{head}:\n{listed}", advice, about, rows)


def _in_reading_order(rows: Sequence[BadRow]) -> list[BadRow]:
    """By file, as met, and line: readers find broken rows before fields find wrong values in the rows above them."""
    files = list(dict.fromkeys(row.file for row in rows))
    return sorted(rows, key=lambda row: (files.index(row.file), row.line))


def shorten(value: object, most: int = 60) -> str:
    """A value as messages show it: one line, not long, in backticks."""
    text = value if isinstance(value, str) else repr(value)
    clean = "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text[: most + 1])
    return f"`{clean[:most]}...`" if len(clean) > most else f"`{clean}`"


def near_names(word: str, names: Sequence[str]) -> str:
    """`; near: a, b`, or nothing when no name is near."""
    from benchc.compiler.suggest import near

    found = near(word, names)
    return "; near: " + ", ".join(f"`{name}`" for name in found) if found else ""
