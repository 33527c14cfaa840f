"""Log-likelihoods of continuations under a causal language model, shared text computed once.

In: a transformers causal model and `Query`s. Out: the log probability of each scored token, and whether it was the likeliest.
The language-model head runs only on positions that are asked for, in blocks, so that no [batch, length, vocabulary] tensor exists.
Not here: tokenization, prompts, metrics.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchc.runtime.device import empty_cache, is_out_of_memory
from benchc.runtime.language.attention import Layout, Path, tree_attention_of
from benchc.runtime.language.forward import SharedModel, hidden_states
from benchc.runtime.language.layout import layout_of
from benchc.runtime.language.sizes import sizes_of
from benchc.runtime.language.trie import Ask, Chunk, Leave, Node, Query, Spine, build, schedule, walk
from benchc.runtime.work import StepFailed

LESS_MEMORY = "take a smaller model, or a device with more memory"


@dataclass(frozen=True, slots=True)
class Scores:
    """`log_probabilities` [slots] in nats, float64. `likeliest` [slots]: the token was the model's first choice.

    `positions`: token positions computed; `least`: the trie's minimum; `halvings`: how often memory ran out.
    """

    log_probabilities: NDArray[np.float64]
    likeliest: NDArray[np.bool_]
    positions: int
    least: int
    halvings: int = 0


def score(
    shared: SharedModel,
    queries: Sequence[Query],
    budget: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    answers: Scores | None = None,
) -> Scores:
    """Score all queries. `budget`: most positions of one forward pass, None for what suits the device; memory and speed depend on it,
    results do not. When memory runs out the budget is halved, and the work that failed is done again in smaller parts. `answers`: filled
    as they are found, for `progress` to look at."""
    made = answers or empty_scores(queries)
    root = build(queries)
    budget = budget or sizes_of(shared.device.type).positions
    run = _Run(shared, made, budget, root.size, progress)
    with torch.inference_mode(), tree_attention_of(shared.model):
        run.subtrees(root.children)
    return Scores(made.log_probabilities, made.likeliest, run.done, root.size, run.halvings)


def empty_scores(queries: Sequence[Query]) -> Scores:
    """No answers yet, one slot for each scored token."""
    return no_scores(max((query.slot + len(query.tokens) - query.scored_from for query in queries), default=0))


def no_scores(slots: int) -> Scores:
    """So many answers that are not there yet (NaN)."""
    return Scores(np.full(slots, np.nan), np.zeros(slots, dtype=np.bool_), 0, 0)


@dataclass(slots=True)
class _Run:
    """One walk through a trie. `done` counts the positions that were computed and kept."""

    shared: SharedModel
    answers: Scores
    budget: int
    total: int
    progress: Callable[[int, int], None]
    path: Path = field(default_factory=Path)
    done: int = 0
    halvings: int = 0

    def subtrees(self, roots: Sequence[Node]) -> None:
        for action in schedule(roots, self.budget):
            match action:
                case Spine(node):
                    self.spine(node)
                case Chunk(chunk):
                    self.chunk(chunk)
                case Leave(positions):
                    self.path.length -= positions

    def spine(self, node: Node) -> None:
        start = 0
        while start < len(node.tokens):
            piece = node.tokens[start : start + self.budget]
            positions = range(node.start + start, node.start + start + len(piece))
            asked = [(i - start, node.asks[i]) for i in range(start, start + len(piece)) if i in node.asks]
            if self.attempt(piece, positions, lambda: Layout(self.path, keep=True), asked):
                self.path.length += len(piece)
                start += len(piece)

    def chunk(self, roots: Sequence[Node]) -> None:
        nodes = [node for root in roots for node in walk(root)]
        starts = accumulate((len(node.tokens) for node in nodes), initial=0)
        asked = [(start + i, asks) for start, node in zip(starts, nodes, strict=False) for i, asks in node.asks.items()]
        tokens = [token for node in nodes for token in node.tokens]
        positions = [node.start + i for node in nodes for i in range(len(node.tokens))]
        if not self.attempt(tokens, positions, lambda: layout_of(roots, self.path, self.shared.device), asked):
            self.subtrees(roots)  # again, by the smaller budget

    def attempt(
        self, tokens: Sequence[int], positions: Sequence[int], layout: Callable[[], Layout], asked: Sequence[tuple[int, list[Ask]]]
    ) -> bool:
        """Computes and answers; False when memory ran out, after which the budget is half of what was tried."""
        try:
            hidden = hidden_states(self.shared, tokens, positions, layout())
            _answer(self.shared, hidden, asked, self.answers)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(tokens) == 1:
                raise StepFailed("out_of_memory", "not one token fits the memory beside the text before it", LESS_MEMORY) from error
            self.budget, self.halvings = len(tokens) // 2, self.halvings + 1
            empty_cache(self.shared.device.type)
            return False
        self.done += len(tokens)
        self.progress(self.done, self.total)
        return True


def _answer(shared: SharedModel, hidden: Tensor, asked: Sequence[tuple[int, list[Ask]]], answers: Scores) -> None:
    rows_at_a_time = sizes_of(shared.device.type).head_rows
    for start in range(0, len(asked), rows_at_a_time):
        block = asked[start : start + rows_at_a_time]
        logits = shared.head(hidden[[row for row, _ in block]])
        totals = torch.logsumexp(logits, -1).double()
        best = logits.argmax(-1)
        rows = torch.tensor([i for i, (_, asks) in enumerate(block) for _ in asks], device=logits.device)
        tokens = torch.tensor([ask.token for _, asks in block for ask in asks], device=logits.device)
        slots = np.array([ask.slot for _, asks in block for ask in asks])
        answers.log_probabilities[slots] = (logits[rows, tokens].double() - totals[rows]).cpu().numpy()
        answers.likeliest[slots] = (best[rows] == tokens).cpu().numpy()
