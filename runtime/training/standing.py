"""How far a training run is: all that must be known, besides tensors, to go on as if it had never stopped.

Random choices are not in it: they derive from the seed and the number of the step.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Best:
    """The best evaluation so far: after `step` steps, with the decisive `value`. `stale` evaluations in a row were no better than
    `reference` by what early stopping asks for."""

    step: int
    value: float
    reference: float
    stale: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`step`: steps done. `seconds`, `tokens`: spent so far, over all sittings. `loss_sum` of the `loss_steps` steps since the last
    point of the curve. `stopped`: early stopping has ended the run."""

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    loss_sum: float = 0.0
    loss_steps: int = 0
    best: Best | None = None
    stopped: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Standing":
        best = value["best"]
        return Standing(**{**value, "best": None if best is None else Best(**best)})
