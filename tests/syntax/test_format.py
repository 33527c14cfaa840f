"""The one style."""

from textwrap import dedent

import pytest

from benchc.compiler.format import format_text
from benchc.compiler.source import Source


def check(text: str, expected: str) -> None:
    """Formats `text`, less its indentation; the result formats to itself."""
    wanted = dedent(expected).removeprefix("\n")
    assert format_text(Source("x.bench", dedent(text).removeprefix("\n"))).text == wanted
    assert format_text(Source("x.bench", wanted)).text == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed=13", "seed = 13"),
        ("a   =  [ 1,2 , 3, ]", "a = [1, 2, 3]"),
        ("f  { }", "f {}"),
        ("m x{source=baseline( majority )}", "m x { source = baseline(majority) }"),
        ("a = { b=1,c = 2, }", "a = { b = 1, c = 2 }"),
        ("task a:kind{}", "task a : kind {}"),
        ("param lr :float=1e-4", "param lr: float = 1e-4"),
        ("param lr:float { min=0 }", "param lr: float { min = 0 }"),
        ("train a   extends b.c {}", "train a extends b.c {}"),
        ('import  "x"   as y', 'import "x" as y'),
        ("a.b>=0.90", "a.b >= 0.90"),
        ("a = b . c", "a = b.c"),
        ("a = 1  .. 3", "a = 1..3"),
        ("a = 1# note", "a = 1  # note"),
        ('a = {"b c"=1}', 'a = { "b c" = 1 }'),
        ("a = 1, b = 2", "a = 1\nb = 2"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    check(text, expected + "\n")


def test_braces_that_the_author_broke_stay_broken() -> None:
    check("m x { a = 1\n b = 2 }", "m x {\n  a = 1\n  b = 2\n}\n")


def test_brackets_that_the_author_broke_behind_the_opening_one_stay_broken() -> None:
    check("a = f(\n1, 2)\nb = [1,\n2]", "a = f(\n  1,\n  2,\n)\nb = [1, 2]\n")


def test_what_100_columns_do_not_hold_is_broken_from_the_outside() -> None:
    long = ", ".join(f'inner_{n}("a text of some length")' for n in range(3))
    check(
        f"key = outer(first = [{long}], second = 1)",
        """
        key = outer(
          first = [
            inner_0("a text of some length"),
            inner_1("a text of some length"),
            inner_2("a text of some length"),
          ],
          second = 1,
        )
        """,
    )


def test_one_empty_line_at_most_stays_between_statements() -> None:
    check("a = 1\n\n\n\nb = 2\nc {\n\n\nd = 1\n\n\ne = 2\n\n}", "a = 1\n\nb = 2\nc {\n  d = 1\n\n  e = 2\n}\n")


def test_comments_stay_where_they_are() -> None:
    check(
        """
        # first
        a = [ # opening
        1 , # behind
            # own line

            # after an empty line
        2
        # last
        ]   # behind all
        ## doc
        b { # heading

          # inside
          c = 1
          # at the end
        }
        # at the end of the file
        """,
        """
        # first
        a = [  # opening
          1,  # behind
          # own line

          # after an empty line
          2,
          # last
        ]  # behind all
        ## doc
        b {  # heading
          # inside
          c = 1
          # at the end
        }
        # at the end of the file
        """,
    )


def test_a_comment_within_an_argument_goes_before_it() -> None:
    check("a = f(b = # why\n 1)", "a = f(\n  # why\n  b = 1,\n)\n")


def test_text_between_three_quotes_moves_with_its_statement() -> None:
    check('a {\nb = """\none\n  two\n\n"""\n}', 'a {\n  b = """\n    one\n      two\n\n    """\n}\n')


def test_text_with_errors_is_left_as_it_is() -> None:
    formatted = format_text(Source("x", "a  = \nb=1"))
    assert formatted.text == "a  = \nb=1"
    assert [problem.code for problem in formatted.problems] == ["missing_value"]
