"""What a test between two models is given, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass

from benchc.runtime.metrics.examples import Floats
from benchc.runtime.metrics.metric import Note
from benchc.runtime.statistics.pairing import Call, Pairing


@dataclass(frozen=True, slots=True)
class Effect:
    """The size of a difference in a unit of its own. `value` is None where there is nothing to divide by."""

    name: str
    value: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """The difference `value_a - value_b` that a test is asked about. `resampled`: (samples,) the difference on bootstrap resamples.
    `settings`: the test's call."""

    pairing: Pairing
    difference: float
    resampled: Floats
    settings: Call
    seed: int

    @property
    def samples(self) -> int:
        return len(self.resampled)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`p` is two-sided, never 0. `method` describes the test in a few words; `effect` replaces the standardised difference."""

    p: float
    method: str
    effect: Effect | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Test:
    note: Note
    decide: Callable[[Question], Verdict]
