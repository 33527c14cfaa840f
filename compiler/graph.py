"""A plan as a picture: Mermaid text, SVG text.

In: `Plan`. Out: text. Steps that differ in seed, fold or values of axes alone are one node with a count, so that a plan of thousands
of cells stays readable. Not here: files, colours of a theme (the SVG takes them from what surrounds it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchc.compiler.plan import Cell, Plan

NODE_WIDTH, NODE_HEIGHT = 168, 44
GAP_ACROSS, GAP_DOWN = 56, 16
MARGIN = 12
LONGEST_LABEL = 23
COLUMNS = {
    "load": 0,
    "split": 1,
    "encode": 2,
    "train": 3,
    "predict": 4,
    "extract": 4,
    "examine": 5,
    "score": 6,
    "compare": 6,
    "aggregate": 7,
    "gate": 8,
}


@dataclass(frozen=True, slots=True)
class Node:
    """`steps` are how many steps it stands for."""

    kind: str
    label: str
    steps: int


@dataclass(frozen=True, slots=True)
class Graph:
    """`edges` are pairs of places in `nodes`, the input first. Nodes stand behind their inputs."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]


def graph_of(plan: Plan) -> Graph:
    """The plan's steps, joined by kind and by what they are about. The report, which needs everything, is left out."""
    names = _names(plan)
    places: dict[tuple[str, str], int] = {}
    counts: list[int] = []
    place_of: dict[str, int] = {}
    edges: dict[tuple[int, int], None] = {}
    for step in plan.steps:
        if step.kind == "report":
            continue
        name = (step.kind, names.get(step.key, ""))
        place = places.setdefault(name, len(places))
        if place == len(counts):
            counts.append(0)
        counts[place] += 1
        place_of[step.key] = place
        for keys in step.inputs.values():
            edges.update({(place_of[key], place): None for key in keys if place_of[key] != place})
    nodes = tuple(Node(kind, label, counts[place]) for (kind, label), place in places.items())
    return Graph(nodes, _without_detours(tuple(edges)))


def mermaid(graph: Graph) -> str:
    """A Mermaid flowchart."""
    lines = ["flowchart LR"]
    lines += [f'  n{place}["{_mermaid_text(_title(node))}"]' for place, node in enumerate(graph.nodes)]
    lines += [f"  n{start} --> n{end}" for start, end in graph.edges]
    return "\n".join(lines) + "\n"


def svg(graph: Graph) -> str:
    """A drawing in columns: each node right of its inputs. Lines and text are in the colour of the surrounding text."""
    places = _layout(graph)
    width = max((x for x, _ in places), default=0) + NODE_WIDTH + MARGIN
    height = max((y for _, y in places), default=0) + NODE_HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12" fill="none" stroke="currentColor">',
        f"<title>The plan as a graph: {len(graph.nodes)} groups of steps</title>",
        *(_line(places[start], places[end]) for start, end in graph.edges),
        *(_box(node, place) for node, place in zip(graph.nodes, places, strict=True)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _names(plan: Plan) -> Mapping[str, str]:
    """What each step is about, without seed, fold and values of axes."""
    names: dict[str, str] = {step.key: str(step.hints.get("dataset", "")) for step in plan.steps if step.kind in ("load", "split")}
    names |= {step.key: str(step.hints.get("model", "")) for step in plan.steps if step.kind == "encode"}
    for cell in plan.cells:
        about = _about(cell)
        for key in (cell.train_step, cell.predict_step, cell.extract_step, cell.diagnostics, *(metric.score for metric in cell.metrics)):
            if key is not None:
                names.setdefault(key, about)
    names |= {one.step: f"{one.task} {one.model}" for one in plan.aggregates}
    names |= {one.step: f"{one.suite} {one.model}" for one in plan.suites}
    names |= {one.step: one.task for one in plan.comparisons}
    names |= {one.corrected: f"{one.run}: correction" for one in plan.comparisons}
    return names | {one.step: one.name for one in plan.gates}


def _about(cell: Cell) -> str:
    return f"{cell.task} {cell.model}" if cell.train is None else f"{cell.task} {cell.model}/{cell.train}"


def _title(node: Node) -> tuple[str, str]:
    count = f" x {node.steps}" if node.steps > 1 else ""
    return f"{node.kind}{count}", node.label


def _mermaid_text(lines: tuple[str, str]) -> str:
    """Text inside quotes, with Mermaid's entities for what it would read as marks."""
    marks = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\n": " "}
    return "<br/>".join("".join(marks.get(character, character) for character in line) for line in lines if line)


def _without_detours(edges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The edges that no longer way says already: predictions need the rows, but through the training that needs them as well."""
    inputs: dict[int, set[int]] = {}
    for start, end in edges:
        inputs.setdefault(end, set()).add(start)
    behind: dict[int, set[int]] = {}
    for end in sorted(inputs):  # nodes stand behind their inputs
        behind[end] = set().union(*(inputs.get(start, set()) | behind.get(start, set()) for start in inputs[end]))
    return tuple((start, end) for start, end in edges if start not in behind[end])


def _layout(graph: Graph) -> Sequence[tuple[int, int]]:
    """Top left corners. A node stands in the column of its kind, or behind its inputs; in the row of the first that needs it, or below."""
    columns = [COLUMNS[node.kind] for node in graph.nodes]
    needed_by: dict[int, list[int]] = {}
    for start, end in sorted(graph.edges, key=lambda edge: edge[1]):
        columns[end] = max(columns[end], columns[start] + 1)
        needed_by.setdefault(start, []).append(end)
    rows = _rows(columns, needed_by)
    across, down = NODE_WIDTH + GAP_ACROSS, NODE_HEIGHT + GAP_DOWN
    return [(MARGIN + column * across, MARGIN + row * down) for column, row in zip(columns, rows, strict=True)]


def _rows(columns: Sequence[int], needed_by: Mapping[int, Sequence[int]]) -> Sequence[int]:
    """Training and what follows in the plan's order; what comes before it beside the first node that needs it."""
    rows = [0] * len(columns)
    filled: dict[int, int] = {}
    early = [place for place, column in enumerate(columns) if column < COLUMNS["train"]]
    late = [place for place, column in enumerate(columns) if column >= COLUMNS["train"]]
    for place in late:
        rows[place] = filled.get(columns[place], 0)
        filled[columns[place]] = rows[place] + 1
    for place in sorted(early, key=lambda place: (-columns[place], place)):
        wanted = min((rows[end] for end in needed_by.get(place, ())), default=0)
        rows[place] = max(wanted, filled.get(columns[place], 0))
        filled[columns[place]] = rows[place] + 1
    return rows


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + NODE_WIDTH, start[1] + NODE_HEIGHT // 2
    x2, y2 = end[0], end[1] + NODE_HEIGHT // 2
    middle = (x1 + x2) // 2
    return f'<path d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}" stroke-opacity="0.45"/>'


def _box(node: Node, place: tuple[int, int]) -> str:
    x, y = place
    kind, label = _title(node)
    short = label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"
    text = 'fill="currentColor" stroke="none"'
    return (
        f"<g><title>{escape(f'{kind} {label}')}</title>"
        f'<rect x="{x}" y="{y}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="6" fill="Canvas"/>'
        f'<text x="{x + 10}" y="{y + 18}" font-weight="600" {text}>{escape(kind)}</text>'
        f'<text x="{x + 10}" y="{y + 34}" {text}>{escape(short)}</text></g>'
    )
