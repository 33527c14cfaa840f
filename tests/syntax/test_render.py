"""Problems, drawn in each form."""

import json
from textwrap import dedent

from benchc.compiler.parse import parse
from benchc.compiler.problems import Edit, Help, Label, Problem, error, warning
from benchc.compiler.render.annotations import render_annotations
from benchc.compiler.render.human import render_human
from benchc.compiler.render.json import render_json
from benchc.compiler.render.sarif import render_sarif
from benchc.compiler.source import Source, Span


def check(text: str, problem: Problem, expected: str, *, width: int = 100) -> None:
    """Draws a problem about `text`, the file `x.bench`, for people."""
    drawn = render_human([problem], {"x.bench": Source("x.bench", text)}, width=width)
    assert drawn == dedent(expected).strip("\n")


def span(text: str, word: str) -> Span:
    return Span("x.bench", text.index(word), text.index(word) + len(word))


def test_the_place_is_marked_and_the_edit_shown() -> None:
    text = "a = 1\nseed: 13\n"
    colon = Span("x.bench", 10, 11)
    check(
        text,
        error("some_code", "`:` is wrong", colon, Help("write `=`", (Edit(colon, " ="),))),
        """
        error[some_code]: `:` is wrong
         --> x.bench:2:5
        2 | seed: 13
          |     ^
          help: write `=`
        2 | seed = 13
          |     ++
        """,
    )


def test_labels_are_drawn_in_order_of_lines_with_dots_between() -> None:
    text = "a {\n  b = 1\n  c = 2\n"
    problem = error("some_code", "not closed", Span("x.bench", 19, 19), labels=(Label(Span("x.bench", 2, 3), "opened here"),))
    check(
        text,
        problem,
        """
        error[some_code]: not closed
         --> x.bench:3:8
        1 | a {
          |   - opened here
          :
        3 |   c = 2
          |        ^
        """,
    )


def test_a_label_in_another_file_has_an_excerpt_of_its_own() -> None:
    sources = {"x.bench": Source("x.bench", "a = 1"), "y.bench": Source("y.bench", "\nb = 2")}
    problem = warning("twice", "named twice", Span("x.bench", 0, 1), labels=(Label(Span("y.bench", 1, 2), "first here"),))
    assert render_human([problem], sources).split("\n")[-3:] == [" --> y.bench:2:1", "2 | b = 2", "  | - first here"]


def test_wide_characters_and_tabs_keep_marks_in_their_columns() -> None:
    text = '\tx = "日本", oops'
    check(
        text,
        error("some_code", "m", span(text, "oops")),
        """
        error[some_code]: m
         --> x.bench:1:12
        1 |     x = "日本", oops
          |                 ^^^^
        """,
    )


def test_long_lines_are_cut_around_the_mark() -> None:
    text = "a" * 200 + " oops " + "b" * 200
    drawn = render_human([error("some_code", "m", span(text, "oops"))], {"x.bench": Source("x.bench", text)}, width=60).split("\n")
    assert all(len(line) <= 60 for line in drawn)
    assert drawn[2][drawn[3].index("^") :].startswith("oops")
    assert drawn[2].endswith("…")


def test_no_control_character_reaches_a_terminal() -> None:
    text = "a = \x1b[2J\u202e"
    drawn = render_human([error("some_code", "bad \x1b\u202e", Span("x.bench", 0, 5))], {"x.bench": Source("x.bench", text)})
    assert "\x1b" not in drawn
    assert "\u202e" not in drawn


def test_colours_only_when_asked() -> None:
    problem = error("some_code", "m", Span("x.bench", 0, 1))
    plain = render_human([problem], {"x.bench": Source("x.bench", "a")})
    coloured = render_human([problem], {"x.bench": Source("x.bench", "a")}, colour=True)
    assert "\x1b[" not in plain
    assert "\x1b[31m" in coloured


def test_a_problem_in_an_unread_file_has_no_excerpt() -> None:
    assert render_human([error("gone", "no such file", Span("y", 0, 0))], {}) == "error[gone]: no such file\n --> y:1:1"


TEXT = 'a = "é\nb = [1 2]\n'
SOURCES = {"a b.bench": Source("a b.bench", TEXT)}
PROBLEMS = parse(SOURCES["a b.bench"]).problems


def test_json_has_lines_columns_and_edits() -> None:
    data = json.loads(render_json(PROBLEMS, SOURCES))
    first, second = data["problems"]
    assert data["format"] == 1
    assert (first["code"], first["path"], first["start"]) == ("unclosed_string", "a b.bench", {"line": 1, "column": 5, "offset": 4})
    assert second["help"][0]["edits"][0]["replacement"] == ","
    assert second["help"][0]["edits"][0]["start"] == {"line": 2, "column": 7, "offset": 13}


def test_sarif_has_rules_results_and_fixes() -> None:
    log = json.loads(render_sarif(PROBLEMS, SOURCES))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["missing_comma", "unclosed_string"]
    assert [(result["ruleId"], result["ruleIndex"]) for result in run["results"]] == [("unclosed_string", 1), ("missing_comma", 0)]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%20b.bench"}, "region": {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 7}}
    assert run["results"][1]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": ","}


def test_annotations_escape_what_their_form_uses() -> None:
    problem = error("some_code", "100% wrong", Span("a,b:c.bench", 0, 1), Help("look"))
    assert render_annotations([problem], {"a,b:c.bench": Source("a,b:c.bench", "x")}) == (
        "::error file=a%2Cb%3Ac.bench,line=1,endLine=1,col=1,endColumn=2,title=benchc some_code::100%25 wrong%0Ahelp: look"
    )
