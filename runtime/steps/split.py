"""Split: which rows train, choose and test.

In: the rows of a load step. Out: `split.arrow` (row number and split, in the rows' order), `split.json` (rows of each split, rows left
out and why, texts that stand in several splits). Not here: how it is decided (`data.split_rows`).
"""

import json

import numpy as np
import pyarrow as pa

from benchc.compiler.plan import Step
from benchc.runtime.data.repeats import find_repeats
from benchc.runtime.data.row_table import open_rows
from benchc.runtime.data.split_rows import DROPPED, SPLITS, Division, split_rows
from benchc.runtime.work import Inputs, Work


def run(step: Step, inputs: Inputs, work: Work) -> None:
    table = open_rows(inputs["rows"][0])
    division = split_rows(table, step.params)
    repeats = find_repeats(table, {split: division.rows(split) for split in division.counts()})
    _write_rows(work, division)
    summary = {
        "rows": division.counts(),
        "dropped": {reason: division.dropped.get(reason, 0) for reason in ("where", "dedupe", "take", "column", "fold")},
        "overlap": {f"{a}_in_{b}": len(rows) for (a, b), rows in repeats.overlap.items()},
        "duplicates": dict(repeats.duplicates),
    }
    (work.folder / "split.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


def _write_rows(work: Work, division: Division) -> None:
    kept = np.flatnonzero(division.split != DROPPED)
    splits = pa.DictionaryArray.from_arrays(pa.array(division.split[kept].astype(np.int8)), pa.array(SPLITS))
    batch = pa.RecordBatch.from_arrays([pa.array(kept), splits], names=["row", "split"])
    with pa.ipc.new_file(work.folder / "split.arrow", batch.schema) as writer:
        writer.write_batch(batch)
