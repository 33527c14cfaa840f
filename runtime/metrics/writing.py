"""How a model wrote: its texts as they came, why each ended, how many tokens it took.

In: `predictions.parquet` of a generation task. Out: `Writing`, rows in the order of their ids. Metrics see the answers in the texts
(`language_predictions`); this is what a reader wants to know of the writing itself.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchc.runtime.work import StepFailed

ENDS = ("end", "stop", "length")
COLUMNS = {"generations": pa.string(), "ended": pa.string(), "tokens": pa.int32()}  # lists of these, an item a sample


@dataclass(frozen=True, slots=True)
class Writing:
    """All of length n, with an item for each sample. `ended`: "end" (the model stopped), "stop" (a stop sequence), "length", or a server's
    own word for another reason. `tokens` is None for a model that does not count them."""

    texts: tuple[tuple[str, ...], ...]
    ended: tuple[tuple[str, ...], ...]
    tokens: tuple[tuple[int, ...], ...] | None


def read_writing(folder: Path) -> Writing | None:
    """None where the file does not say why texts ended. Raises StepFailed for columns that do not fit together."""
    file = pq.ParquetFile(folder / "predictions.parquet")
    names = [name for name in COLUMNS if name in file.schema_arrow.names]
    if "ended" not in names or "generations" not in names:
        return None
    table = file.read(["id", *names])
    table = table.take(pc.sort_indices(table, [("id", "ascending")]))
    _check(table, names)
    texts, ended = (tuple(tuple(row) for row in table[name].to_pylist()) for name in ("generations", "ended"))
    tokens = tuple(tuple(row) for row in table["tokens"].to_pylist()) if "tokens" in names else None
    return Writing(texts, ended, tokens)


def _check(table: pa.Table, names: list[str]) -> None:
    samples = pc.list_value_length(table["generations"])
    for name in names:
        if table.schema.field(name).type != pa.list_(COLUMNS[name]):
            raise StepFailed("predictions_broken", f"the column `{name}` of the predictions does not hold lists of {COLUMNS[name]}")
        if table[name].null_count or not pc.all(pc.equal(pc.list_value_length(table[name]), samples), min_count=0).as_py():
            raise StepFailed("predictions_broken", f"the column `{name}` of the predictions does not have an item for each sample")
