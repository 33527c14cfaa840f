"""An encoder with a head: token ids in, sentence vectors or outputs out.

The backbone is any model of transformers that gives one vector a token; pooling and head are this project's own.
"""

import inspect
from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from benchc.runtime.models.tokens import TokenBatch

INITIAL_SPREAD = 0.02  # standard deviation of new weights, as BERT's


@dataclass(frozen=True, slots=True)
class HeadShape:
    """`width` is the hidden layer's, None for a linear head. `outputs`: numbers for a text."""

    outputs: int
    dropout: float
    width: int | None


class Encoder(nn.Module):
    """`pooling`: "cls" (the first token's vector), "mean" or "max" over the tokens that are not padding."""

    def __init__(self, backbone: nn.Module, width: int, pooling: str, normalize: bool) -> None:
        super().__init__()
        self.backbone = backbone
        self.width = width
        self.pooling = pooling
        self.normalize = normalize
        self._takes_types = "token_type_ids" in inspect.signature(backbone.forward).parameters

    def forward(self, batch: TokenBatch) -> Tensor:
        """Vectors [texts, width]."""
        arguments = {"input_ids": batch.ids, "attention_mask": None if batch.mask is None else batch.mask.long()}
        if self._takes_types and batch.types is not None:
            arguments["token_type_ids"] = batch.types
        vectors = pool(self.backbone(**arguments)[0], batch.mask, self.pooling)
        return nn.functional.normalize(vectors, dim=-1) if self.normalize else vectors


class EncoderWithHead(nn.Module):
    """Outputs [texts, outputs] from a head on the sentence vectors."""

    def __init__(self, encoder: Encoder, head: HeadShape) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = build_head(encoder.width, head)

    def forward(self, batch: TokenBatch) -> Tensor:
        return cast(Tensor, self.head(self.encoder(batch)))


def build_head(width: int, shape: HeadShape) -> nn.Sequential:
    """A linear layer, or two with tanh between; new weights come from torch's generator, biases are zero."""
    if shape.width is None:
        layers: list[nn.Module] = [nn.Dropout(shape.dropout), _linear(width, shape.outputs)]
    else:
        layers = [
            nn.Dropout(shape.dropout),
            _linear(width, shape.width),
            nn.Tanh(),
            nn.Dropout(shape.dropout),
            _linear(shape.width, shape.outputs),
        ]
    return nn.Sequential(*layers)


def pool(hidden: Tensor, mask: Tensor | None, pooling: str) -> Tensor:
    """One vector a text. `hidden` [texts, tokens, width]; `mask` [texts, tokens], True for tokens, None when there is no padding."""
    match pooling, mask:
        case "cls", _:
            return hidden[:, 0]
        case "mean", None:
            return hidden.mean(dim=1)
        case "mean", Tensor():
            weights = mask.unsqueeze(-1).to(hidden.dtype)
            return (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        case "max", None:
            return hidden.amax(dim=1)
        case "max", Tensor():
            return hidden.masked_fill(~mask.unsqueeze(-1), float("-inf")).amax(dim=1)
        case _:
            raise ValueError(f"unknown pooling {pooling!r}")


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=INITIAL_SPREAD)
    nn.init.zeros_(layer.bias)
    return layer
