"""The kinds of step and the module that does each.

In: a kind. Out: its `run(step, inputs, work)`. A module is imported when the first step of its kind runs, so that a run which finds
everything in the store imports neither torch nor scikit-learn. `report` is not here: it is written by the command, and not stored.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final, TypeAlias

from benchc.compiler.plan import Step
from benchc.runtime.work import Inputs, Work

StepFunction: TypeAlias = Callable[[Step, Inputs, Work], None]
TogetherFunction: TypeAlias = Callable[[Sequence[Step], Sequence[Inputs], Sequence[Work]], Sequence[float | Exception]]

MODULES: Final = {
    "load": "benchc.runtime.steps.load",
    "split": "benchc.runtime.steps.split",
    "encode": "benchc.runtime.steps.encode",
    "train": "benchc.runtime.steps.train",
    "predict": "benchc.runtime.steps.predict",
    "extract": "benchc.runtime.steps.extract",
    "examine": "benchc.runtime.steps.examine",
    "score": "benchc.runtime.steps.score",
    "compare": "benchc.runtime.steps.compare",
    "aggregate": "benchc.runtime.steps.aggregate",
    "gate": "benchc.runtime.steps.gate",
}


def implementation(kind: str) -> StepFunction:
    """The function that does steps of this kind. Raises KeyError for a kind that nobody does."""
    function: StepFunction = import_module(MODULES[kind]).run
    return function


def implementation_together(kind: str) -> TogetherFunction:
    """The function that does several steps of this kind, whose hint `together` is the same, in one go. For each it returns the seconds
    that it took, or why it failed. Raises AttributeError for a kind that has none."""
    function: TogetherFunction = import_module(MODULES[kind]).run_together
    return function
