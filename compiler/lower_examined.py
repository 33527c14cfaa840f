"""The step between answers and a metric that predictions alone do not give: tests are run on them, or an encoder.

In: a metric, the steps of a cell. Out: the step whose predictions the metric reads. Metrics that differ in what they make of an
examination alone share it.
"""

from benchc.compiler.expand import CellSpec
from benchc.compiler.identify import Identity
from benchc.compiler.jsonvalue import Json, mapping, texts
from benchc.compiler.lower_blocks import NamedMetric
from benchc.compiler.steps import StepTable, params, record

OF_THE_SCORE = ("k", "part")  # arguments that say what is made of an examination


def answers_for(spec: CellSpec, metric: NamedMetric, behind: tuple[str, str, str], table: StepTable) -> str:
    """`behind`: the keys of rows, split and answers."""
    rows, split, answers = behind
    if not metric.examined:
        return answers
    call = mapping(metric.call.value)
    asked = Identity({name: value for name, value in call.items() if name not in OF_THE_SCORE}, metric.call.versions)
    settings = record(metric=asked, inputs=list(texts(spec.task.settings["input"])))
    hints: dict[str, Json] = {"cell": spec.id, "metric": metric.name, "locations": list(metric.locations)}
    return table.add("examine", params(settings), {"predictions": (answers,), "rows": (rows,), "split": (split,)}, hints)
