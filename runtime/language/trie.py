"""Token sequences as a radix trie, and the order in which to compute it.

In: token sequences with the positions whose next token is asked for. Out: `Node`s, and a walk over them as `Spine` (compute this
segment and keep its keys and values while its descendants run), `Chunk` (compute these whole subtrees together) and `Leave`.

Each node's tokens are computed once, whatever number of sequences passes through it: the sum of the segments' lengths is the least
number of token positions that any engine can do. Not here: models and tensors.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Tokens: TypeAlias = Sequence[int]


@dataclass(frozen=True, slots=True)
class Ask:
    """Give the log probability of `token` after the position that carries this ask; the answer goes to `slot`."""

    slot: int
    token: int


@dataclass(slots=True)
class Node:
    """A run of tokens that all sequences through it share. `asks[i]` belongs to the position of `tokens[i]`."""

    tokens: list[int]
    start: int  # position of the first token in its sequences
    asks: dict[int, list[Ask]] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    size: int = 0  # positions in the subtree, this segment included


@dataclass(frozen=True, slots=True)
class Query:
    """A sequence of which the tokens from `scored_from` on are scored; 1 <= scored_from < len(tokens).

    `slot` numbers the answers: token i goes to slot + i - scored_from.
    """

    tokens: tuple[int, ...]
    scored_from: int
    slot: int


@dataclass(frozen=True, slots=True)
class Spine:
    """Compute `node`'s own segment after the current path, and add it to the path."""

    node: Node


@dataclass(frozen=True, slots=True)
class Chunk:
    """Compute these subtrees whole, each after the current path."""

    roots: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Take this many positions off the end of the path."""

    positions: int


Action: TypeAlias = Spine | Chunk | Leave


def build(queries: Sequence[Query]) -> Node:
    """The trie of all queries, under a root without tokens.

    The last token of a query is only asked for, never computed. Queries may come in any order, and more than once.
    """
    ordered = sorted(queries, key=lambda query: query.tokens[:-1])
    root = Node([], 0)
    path: list[Node] = [root]  # from the root to the node where the last query ended
    for query in ordered:
        tokens = query.tokens[:-1]
        _descend(path, tokens)
        node = path[-1]
        if node.start + len(node.tokens) < len(tokens):
            leaf = Node(list(tokens[node.start + len(node.tokens) :]), node.start + len(node.tokens))
            node.children.append(leaf)
            path.append(leaf)
        _ask(path, query)
    _measure(root)
    return root


def _descend(path: list[Node], tokens: tuple[int, ...]) -> None:
    """Shorten `path` to the part that `tokens` shares with it; split the last node where they part inside it."""
    shared = 0
    for depth, node in enumerate(path):
        wanted = tokens[node.start : node.start + len(node.tokens)]
        same = _common(node.tokens, wanted)
        shared = node.start + same
        if same < len(node.tokens):
            del path[depth + 1 :]
            if same == 0:
                path.pop()
            else:
                _split(node, same)
            return
    assert shared <= len(tokens)


def _common(a: Sequence[int], b: Sequence[int]) -> int:
    for index, (left, right) in enumerate(zip(a, b, strict=False)):
        if left != right:
            return index
    return min(len(a), len(b))


def _split(node: Node, at: int) -> None:
    tail = Node(node.tokens[at:], node.start + at, {i - at: asks for i, asks in node.asks.items() if i >= at}, node.children)
    node.tokens = node.tokens[:at]
    node.asks = {i: asks for i, asks in node.asks.items() if i < at}
    node.children = [tail]


def _ask(path: list[Node], query: Query) -> None:
    """Put the query's asks on the nodes of its path. Position p carries the ask for token p + 1."""
    for node in reversed(path):
        first = max(query.scored_from - 1, node.start)
        end = node.start + len(node.tokens)
        for position in range(first, min(end, len(query.tokens) - 1)):
            ask = Ask(query.slot + position + 1 - query.scored_from, query.tokens[position + 1])
            node.asks.setdefault(position - node.start, []).append(ask)
        if node.start <= query.scored_from - 1:
            return


def _measure(root: Node) -> None:
    for node in reversed(list(walk(root))):
        node.size = len(node.tokens) + sum(child.size for child in node.children)


def walk(root: Node) -> Iterator[Node]:
    """All nodes, each before its descendants."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def schedule(roots: Sequence[Node], budget: int) -> Iterator[Action]:
    """The order of work for subtrees after one path: depth first, those of at most `budget` positions packed together where they
    share their whole path.

    A longer segment with a small rest comes as a `Spine` too: the runner cuts it into pieces.
    """
    yield from _pack([root for root in roots if root.size <= budget], budget)
    stack: list[Node | Leave] = [root for root in reversed(roots) if root.size > budget]
    while stack:
        top = stack.pop()
        if isinstance(top, Leave):
            yield top
            continue
        if top.tokens:
            yield Spine(top)
            stack.append(Leave(len(top.tokens)))
        small = [child for child in top.children if child.size <= budget]
        yield from _pack(small, budget)
        stack.extend(child for child in reversed(top.children) if child.size > budget)


def _pack(nodes: Sequence[Node], budget: int) -> Iterator[Chunk]:
    """Chunks of at most `budget` positions, of subtrees of like size, so that little is padded."""
    group: list[Node] = []
    filled = 0
    for node in sorted(nodes, key=lambda node: node.size):
        if group and filled + node.size > budget:
            yield Chunk(tuple(group))
            group, filled = [], 0
        group.append(node)
        filled += node.size
    if group:
        yield Chunk(tuple(group))
