"""Whether bfloat16 is used where the spec leaves it open.

In: the device, scores of a sample of the work in float32 and in bfloat16. Out: the number format, and why, for people. bfloat16 must
be fast here by what the processor is, not by a measurement, which would come out differently from run to run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from benchc.runtime.language.scorer import Scores
from benchc.runtime.language.trie import Query

SAMPLE = 32  # examples that are computed both ways
LEAST = 2 * SAMPLE  # examples: fewer are not worth a trial
NATS = 0.01  # tolerated mean difference of a scored token's log probability


@dataclass(frozen=True, slots=True)
class Trial:
    """Queries of the sampled examples. `rivals`: numbers of the queries of each example of which the likeliest is its answer."""

    queries: tuple[Query, ...]
    rivals: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    precision: str
    note: str


def is_bfloat16_fast(device: str) -> bool:
    """By the instructions that the device has."""
    match device:
        case "cuda":
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
        case "cpu":
            return any(bool(getattr(torch.cpu, name, lambda: False)()) for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"))
        case _:
            return False


def judge(trial: Trial, exact: Scores, rough: Scores) -> Verdict:
    """`exact` in float32, `rough` in bfloat16; both hold the answers of the trial's queries."""
    differences = np.concatenate([_of(rough, query) - _of(exact, query) for query in trial.queries])
    mean = float(np.abs(differences).mean())
    changed = sum(_answer(trial, rivals, exact) != _answer(trial, rivals, rough) for rivals in trial.rivals)
    what = f"of {len(trial.rivals)} sampled answers {changed} changed, " if trial.rivals else ""
    found = f"{what}log probabilities differed by {mean:.2g} nats a token (tolerated: no answer, {NATS:g} nats)"
    if changed or mean > NATS:
        return Verdict("float32", f"float32, since bfloat16 {'gives other answers' if changed else 'is too rough'}: {found}")
    return Verdict("bfloat16", f"bfloat16, which is faster here and gives the same answers: {found}")


def _answer(trial: Trial, rivals: Sequence[int], scores: Scores) -> int:
    return int(np.argmax([_of(scores, trial.queries[number]).sum() for number in rivals]))


def _of(scores: Scores, query: Query) -> np.ndarray:
    return scores.log_probabilities[query.slot : query.slot + len(query.tokens) - query.scored_from]
