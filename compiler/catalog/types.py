"""The types of the catalog: what can be written as the value of a key.

Canonical JSON of a value (what lowering sees, after `complete`): text and names are strings; numbers are plain numbers in the
base unit (seconds, bytes, share of one); a call is {"call": NAME, key: value, ...} with every key of its entry there, defaults
filled in, null for what was not given; a reference is the name of the block.

Who takes types apart imports this module whole: `match type: case types.Text(): ...`, ending in `assert_never`.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from benchc.compiler.jsonvalue import Json


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string. `pattern` is a regular expression that the whole string must match."""

    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number; suffixes k, M, G multiply by 10^3, 10^6, 10^9."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Real:
    """A number, with bounds that belong to the range unless `open_minimum` / `open_maximum` say otherwise."""

    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False


@dataclass(frozen=True, slots=True)
class Fraction:
    """A share of one: `10%` or `0.1`; 0 to 1, ends included."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A time: `500ms`, `30s`, `5m`, `2h`, `1d`. Canonical in seconds."""


@dataclass(frozen=True, slots=True)
class Size:
    """A memory or file size: `512MiB`, `2GB`. Canonical in bytes."""


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few bare names."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of a block of one of these kinds, `glue.sst2` for an imported one. Canonical: the full dotted name."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field of the dataset in question, as a bare name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the raw data: a bare name, or quoted when it is not a name or is a path into a JSON row."""


@dataclass(frozen=True, slots=True)
class LabelValue:
    """A label: a bare name, a string, a number or a boolean."""


@dataclass(frozen=True, slots=True)
class FreeName:
    """A bare name that means something only to the key that holds it (columns without a header)."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, `[a, b]`; with `single` a bare item stands for the list of it, with `ranges` `1..3` stands for `[1, 2, 3]`.

    Canonical: always the list, a range written out. (A key that took a `RangeOf` or a list could not tell `1..3` from `[1, 3]`.)
    """

    item: "Type"
    least: int = 0
    single: bool = False
    ranges: bool = False


@dataclass(frozen=True, slots=True)
class RangeOf:
    """`1..3`: whole numbers, both ends included. Canonical: [low, high]."""

    minimum: int | None = None


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object `{ name = value }` with free keys. `keys` says what the keys are: a Reference, FieldName, LabelValue or FreeName."""

    keys: "Type"
    values: "Type"


@dataclass(frozen=True, slots=True)
class Record:
    """An object or nested block with the keys that are listed."""

    keys: tuple["Key", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an entry of this family; a bare name is the call without arguments. `metric`, `optimizer`, `source` ..."""

    family: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison on fields, `length >= 3`. Canonical: {"field": NAME, "op": OP, "value": literal}."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any literal, kept as it is: the contents of `meta`."""


@dataclass(frozen=True, slots=True)
class Either:
    """One of several types, tried in order. Two options must never both fit the same text with different meanings."""

    options: tuple["Type", ...]


Quantity: TypeAlias = Integer | Real | Fraction | Duration | Size
Literal: TypeAlias = Text | Quantity | Truth
Name: TypeAlias = Choice | Reference | FieldName | FreeName | Column | LabelValue
Compound: TypeAlias = ListOf | RangeOf | MapOf | Record | Call | Condition
Type: TypeAlias = Literal | Name | Compound | Anything | Either


@dataclass(frozen=True, slots=True)
class Required:
    """The default of a key that must be given."""


REQUIRED: Final = Required()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a block or one argument of a call.

    `default` is canonical JSON; None is "not given" and becomes null. `keyed` is False where the value cannot change a result
    (a title, a device, the batch size of prediction): it stays out of the keys of steps.
    """

    name: str
    type: Type
    doc: str
    default: Json | Required = None
    keyed: bool = True
