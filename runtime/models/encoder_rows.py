"""Rows of a split as an encoder sees them: tokens, targets, and outputs for all of them.

In: the encode step's folder, a data view. Out: `EncodedRows`, outputs without gradients, answers made of outputs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchc.runtime.data.view import DataView
from benchc.runtime.device import Device
from benchc.runtime.models.encoded import APART
from benchc.runtime.models.encoder_model import Design, TargetScale
from benchc.runtime.models.forward import Outputs, compute
from benchc.runtime.models.tokens import TokenTable, pad, read_tokens
from benchc.runtime.tasks import KINDS
from benchc.runtime.tasks.answers import Answers, ValueAnswers, from_logits
from benchc.runtime.tasks.task import Task
from benchc.runtime.work import Progress, StepFailed

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class EncodedRows:
    """`first`: tokens of each row's text, or of its pair joined. `second`: of the other text where the two are encoded apart."""

    first: TokenTable
    second: TokenTable | None

    @property
    def lengths(self) -> Ints:
        """Tokens that a row costs: of its longer text where there are two."""
        return self.first.lengths if self.second is None else np.maximum(self.first.lengths, self.second.lengths)

    @property
    def tokens(self) -> int:
        return len(self.first.ids) + (0 if self.second is None else len(self.second.ids))


def read_rows(encoded: Path | None, task: Task, split: str) -> EncodedRows:
    """The tokens of one split."""
    if encoded is None:
        raise StepFailed("tokens_missing", "the plan has no encode step for this encoder", "plan again")
    if task.kind == "similarity":
        first, second = (read_tokens(encoded, split, column) for column in APART)
        return EncodedRows(first, second)
    return EncodedRows(read_tokens(encoded, split), None)


def read_targets(view: DataView, task: Task, split: str) -> npt.NDArray[Any]:
    return KINDS[task.kind].targets(view, task, split)


def outputs_with_gradient(module: nn.Module, rows: EncodedRows, batch: Ints, pad_id: int, device: Device) -> Tensor:
    """[rows, labels], or [rows] where a row has one number (a cosine for a similarity)."""
    first: Tensor = module(pad(rows.first, batch, pad_id).to(device.torch))
    if rows.second is None:
        return first.squeeze(-1) if first.shape[-1] == 1 else first
    return functional.cosine_similarity(first.float(), module(pad(rows.second, batch, pad_id).to(device.torch)).float())


def all_outputs(
    module: nn.Module, rows: EncodedRows, pad_id: int, device: Device, progress: Callable[[Progress], None] | None = None
) -> Outputs:
    """The same for all rows without gradients: float32 [rows, labels], [rows, 1] for a number."""
    first = compute(module, rows.first, pad_id, device, progress)
    if rows.second is None:
        return first
    second = compute(module, rows.second, pad_id, device, progress)
    return Outputs(_cosines(first.values, second.values)[:, None], first.halvings + second.halvings)


def answers_of(outputs: npt.NDArray[np.float32], design: Design) -> Answers:
    """What outputs mean: probabilities of labels, a number in the target's unit, a cosine as it is."""
    match design.task_kind:
        case "classification":
            return from_logits(outputs)
        case "regression":
            return ValueAnswers(outputs[:, 0].astype(np.float64) * design.scale.size + design.scale.shift)
        case _:
            return ValueAnswers(outputs[:, 0].astype(np.float64))


def learning_targets(targets: npt.NDArray[Any], scale: TargetScale, device: Device) -> Tensor:
    """Targets as the loss takes them: whole numbers for labels, else scaled float32."""
    if targets.dtype.kind == "i":
        return torch.from_numpy(targets).to(device.torch)
    return torch.from_numpy(((targets - scale.shift) / scale.size).astype(np.float32)).to(device.torch)


def _cosines(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Cosine of each row of `a` with that of `b`, 0 where one of them is zero."""
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    lengths = np.linalg.norm(wide_a, axis=1) * np.linalg.norm(wide_b, axis=1)
    dots = np.einsum("ij,ij->i", wide_a, wide_b)
    cosines = np.divide(dots, lengths, out=np.zeros(len(a)), where=lengths > 0)
    return np.asarray(np.clip(cosines, -1.0, 1.0), np.float32)
