"""The plan as a picture."""

from typing import Any
from xml.etree import ElementTree

from hand_made import plan_of, small_blocks

from benchc.compiler.graph import Graph, Node, graph_of, mermaid, svg

PLAN = plan_of(small_blocks(), ("main.sort.mini.accuracy > 0.5",))


def test_seeds_are_one_node_with_a_count() -> None:
    assert Node("train", "sort mini/tune", 2) in graph_of(PLAN).nodes


def test_a_thousand_seeds_draw_no_more_than_two() -> None:
    blocks: Any = small_blocks()
    blocks["run"]["main"]["seeds"] = list(range(100))
    assert len(graph_of(plan_of(blocks)).nodes) == len(graph_of(plan_of(small_blocks())).nodes)


def test_every_edge_leads_from_an_input() -> None:
    graph = graph_of(PLAN)
    titles = {(graph.nodes[start].kind, graph.nodes[end].kind) for start, end in graph.edges}
    assert {("load", "split"), ("split", "train"), ("train", "predict"), ("predict", "score"), ("predict", "compare")} <= titles
    assert all(start < end for start, end in graph.edges)


def test_what_a_longer_way_says_already_is_not_drawn() -> None:
    graph = graph_of(PLAN)
    titles = {(graph.nodes[start].kind, graph.nodes[end].kind) for start, end in graph.edges}
    assert not {("load", "train"), ("split", "predict"), ("encode", "predict")} & titles


def test_mermaid_text_holds_no_marks_of_its_own() -> None:
    text = mermaid(Graph((Node("gate", 'a "b" <c> #d `e`', 1),), ()))
    assert text == 'flowchart LR\n  n0["gate<br/>a #quot;b#quot; #lt;c#gt; #35;d #96;e#96;"]\n'


def test_the_svg_is_well_formed_and_shows_markup_as_text() -> None:
    text = svg(Graph((Node("load", "<script>alert(1)</script>", 1), Node("split", "a & b", 3)), ((0, 1),)))
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "<script" not in text


def test_no_two_boxes_of_a_drawing_lie_on_each_other() -> None:
    root = ElementTree.fromstring(svg(graph_of(PLAN)))
    corners = [(box.get("x"), box.get("y")) for box in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(corners) == len(set(corners)) == len(graph_of(PLAN).nodes)
