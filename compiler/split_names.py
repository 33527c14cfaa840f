"""Which splits a data set has, as far as its declaration tells.

In: a dataset block's settings. Out: names of splits, in the order train, dev, test, all. Not here: the data; what a hub, a
scikit-learn set or a column of values really holds is known when it is read.
"""

from collections.abc import Iterable, Mapping, Sequence

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.jsonvalue import Json, mapping

SPLITS = ("train", "dev", "test")
UNDIVIDED = "all"


def known_splits(dataset: Mapping[str, Json]) -> tuple[str, ...] | None:
    """The splits that the data set has; None where only the data can tell."""
    parts = source_parts(dataset)
    if dataset["splits"] is None:
        return parts or None
    splits = mapping(dataset["splits"])
    match splits["call"]:
        case "fractions":
            return _divided(splits, parts) if parts else None
        case "kfold":
            return ("train", "test")
        case _:
            return None


def split_names(dataset: Mapping[str, Json]) -> tuple[str, ...]:
    """The splits that the data set can have: those that are known, else those that the data may turn out to hold."""
    known = known_splits(dataset)
    if known is not None:
        return known
    splits = dataset["splits"]
    return SPLITS if splits is None else tuple(name for name in SPLITS if mapping(splits)[name])


def evaluated_split(task: Mapping[str, Json], dataset: Mapping[str, Json]) -> str:
    """The split that is scored, unless it is that of a fold: what the task says, else dev where there is that and no test, else test."""
    asked = task["evaluate_on"]
    if isinstance(asked, str):
        return asked
    names = split_names(dataset)
    return "dev" if "dev" in names and "test" not in names else "test"


def source_parts(dataset: Mapping[str, Json]) -> tuple[str, ...]:
    """The parts of its source that the spec gives: "all", "train", "dev", "test"; none for a source that brings its own."""
    source = file_format(dataset)
    return _ordered(part for part in LOCATION_KEYS if source.get(part) is not None)


def file_format(dataset: Mapping[str, Json]) -> Mapping[str, Json]:
    """The call that says where the parts are: inside `package(...)` that of the format."""
    source = mapping(dataset["source"])
    inner = source.get("format")
    return inner if isinstance(inner, Mapping) else source


def divided_part(fractions: Mapping[str, Json], parts: Sequence[str]) -> str | None:
    """The part that `fractions` divides: the one that is named, else the only one there is."""
    named = fractions["from"]
    if named is not None:
        return str(named)
    return parts[0] if len(parts) == 1 else None


def _divided(fractions: Mapping[str, Json], parts: Sequence[str]) -> tuple[str, ...]:
    kept = {part for part in parts if part != divided_part(fractions, parts)}
    return _ordered({*kept, *(name for name in SPLITS if fractions[name] is not None)})


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    held = set(names)
    return tuple(name for name in (*SPLITS, UNDIVIDED) if name in held)
