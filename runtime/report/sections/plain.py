"""JSON shown as it is, for parts whose keys are not known here.

In: a JSON object. Out: facts. Not here: any meaning.
"""

from collections.abc import Iterator, Mapping, Sequence

from benchc.compiler.jsonvalue import Json, canonical
from benchc.runtime.report.document import Fact
from benchc.runtime.report.json_fields import Record
from benchc.runtime.report.numbers import NONE, count, measure

DEEPEST = 3


def facts_of(record: Record, prefix: str = "", depth: int = 1) -> Iterator[Fact]:
    """A fact for each value; those of inner objects are named `outer: inner`. Null and empty values are left out."""
    for key, value in record.items():
        name = f"{prefix}{words(key)}"
        if isinstance(value, Mapping) and depth < DEEPEST:
            yield from facts_of(value, f"{name}: ", depth + 1)
        elif value is not None and value not in ("", [], {}):
            yield Fact(name, shown_value(value))


def words(key: str) -> str:
    return key.replace("_", " ")


def shown_value(value: Json) -> str:
    match value:
        case None:
            return NONE
        case bool():
            return "yes" if value else "no"
        case int():
            return count(value)
        case float():
            return measure(value)
        case str():
            return value
        case Sequence():
            return ", ".join(shown_value(item) for item in value)
        case _:
            return canonical(value)
