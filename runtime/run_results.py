"""A run's results in the hands of a Python user.

In: a run's folder. Out: `Results`: cells as JSON, everything as a table, predictions of a cell. Not here: how results.json is made.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchc.compiler.jsonvalue import Json
from benchc.runtime.results import Object, exit_code, objects, read_results

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CELL_COLUMNS = ("id", "run", "task", "model", "train", "seed", "fold", "params", "status", "split")
METRIC_COLUMNS = ("value", "low", "high", "method", "n")
COST_COLUMNS = ("seconds", "train_seconds", "examples_per_second", "peak_memory_bytes")


@dataclass(frozen=True, slots=True)
class Results:
    """`value` is the JSON of results.json; its schema is `benchc schema results`."""

    folder: Path
    value: Object

    @staticmethod
    def open(folder: Path) -> "Results":
        return Results(folder, read_results(folder))

    @property
    def cells(self) -> list[Mapping[str, Json]]:
        """One object for each cell."""
        return objects(self.value, "cells")

    @property
    def exit_code(self) -> int:
        """0 when all cells are done and all gates hold, 4 when a cell failed, else 3."""
        return exit_code(self.value)

    def cell(self, id: str) -> Mapping[str, Json]:
        """Raises KeyError when no cell has this id."""
        for cell in self.cells:
            if cell["id"] == id:
                return cell
        raise KeyError(id)

    def table(self) -> "pa.Table":
        """One row for each cell and metric; a cell without metrics (it failed) has one row, its metric null. `params` is JSON text."""
        import pyarrow as pa

        text, number, whole = pa.string(), pa.float64(), pa.int64()
        types = dict.fromkeys(("id", "run", "task", "model", "train", "params", "status", "split", "metric", "method"), text)
        types |= dict.fromkeys(("seed", "fold", "n", "peak_memory_bytes"), whole) | {"primary": pa.bool_()}
        names = (*CELL_COLUMNS, "metric", "primary", *METRIC_COLUMNS, *COST_COLUMNS)
        schema = pa.schema([(name, types.get(name, number)) for name in names])
        return pa.Table.from_pylist(list(self._rows()), schema=schema)

    def pandas(self) -> "pd.DataFrame":
        """The table for pandas, which must be installed."""
        return self.table().to_pandas()

    def predictions(self, id: str) -> "pa.Table":
        """One row for each example of a cell. Raises KeyError for an unknown cell, ValueError for one that predicted nothing."""
        import pyarrow.parquet as pq

        path = self.cell(id)["predictions"]
        if path is None:
            raise ValueError(f"`{id}` has no predictions")
        return pq.read_table(self.folder / str(path))

    def _rows(self) -> Iterator[dict[str, Any]]:
        for cell in self.cells:
            own = {name: cell[name] for name in (*CELL_COLUMNS, *COST_COLUMNS)}
            own["params"] = json.dumps(cell["params"], ensure_ascii=False, sort_keys=True)
            metrics = cell["metrics"]
            assert isinstance(metrics, Mapping)
            for name, metric in metrics.items():
                assert isinstance(metric, Mapping)
                values = {column: metric.get(column) for column in METRIC_COLUMNS}
                yield {**own, "metric": name, "primary": name == cell["primary"], **values}
            if not metrics:
                yield own
