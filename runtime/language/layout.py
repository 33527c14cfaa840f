"""Which positions of one pass attend to which: subtrees cut into branches whose attention is computed densely, padded little.

In: subtrees of a trie that all hang on the current path. Out: their `Layout`. A branch is a run of nodes that are computed as one dense
block: its positions are the queries, they and their ancestors inside the pass the keys, so that an ancestor's keys may stand in several
branches, while each position is a query once. Where a subtree parts, the choice between one block, in which cousins are masked, and a
block for each child is made by what attention costs. Branches of like size make up a `Part`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from benchc.runtime.language.attention import Layout, Part, Path
from benchc.runtime.language.trie import Node, walk

BRANCH_COST: Final = 1_000  # products of a query and a key that take as long as one more branch
PADDED: Final = 1.25  # how much longer than a branch's own the longest of its part may be


@dataclass(frozen=True, slots=True)
class _Branch:
    """`above`: ancestors in the pass whose keys the branch sees; `nodes`: those whose positions it computes, in walking order."""

    above: tuple[Node, ...]
    nodes: tuple[Node, ...]

    @property
    def queries(self) -> int:
        return sum(len(node.tokens) for node in self.nodes)

    @property
    def keys(self) -> int:
        return self.queries + sum(len(node.tokens) for node in self.above)


def layout_of(roots: Sequence[Node], path: Path, device: torch.device) -> Layout:
    """The layout of a pass that computes these subtrees one behind the other, each in walking order."""
    if len(roots) == 1 and not roots[0].children:
        return Layout(path, keep=False)
    places: dict[int, int] = {}
    at = 0
    for node in (node for root in roots for node in walk(root)):
        places[id(node)] = at
        at += len(node.tokens)
    branches = sorted((branch for root in roots for branch in _divide(root)), key=lambda branch: (branch.keys, branch.queries))
    parts = [_part(members, places) for members in _alike(branches)]
    back = torch.empty(at, dtype=torch.long)
    filled = 0
    for part, inside in parts:
        padded = part.queries.numel()
        back[part.queries[inside]] = torch.arange(filled, filled + padded).view(inside.shape)[inside]
        filled += padded
    return Layout(path, False, tuple(part.to(device) for part, _ in parts), back.to(device))


def _divide(root: Node) -> Iterator[_Branch]:
    """The branches of a subtree. The own queries of a node whose children are blocks of their own go with its first child's."""
    parting = _parting(root)
    stack: list[tuple[Node, tuple[Node, ...], tuple[Node, ...]]] = [(root, (), ())]
    while stack:
        node, above, leading = stack.pop()
        if id(node) not in parting:
            yield _Branch(above, (*leading, *walk(node)))
            continue
        first, *others = node.children
        stack.append((first, above, (*leading, node)))
        stack.extend((child, (*above, *leading, node), ()) for child in others)


def _parting(root: Node) -> set[int]:
    """The nodes whose children are cheaper as blocks of their own, by the products of queries and keys."""
    parting: set[int] = set()
    size: dict[int, int] = {}
    cost: dict[int, int] = {}
    keys: dict[int, int] = {}  # of the branch that computes the node's own positions
    for node in reversed(list(walk(root))):
        me, own = id(node), len(node.tokens)
        size[me] = own + sum(size[id(child)] for child in node.children)
        keys[me] = node.start - root.start + size[me]
        cost[me] = size[me] * keys[me] + BRANCH_COST
        if node.children:
            first = keys[id(node.children[0])]
            apart = own * first + sum(cost[id(child)] for child in node.children)
            if apart < cost[me]:
                parting.add(me)
                cost[me], keys[me] = apart, first
    return parting


def _alike(branches: Sequence[_Branch]) -> Iterator[list[_Branch]]:
    """Runs of branches, sorted by size, that may be padded to one length."""
    members: list[_Branch] = []
    for branch in branches:
        if members and branch.keys > PADDED * members[0].keys + 4:
            yield members
            members = []
        members.append(branch)
    if members:
        yield members


def _part(branches: Sequence[_Branch], places: dict[int, int]) -> tuple[Part, torch.Tensor]:
    """The part, and which of its padded queries [branches, longest] are real."""
    shape = (len(branches), max(branch.queries for branch in branches), max(branch.keys for branch in branches))
    queries = torch.zeros(shape[:2], dtype=torch.long)
    keys = torch.zeros((shape[0], shape[2]), dtype=torch.long)
    sees = torch.zeros(shape, dtype=torch.bool)
    inside = torch.zeros(shape[:2], dtype=torch.bool)
    sees[:, :, 0] = True  # padding sees something, lest its softmax be undefined
    for row, branch in enumerate(branches):
        own = _positions(branch.nodes, places)
        queries[row, : len(own)] = own
        inside[row, : len(own)] = True
        above = _positions(branch.above, places)
        keys[row, : len(above) + len(own)] = torch.cat([above, own])
        _see(sees[row], branch, len(above))
    mask = torch.zeros(shape).masked_fill_(~sees, -torch.inf)
    return Part(queries, keys, mask), inside


def _positions(nodes: Sequence[Node], places: dict[int, int]) -> torch.Tensor:
    runs = [torch.arange(places[id(node)], places[id(node)] + len(node.tokens)) for node in nodes]
    return torch.cat(runs) if runs else torch.zeros(0, dtype=torch.long)


def _see(sees: torch.Tensor, branch: _Branch, above: int) -> None:
    """Mark what each query of one branch sees [queries, keys]: what is above, its ancestors inside the branch, and itself."""
    sees[: branch.queries, 0] = False
    sees[: branch.queries, :above] = True
    starts: dict[int, int] = {}
    parents = {id(child): node for node in branch.nodes for child in node.children}
    at = 0
    for node in branch.nodes:
        starts[id(node)] = at
        end = at + len(node.tokens)
        sees[at:end, above + at : above + end] = torch.ones((end - at, end - at), dtype=torch.bool).tril()
        parent = parents.get(id(node))
        if parent is not None:
            last = starts[id(parent)] + len(parent.tokens) - 1
            sees[at:end, above : above + at] = sees[last, above : above + at]
        at = end
