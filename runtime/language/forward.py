"""One pass of a causal model over flat tokens, and its head on the positions that are asked for.

In: a transformers causal model, tokens with their positions and a `Layout`. Out: hidden states, logits. The head runs apart from the
layers, so that no [positions, vocabulary] tensor exists for positions that nobody asks about.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPast

from benchc.runtime.language.attention import CannotShareError, Layout

Head: TypeAlias = Callable[[Tensor], Tensor]  # hidden states [n, width] to logits [n, vocabulary], float32


@dataclass(frozen=True, slots=True)
class SharedModel:
    """A causal model whose attention and head can be computed apart."""

    model: PreTrainedModel
    head: Head

    @property
    def device(self) -> torch.device:
        device: torch.device = self.model.device
        return device


def hidden_states(shared: SharedModel, tokens: Sequence[int], positions: Sequence[int], layout: Layout) -> Tensor:
    """Last hidden states [positions, width] of flat tokens."""
    output = shared.model.base_model(
        input_ids=torch.tensor([list(tokens)], device=shared.device),
        position_ids=torch.tensor([list(positions)], device=shared.device),
        use_cache=False,
        layout=layout,
    )
    hidden: Tensor = output.last_hidden_state[0]
    return hidden


def find_head(model: PreTrainedModel, tokens: Sequence[int], tolerance: float) -> Head:
    """The model's output matrix where its logits are that alone, else what its own forward makes of hidden states (scales, soft caps).

    Raises CannotShareError when neither gives the logits of a plain pass over `tokens`.
    """
    ids = torch.tensor([list(tokens)], device=model.device)
    with torch.inference_mode():
        wanted = model(input_ids=ids, use_cache=False).logits[0].float()
        hidden = model.base_model(input_ids=ids, use_cache=False).last_hidden_state[0]
        for head in (_matrix(model), _own_forward(model)):
            if head is not None and _gives(head, hidden, wanted, tolerance):
                return head
    raise CannotShareError("its logits are not made of its last hidden states alone")


def _gives(head: Head, hidden: Tensor, wanted: Tensor, tolerance: float) -> bool:
    made = head(hidden)
    return made.shape == wanted.shape and bool((made - wanted).abs().max() <= tolerance)


def _matrix(model: PreTrainedModel) -> Head | None:
    matrix = cast(Any, model).get_output_embeddings()
    if matrix is None:
        return None

    def head(hidden: Tensor) -> Tensor:
        logits: Tensor = matrix(hidden)
        return logits.float()

    return head


def _own_forward(model: PreTrainedModel) -> Head:
    """The whole model with its layers replaced by the hidden states at hand."""

    def head(hidden: Tensor) -> Tensor:
        placeholder = torch.zeros((1, hidden.shape[0]), dtype=torch.long, device=hidden.device)
        with _layers_that_return(model, hidden):
            logits: Tensor = model(input_ids=placeholder, use_cache=False).logits[0]
        return logits.float()

    return head


@contextmanager
def _layers_that_return(model: PreTrainedModel, hidden: Tensor) -> Iterator[None]:
    def given(*_: Any, **__: Any) -> BaseModelOutputWithPast:
        return BaseModelOutputWithPast(last_hidden_state=hidden[None])

    base = model.base_model
    base.forward = given
    try:
        yield
    finally:
        del base.forward  # the instance's attribute: the class's method shows again
