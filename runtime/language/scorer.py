"""Log-likelihoods of continuations under a causal language model, shared text computed once.

In: a transformers causal model and `Query`s. Out: the log probability of each scored token, and whether it was the likeliest.
The language-model head runs only on positions that are asked for, in blocks, so that no [batch, length, vocabulary] tensor exists.
Not here: tokenization, prompts, metrics.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import AttentionInterface, PreTrainedModel

from benchc.runtime.language.attention import NAME, Layout, Path, tree_attention
from benchc.runtime.language.trie import Ask, Chunk, Leave, Node, Query, Spine, build, schedule, walk

HEAD_ROWS = 128  # positions whose logits are held at a time: 128 x 50,000 x 4 bytes = 25 MB


@dataclass(frozen=True, slots=True)
class Scores:
    """`log_probabilities` [slots] in nats, float64. `likeliest` [slots]: the token was the model's first choice.

    `positions`: token positions computed; `least`: the trie's minimum.
    """

    log_probabilities: NDArray[np.float64]
    likeliest: NDArray[np.bool_]
    positions: int
    least: int


def score(
    model: PreTrainedModel, queries: Sequence[Query], budget: int = 1024, progress: Callable[[int, int], None] = lambda done, total: None
) -> Scores:
    """Score all queries. `budget`: most positions of one forward pass; memory and speed depend on it, results do not."""
    slots = max((query.slot + len(query.tokens) - query.scored_from for query in queries), default=0)
    answers = _Answers(np.full(slots, np.nan), np.zeros(slots, dtype=np.bool_))
    root = build(queries)
    model.set_attn_implementation(NAME)
    path = Path()
    done = 0
    with torch.inference_mode():
        for action in schedule(root, budget):
            match action:
                case Spine(node):
                    done += _run_spine(model, node, path, budget, answers)
                case Chunk(roots):
                    done += _run_chunk(model, roots, path, answers)
                case Leave(positions):
                    path.length -= positions
            progress(done, root.size)
    return Scores(answers.log_probabilities, answers.likeliest, done, root.size)


@dataclass(frozen=True, slots=True)
class _Answers:
    log_probabilities: NDArray[np.float64]
    likeliest: NDArray[np.bool_]


def _run_spine(model: PreTrainedModel, node: Node, path: Path, budget: int, answers: _Answers) -> int:
    for start in range(0, len(node.tokens), budget):
        piece = node.tokens[start : start + budget]
        positions = range(node.start + start, node.start + start + len(piece))
        hidden = _forward(model, piece, positions, Layout(path, keep=True))
        path.length += len(piece)
        asked = [(i - start, node.asks[i]) for i in range(start, start + len(piece)) if i in node.asks]
        _answer(model, hidden, asked, answers)
    return len(node.tokens)


def _run_chunk(model: PreTrainedModel, roots: Sequence[Node], path: Path, answers: _Answers) -> int:
    branches = [list(walk(root)) for root in roots]
    tokens: list[int] = []
    positions: list[int] = []
    asked: list[tuple[int, list[Ask]]] = []
    for nodes in branches:
        for node in nodes:
            asked.extend((len(tokens) + i, asks) for i, asks in node.asks.items())
            positions.extend(range(node.start, node.start + len(node.tokens)))
            tokens.extend(node.tokens)
    hidden = _forward(model, tokens, positions, layout_of(branches, path, model.device))
    _answer(model, hidden, asked, answers)
    return len(tokens)


def layout_of(branches: Sequence[Sequence[Node]], path: Path, device: torch.device) -> Layout:
    """The layout of subtrees that lie one behind the other, each as its nodes in walking order."""
    if len(branches) == 1 and len(branches[0]) == 1:
        return Layout(path, keep=False)
    sizes = [sum(len(node.tokens) for node in nodes) for nodes in branches]
    longest = max(sizes)
    index = torch.zeros((len(branches), longest), dtype=torch.long)
    back = torch.empty(sum(sizes), dtype=torch.long)
    sees = torch.eye(longest, dtype=torch.bool).repeat(len(branches), 1, 1)
    flat = 0
    for row, (nodes, size) in enumerate(zip(branches, sizes, strict=True)):
        index[row, :size] = torch.arange(flat, flat + size)
        back[flat : flat + size] = torch.arange(row * longest, row * longest + size)
        _see(sees[row], nodes)
        flat += size
    mask = torch.zeros(sees.shape).masked_fill_(~sees, -torch.inf)
    return Layout(path, False, index.to(device), back.to(device), mask.to(device))


def _see(sees: Tensor, nodes: Sequence[Node]) -> None:
    """Mark what each position of one branch sees: its ancestors and itself."""
    offsets: dict[int, int] = {}
    at = 0
    for node in nodes:
        offsets[id(node)] = at
        at += len(node.tokens)
    parents = {id(child): node for node in nodes for child in node.children}
    for node in nodes:
        start, end = offsets[id(node)], offsets[id(node)] + len(node.tokens)
        sees[start:end, start:end] = torch.ones((end - start, end - start), dtype=torch.bool).tril()
        parent = parents.get(id(node))
        if parent is not None:
            last = offsets[id(parent)] + len(parent.tokens) - 1
            sees[start:end, :start] = sees[last, :start]


def _forward(model: PreTrainedModel, tokens: Sequence[int], positions: Sequence[int], layout: Layout) -> Tensor:
    """Last hidden states [positions, width] of flat tokens."""
    device = model.device
    output = model.base_model(
        input_ids=torch.tensor([list(tokens)], device=device),
        position_ids=torch.tensor([list(positions)], device=device),
        use_cache=False,
        layout=layout,
    )
    hidden: Tensor = output.last_hidden_state[0]
    return hidden


def _answer(model: PreTrainedModel, hidden: Tensor, asked: Sequence[tuple[int, list[Ask]]], answers: _Answers) -> None:
    head = model.get_output_embeddings()
    for start in range(0, len(asked), HEAD_ROWS):
        block = asked[start : start + HEAD_ROWS]
        logits = head(hidden[[row for row, _ in block]]).float()
        totals = torch.logsumexp(logits, -1).double()
        best = logits.argmax(-1)
        rows = torch.tensor([i for i, (_, asks) in enumerate(block) for _ in asks], device=logits.device)
        tokens = torch.tensor([ask.token for _, asks in block for ask in asks], device=logits.device)
        slots = np.array([ask.slot for _, asks in block for ask in asks])
        answers.log_probabilities[slots] = (logits[rows, tokens].double() - totals[rows]).cpu().numpy()
        answers.likeliest[slots] = (best[rows] == tokens).cpu().numpy()


AttentionInterface.register(NAME, tree_attention)
