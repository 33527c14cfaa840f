"""What a catalog entry is.

The catalog says once, as data, what blocks, keys, task kinds, metrics, sources, models and optimizers there are, what each
accepts, its defaults, units and one-line doc. The JSON Schema, the checks, `benchc docs`, completion and the keys of steps come
from it. Nothing here or in the entries imports torch, numpy or anything else that computes.

Canonical JSON of a value (what lowering sees, after `complete`): text and names are strings; numbers are plain numbers in the
base unit (seconds, bytes, share of one); a call is {"call": NAME, key: value, ...} with every key of its entry there, defaults
filled in, null for what was not given; a reference is the name of the block.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


Type: TypeAlias = (
    Text | Integer | Real | Fraction | Duration | Size | Truth | Choice | Reference | FieldName | Column | LabelValue | FreeName
    | ListOf | RangeOf | MapOf | Record | Call | Condition | Anything | Either
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """What the checks and the report know of a metric.

    `tasks`: kinds it fits. `needs`: what the predictions must hold: "labels" (the predicted class), "scores" (any ranking score),
    "probabilities", "values" (numbers), "texts" (generated), "likelihoods" (of passages). `low`, `high`: range, None for unbounded.
    `gamed_by_majority`: a constant answer scores well when classes are skewed. `classes`: "any", "binary" (two classes or a `positive`
    one named). `examined`: predictions alone do not give it: a step of its own runs tests, or a model, on them first.
    `mean_over_examples`: the value is a plain mean of one number an example.
    """

    tasks: tuple[str, ...]
    needs: str
    higher_is_better: bool
    low: float | None
    high: float | None
    gamed_by_majority: bool = False
    classes: str = "any"
    examined: bool = False
    mean_over_examples: bool = False


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the checks know of a model source, an estimator, a baseline.

    `tasks`: kinds it can do. `fits`: "no" (needs no training data), "data" (fitted without a train block), "train" (needs a train
    block, unless the task kind uses it untrained). `uses_seed`: whether the seed can change its result. `gives`: "probabilities",
    "scores", "labels", "values" (the most that its predictions hold for classification).
    """

    tasks: tuple[str, ...]
    fits: str
    uses_seed: bool
    gives: str = "probabilities"


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What the checks know of a task kind. `inputs`: least and most input fields. `input_types`, `target_types`: families of field
    calls that fit, () for a kind without target. `untrained`: a model can do it without training. `prompted`: pretrained models are
    prompted for it, never trained."""

    inputs: tuple[int, int]
    input_types: tuple[str, ...]
    target_types: tuple[str, ...]
    default_metrics: tuple[str, ...]
    untrained: bool = False
    prompted: bool = False


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the compiler knows of a data source. `located`: "files" (locations are paths, digested into the key), "package" (paths
    inside an installed package), "hub", "builtin" (its arguments say all). `split_locations`: takes `train =`, `dev =`, `test =`."""

    located: str


Facts: TypeAlias = MetricFacts | ModelFacts | TaskFacts | SourceFacts | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a spec can name. `positional`: keys that unnamed arguments fill, in order; `rest`: the key (a ListOf) that takes
    all further unnamed arguments. `version` goes up when the implementation gives other results: it is part of the keys."""

    name: str
    doc: str
    keys: tuple[Key, ...] = ()
    positional: tuple[str, ...] = ()
    rest: str | None = None
    version: int = 1
    facts: Facts = None
    example: str = ""


@dataclass(frozen=True, slots=True)
class BlockKind:
    """A kind of block. `named`: "name", "string", "none". `variants`: family whose entries may follow the colon, each bringing keys of
    its own. `defined`: the type of `KIND NAME = value`, None when only the block form exists."""

    name: str
    doc: str
    keys: tuple[Key, ...] = ()
    named: str = "name"
    variants: str | None = None
    defined: Type | None = None
    example: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that a spec can name. `families` maps a family's name to its entries by name."""

    blocks: Mapping[str, BlockKind]
    families: Mapping[str, Mapping[str, Entry]]
    step_versions: Mapping[str, int] = field(default_factory=dict)

    def entry(self, family: str, name: str) -> Entry:
        return self.families[family][name]
