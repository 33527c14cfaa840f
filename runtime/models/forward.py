"""Outputs of an encoder for many texts, without gradients.

In: `TokenTable`, a function from a batch to outputs. Out: outputs in the rows' order. Equal texts are computed once. Batches follow
from the texts alone; one that does not fit the memory is halved, and so are those after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from benchc.runtime.device import Device, autocast, free_cached_memory, is_out_of_memory
from benchc.runtime.models.batches import budget_of, prediction_batches
from benchc.runtime.models.tokens import TokenTable, distinct, pad
from benchc.runtime.work import Progress, StepFailed

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outputs:
    """`values` float32 [rows, outputs]; `halvings`: how often the budget of a batch was halved."""

    values: npt.NDArray[np.float32]
    halvings: int


def compute(
    module: nn.Module, table: TokenTable, pad_id: int, device: Device, progress: Callable[[Progress], None] | None = None
) -> Outputs:
    """The module's outputs for every text. The module is in evaluation mode and on the device."""
    first, place = distinct(table)
    lengths = table.lengths[first]
    budget, halvings = budget_of(device), 0
    parts: list[tuple[Ints, npt.NDArray[np.float32]]] = []
    waiting: list[Ints] = list(reversed(list(prediction_batches(lengths, budget))))
    done = 0
    while waiting:
        rows = waiting.pop()
        outputs = _compute_batch(module, table, first[rows], pad_id, device)
        if outputs is None:
            halvings += 1
            waiting = _halve(waiting, rows)
            continue
        parts.append((rows, outputs))
        done += len(rows)
        if progress is not None:
            progress(Progress(done, len(first), "texts"))
    return Outputs(_in_order(parts, len(first))[place], halvings)


def _compute_batch(module: nn.Module, table: TokenTable, rows: Ints, pad_id: int, device: Device) -> npt.NDArray[np.float32] | None:
    """Outputs of one batch; None when memory ran out."""
    try:
        with torch.inference_mode(), autocast(device):
            outputs: Tensor = module(pad(table, rows, pad_id).to(device.torch))
        return outputs.float().cpu().numpy()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        if len(rows) == 1:
            length = int(table.lengths[rows[0]])
            raise StepFailed(
                "out_of_memory", f"one text of {length} tokens does not fit the memory of {device.name}", "set a smaller `max_length`"
            ) from error
    free_cached_memory(device)
    return None


def _halve(waiting: Sequence[Ints], failed: Ints) -> list[Ints]:
    """The batches that wait and the one that failed, each in two parts where it has two rows; the failed one's come first."""
    halves = [part for rows in waiting for part in _parts(rows)]
    return [*halves, *_parts(failed)]


def _parts(rows: Ints) -> list[Ints]:
    middle = (len(rows) + 1) // 2
    return [part for part in (rows[middle:], rows[:middle]) if len(part)]


def _in_order(parts: Sequence[tuple[Ints, npt.NDArray[np.float32]]], rows: int) -> npt.NDArray[np.float32]:
    width = parts[0][1].shape[1] if parts else 1
    values = np.empty((rows, width), np.float32)
    for numbers, outputs in parts:
        values[numbers] = outputs
    return values
