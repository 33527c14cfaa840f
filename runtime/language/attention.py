"""Attention of many short branches to one shared path, without copying the path.

In: the layer's queries, keys and values of newly computed positions, and a `Layout` that says how they hang together. Out: the
attention output, equal to causal attention of each branch after the path.

The positions of a forward pass are flat: [1, heads, positions, width]. Attention is computed in two parts, to the path (dense, all
queries at once, grouped heads folded into the query length so that keys are never repeated) and within the branch (padded branches
with a mask), and joined by their log-sum-exp, as in Hydragen (Juravsky et al. 2024) and FlashAttention (Dao et al. 2022).
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import AttentionInterface, PreTrainedModel

NAME = "benchc_tree"


class CannotShareError(Exception):
    """The model's attention is not one that can be computed apart and joined; the message says why."""


@dataclass(frozen=True, slots=True)
class Logits:
    """How products of queries and keys become attention logits: times `scale`, then through `softcap * tanh(. / softcap)` if any."""

    scale: float
    softcap: float | None


@dataclass(slots=True)
class Path:
    """Keys and values of the current path, one buffer a layer: [key heads, capacity, width]. Grows; `length` positions are valid."""

    length: int = 0
    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)

    def write(self, layer: int, at: int, key: Tensor, value: Tensor) -> None:
        """Store new positions [key heads, n, width] from position `at` on."""
        needed = at + key.shape[1]
        if layer not in self.keys or self.keys[layer].shape[1] < needed:
            self._grow(layer, needed, key)
        self.keys[layer][:, at:needed] = key
        self.values[layer][:, at:needed] = value

    def read(self, layer: int) -> tuple[Tensor, Tensor]:
        return self.keys[layer][:, : self.length], self.values[layer][:, : self.length]

    def _grow(self, layer: int, needed: int, like: Tensor) -> None:
        capacity = max(256, 1 << (needed - 1).bit_length())
        for buffers in (self.keys, self.values):
            grown = like.new_empty((like.shape[0], capacity, like.shape[2]))
            if layer in buffers:
                grown[:, : self.length] = buffers[layer][:, : self.length]
            buffers[layer] = grown


@dataclass(slots=True)
class Slots:
    """Keys and values of sequences that are being continued, beside the path: a layer's buffer is [slots, key heads, capacity, width]."""

    count: int
    capacity: int
    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)

    def write(self, layer: int, rows: Tensor, columns: Tensor, key: Tensor, value: Tensor) -> None:
        """Store flat positions [key heads, n, width]: position i goes to slot `rows[i]`, column `columns[i]`."""
        if layer not in self.keys:
            shape = (self.count, key.shape[0], self.capacity, key.shape[2])
            self.keys[layer], self.values[layer] = key.new_zeros(shape), value.new_zeros(shape)
        self.keys[layer][rows, :, columns] = key.transpose(0, 1)
        self.values[layer][rows, :, columns] = value.transpose(0, 1)


@dataclass(frozen=True, slots=True)
class Continue:
    """Where the flat positions of a pass are kept: slot and column of each. `longest`: columns that a decoding pass looks at, None when
    the pass is a prefill (its positions see their branch by the layout). `mask` [n, longest]: 0 for what position i sees of its slot."""

    slots: Slots
    rows: Tensor
    columns: Tensor
    longest: int | None = None
    mask: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Branches of like size, padded: `queries` [branches, longest] and `keys` [branches, longest] are flat positions (0 for padding),
    `mask` [branches, queries, keys] is 0 where one sees the other and -inf elsewhere. `folded` keeps the mask in the form that the
    layers ask for."""

    queries: Tensor
    keys: Tensor
    mask: Tensor
    folded: dict[tuple[int, torch.dtype], Tensor] = field(default_factory=dict)

    def to(self, device: torch.device) -> "Part":
        return Part(self.queries.to(device), self.keys.to(device), self.mask.to(device))

    def mask_of(self, groups: int, dtype: torch.dtype) -> Tensor:
        """[branches, 1, groups * queries, keys], for queries whose heads are folded."""
        if (groups, dtype) not in self.folded:
            self.folded[groups, dtype] = self.mask.repeat(1, groups, 1)[:, None].to(dtype)
        return self.folded[groups, dtype]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the flat positions of one forward pass hang together.

    No `parts`: one chain, causal. Else each position is a query of one part, and `back` [positions] is its place among the padded queries
    of all parts. `keep`: write keys and values to the path.
    """

    path: Path
    keep: bool
    parts: tuple[Part, ...] = ()
    back: Tensor | None = None
    into: Continue | None = None


def tree_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    layout: Layout | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    """An attention function as transformers registers them. query [1, heads, n, width], key and value [1, key heads, n, width];
    returns [1, n, heads, width]. The mask that transformers makes is not used: the layout says all."""
    if layout is None:
        raise CannotShareError("its layers do not pass on how the positions hang together")
    if s_aux is not None:
        raise CannotShareError("its attention has sinks")
    layer = module.layer_idx
    assert isinstance(layer, int)
    scale = Logits(scaling if scaling is not None else 1 / math.sqrt(query.shape[-1]), softcap)
    if layout.into is not None:
        layout.into.slots.write(layer, layout.into.rows, layout.into.columns, key[0], value[0])
    if layout.into is not None and layout.into.longest is not None:
        within, weight = _beside(query[0], layer, layout.into, layout.into.longest, scale)
    else:
        within, weight = _within(query[0], key[0], value[0], layout, scale)
    if layout.path.length:
        path_keys, path_values = layout.path.read(layer)
        before, before_weight = _flash(_fold(query, key.shape[1]), path_keys[None], path_values[None], scale)
        before = _unfold(before, query.shape[1])[0]
        within = _join(within, weight, before, before_weight.reshape(weight.shape))
    if layout.keep:
        layout.path.write(layer, layout.path.length, key[0], value[0])
    return within.transpose(0, 1)[None], None


