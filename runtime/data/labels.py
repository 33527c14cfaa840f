"""Labels of a field: which raw value means which label.

In: the label table of a load step. Out: numbers into the list of labels. `from_data` collects the labels while rows are read, and numbers
them anew at the end, so that their order does not depend on the order of rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchc.compiler.jsonvalue import Json, canonical
from benchc.runtime.data.failures import near_names, shorten
from benchc.runtime.data.plain_text import Converted, Fault


@dataclass(frozen=True, slots=True)
class DeclaredLabels:
    """`raw` are the raw values as texts, `numbers` the label of each."""

    labels: tuple[Json, ...]
    raw: pa.Array
    numbers: pa.Array

    def number(self, texts: pa.Array) -> Converted:
        found = pc.index_in(texts, value_set=self.raw)
        numbers = pc.take(self.numbers, found)
        if not numbers.null_count:
            return Converted(numbers)
        return Converted(numbers, tuple(self._fault(row, texts[row].as_py()) for row in _null_rows(numbers)))

    def final(self) -> tuple[tuple[Json, ...], None]:
        return self.labels, None

    def _fault(self, row: int, text: str | None) -> Fault:
        if not text:
            return Fault(row, "is missing" if text is None else "is empty")
        known: list[str] = self.raw.to_pylist()
        expected = ", ".join(f"`{value}`" for value in known[:8]) + (", ..." if len(known) > 8 else "")
        return Fault(
            row, f"is {shorten(text)}, which is no label{near_names(text, known) or f'; known: {expected}'}", "unknown_label_value"
        )


@dataclass(slots=True)
class CollectedLabels:
    """Labels as they come; `first` are those that stand first."""

    first: tuple[str, ...]
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers.update((label, number) for number, label in enumerate(self.first))

    def number(self, texts: pa.Array) -> Converted:
        encoded = pc.dictionary_encode(texts)
        mapping = [self._number_of(text) for text in encoded.dictionary.to_pylist()]
        numbers = pc.take(pa.array(mapping, pa.int32()), encoded.indices)
        return Converted(
            numbers, tuple(Fault(row, "is missing" if texts[row].as_py() is None else "is empty") for row in _null_rows(numbers))
        )

    def final(self) -> tuple[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.int32]]]:
        """The labels in their final order, and the final number of each number that was given."""
        order = [*self.first, *sorted(set(self.numbers) - set(self.first))]
        place = {label: number for number, label in enumerate(order)}
        return tuple(order), np.array([place[label] for label in self.numbers], dtype=np.int32)

    def _number_of(self, text: str | None) -> int | None:
        return self.numbers.setdefault(text, len(self.numbers)) if text else None


Labels = DeclaredLabels | CollectedLabels


def read_labels(table: Json) -> Labels:
    """The labels that a load step's parameters describe."""
    if isinstance(table, Mapping):
        first = table["from_data"]
        assert isinstance(first, Sequence)
        return CollectedLabels(tuple(label_text(label) for label in first))
    assert isinstance(table, Sequence)
    entries = [entry for entry in table if isinstance(entry, Mapping)]
    pairs = [(label_text(value), number) for number, entry in enumerate(entries) for value in _sequence(entry["values"])]
    raw, numbers = zip(*pairs, strict=True)
    return DeclaredLabels(tuple(entry["label"] for entry in entries), pa.array(raw, pa.string()), pa.array(numbers, pa.int32()))


def label_text(label: Json) -> str:
    """A label as text: strings as they are, truth values as `true` and `false`, numbers in their shortest form."""
    return label if isinstance(label, str) else canonical(label)


def _sequence(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _null_rows(array: pa.Array) -> list[int]:
    return [int(row) for row in np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False))]
