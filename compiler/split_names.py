"""Which splits a data set has, as far as its declaration tells.

In: a dataset block's settings. Out: names of splits, in the order train, dev, test, all. Not here: the data; what a hub, a
scikit-learn set or a column of values really holds is known when it is read.
"""

from collections.abc import Iterator, Mapping, Sequence

from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.jsonvalue import Json, mapping

SPLITS = ("train", "dev", "test")
UNDIVIDED = "all"


def split_names(dataset: Mapping[str, Json]) -> tuple[str, ...]:
    """The splits that the dataset can have. Where only the data can tell, all three."""
    parts = tuple(source_parts(mapping(dataset["source"])))
    if dataset["splits"] is None:
        return parts or SPLITS
    splits = mapping(dataset["splits"])
    match splits["call"]:
        case "fractions":
            kept = _without(parts, splits["from"])
            return _ordered({*kept, *(name for name in SPLITS if splits[name])})
        case "kfold":
            return ("train", "test")
        case _:
            return tuple(name for name in SPLITS if splits[name])


def evaluated_split(task: Mapping[str, Json], dataset: Mapping[str, Json], folded: bool) -> str:
    """The split that is scored: what the task says, else test where there is one, else dev, else what there is."""
    asked = task["evaluate_on"]
    if isinstance(asked, str):
        return asked
    names = ("test",) if folded else split_names(dataset)
    return next((name for name in ("test", "dev") if name in names), names[-1])


def source_parts(source: Mapping[str, Json]) -> Iterator[str]:
    """The parts of a source that the spec gives: "all", "train", "dev", "test"; none for a source that brings its own."""
    inner = source.get("format")
    holder = inner if source["call"] == "package" and isinstance(inner, Mapping) else source
    return (part for part in LOCATION_KEYS if holder.get(part) is not None)


def _without(parts: Sequence[str], divided: Json) -> tuple[str, ...]:
    """The parts that are not divided: all but the one named, or but the only one there is."""
    if divided is None:
        return () if len(parts) <= 1 else tuple(part for part in parts if part != UNDIVIDED)
    return tuple(part for part in parts if part != divided)


def _ordered(names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in (*SPLITS, UNDIVIDED) if name in names)