def _within(query: Tensor, key: Tensor, value: Tensor, layout: Layout, scale: Logits) -> tuple[Tensor, Tensor]:
    """Attention of each position to its own branch. [heads, n, width] and log-sum-exp [heads, n]."""
    groups = query.shape[0] // key.shape[0]
    if layout.back is None:
        repeated = (key.repeat_interleave(groups, 0)[None], value.repeat_interleave(groups, 0)[None])
        out, weight = _flash(query[None], *repeated, scale, causal=True)
        return out[0], weight[0]
    made = [_of_part(query, key, value, part, scale) for part in layout.parts]
    out, weight = (torch.cat(pieces, 1) if len(pieces) > 1 else pieces[0] for pieces in zip(*made, strict=True))
    return out[:, layout.back], weight[:, layout.back]


def _of_part(query: Tensor, key: Tensor, value: Tensor, part: Part, scale: Logits) -> tuple[Tensor, Tensor]:
    """Padded outputs [heads, branches * queries, width] and log-sum-exps [heads, branches * queries]."""
    heads, groups = query.shape[0], query.shape[0] // key.shape[0]
    asking, keys, values = (_gather(flat, places) for flat, places in ((query, part.queries), (key, part.keys), (value, part.keys)))
    out, weight = _flash(_fold(asking, key.shape[0]), keys, values, scale, mask=part.mask_of(groups, query.dtype))
    out = _unfold(out, heads).transpose(0, 1).reshape(heads, -1, query.shape[2])
    return out, weight.reshape(len(part.queries), heads, -1).transpose(0, 1).reshape(heads, -1)


def _gather(flat: Tensor, places: Tensor) -> Tensor:
    """[heads, positions, width] at `places` [branches, longest], as [branches, heads, longest, width]."""
    return flat[:, places.reshape(-1)].view(flat.shape[0], *places.shape, flat.shape[2]).transpose(0, 1)


def _beside(query: Tensor, layer: int, into: Continue, longest: int, scale: Logits) -> tuple[Tensor, Tensor]:
    """Attention of one new position per slot to what its slot holds. query [heads, n, width]; as `_within`."""
    keys, values = into.slots.keys[layer], into.slots.values[layer]
    keys, values = keys[into.rows, :, :longest], values[into.rows, :, :longest]
    alone = _fold(query.transpose(0, 1).unsqueeze(2), keys.shape[1])  # [n, key heads, heads per key head, width]
    assert into.mask is not None
    mask = into.mask[:, None, None, :].expand(-1, 1, alone.shape[2], -1)
    out, weight = _flash(alone, keys, values, scale, mask=mask)
    heads = query.shape[0]
    return out.reshape(-1, heads, query.shape[2]).transpose(0, 1), weight.reshape(-1, heads).transpose(0, 1)


def _fold(query: Tensor, key_heads: int) -> Tensor:
    """[b, heads, n, width] as [b, key heads, heads/key heads * n, width]: heads that share keys become more queries."""
    return query.reshape(query.shape[0], key_heads, -1, query.shape[3])


def _unfold(out: Tensor, heads: int) -> Tensor:
    return out.reshape(out.shape[0], heads, -1, out.shape[3])


def _join(a: Tensor, a_weight: Tensor, b: Tensor, b_weight: Tensor) -> Tensor:
    """Two partial attentions as one. Outputs [heads, n, width], log-sum-exps [heads, n]."""
    share = torch.sigmoid(a_weight - b_weight).unsqueeze(-1).to(a.dtype)
    return torch.lerp(b, a, share)


def _flash(
    query: Tensor, key: Tensor, value: Tensor, scale: Logits, causal: bool = False, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Softmax attention and its log-sum-exp in float32, by PyTorch's fused kernels where they serve, else spelled out."""
    if query.device.type == "cpu" and scale.softcap is None:
        added = None if mask is None else mask.to(query.dtype)
        out, weight = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            query, key, value, 0.0, causal, attn_mask=added, scale=scale.scale
        )
        return out, weight
    if query.device.type == "cuda" and scale.softcap is None and mask is None:
        out, padded, _, _ = torch.ops.aten._scaled_dot_product_efficient_attention(
            query, key, value, None, True, 0.0, causal, scale=scale.scale
        )
        return out, padded[..., : query.shape[2]]
    scores = (query @ key.transpose(-1, -2)).float() * scale.scale
    if scale.softcap is not None:
        scores = scale.softcap * torch.tanh(scores / scale.softcap)
    if causal:
        n = query.shape[2]
        scores = scores + torch.full((n, n), -math.inf, device=query.device).triu(1)
    if mask is not None:
        scores = scores + mask
    return torch.softmax(scores, -1).to(value.dtype) @ value, torch.logsumexp(scores, -1)


@contextmanager
def tree_attention_of(model: PreTrainedModel) -> Iterator[None]:
    """Within, the model computes attention by layouts; afterwards as before."""
    before = model.config._attn_implementation
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


AttentionInterface.register(NAME, tree_attention)
