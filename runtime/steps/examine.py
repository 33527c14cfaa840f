"""`examine`: what a metric needs besides predictions. Tests are run on the answers, or an encoder compares them with the references.

In: predictions, rows, split. Out: `predictions.parquet`, the same rows with further columns, and `examine.json`, which says what was done.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Final, cast

import pyarrow.parquet as pq

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.data.view import open_data
from benchc.runtime.examination.examination import Examination, Examined, rows_of
from benchc.runtime.work import Inputs, Work

EXAMINATIONS: Final = {
    "pass_at": "benchc.runtime.examination.programs",
    "bertscore": "benchc.runtime.examination.similarity",
}


def run(step: Step, inputs: Inputs, work: Work) -> None:
    started = work.clock()
    predictions = pq.read_table(inputs["predictions"][0] / "predictions.parquet")
    view = open_data(inputs["rows"][0], inputs["split"][0])
    metric = cast("Mapping[str, Json]", step.params["metric"])
    job = Examination(
        metric=metric,
        predictions=predictions,
        rows=rows_of(view, predictions["split"][0].as_py(), predictions["id"]),
        inputs=cast("Sequence[str]", step.params["inputs"]),
        locations=cast("Sequence[str]", step.hints.get("locations") or ()),
        work=work,
    )
    examine: Callable[[Examination], Examined] = import_module(EXAMINATIONS[str(metric["call"])]).examine
    examined = examine(job)
    for name, column in examined.columns.items():
        predictions = predictions.append_column(name, column)
    pq.write_table(predictions, work.folder / "predictions.parquet", compression="zstd")
    about = {**examined.about, "seconds": work.clock() - started}
    (work.folder / "examine.json").write_text(json.dumps(about, indent=1))
