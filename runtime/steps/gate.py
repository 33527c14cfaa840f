"""`gate`: whether a comparison holds.

In: the results that are compared, or numbers. Out: result.json, {"passed", "left", "right", "notes"}. A side without a value fails
the gate, with a note.
"""

import operator
from collections.abc import Callable, Mapping

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Step
from benchc.runtime.statistics.result_file import number, read_result, write_result
from benchc.runtime.work import Inputs, Work

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def run(step: Step, inputs: Inputs, work: Work) -> None:
    left, right = (_side(side, step.params, inputs) for side in ("left", "right"))
    notes: Json = [f"the {name} side has no value" for name, value in (("left", left), ("right", right)) if value is None]
    passed = left is not None and right is not None and OPERATORS[str(step.params["op"])](left, right)
    write_result(work.folder, {"passed": passed, "left": left, "right": right, "notes": notes})


def _side(name: str, params: Mapping[str, Json], inputs: Inputs) -> float | None:
    written = params[name]
    if written is None:
        return number(read_result(inputs[name][0]), "value", "mean")
    assert isinstance(written, int | float)
    return float(written)
