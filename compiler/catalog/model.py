"""What a catalog entry is.

The catalog says once, as data, what blocks, keys, task kinds, metrics, sources, models and optimizers there are, what each
accepts, its defaults, units and one-line doc. The JSON Schema, the checks, `benchc docs`, completion and the keys of steps come
from it. Nothing here or in the entries imports torch, numpy or anything else that computes. Not here: the types of keys (`types`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from benchc.compiler.catalog.types import Key, Type


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
