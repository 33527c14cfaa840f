"""What is said about texts with faults in their form: each on its line, once."""

import random
from pathlib import Path

import pytest
from checking import check
from hypothesis import given, settings
from hypothesis import strategies as st
from specs_at_random import spec
from test_format_properties import EXAMPLE

from benchc.compiler.parse import parse, parse_expression
from benchc.compiler.source import Source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: empty_file: the file is empty"),
        ("seed 13", "1: missing_equals: `=` is missing behind `seed`"),
        ("seed: 13", "1: missing_equals: `:` stands where `=` belongs"),
        ("a = { b: 1 }", "(set 'a' {})\n1: missing_equals: `:` stands where `=` belongs"),
        ("a = f(b: 1)", "(set 'a' (f))\n1: missing_equals: `:` stands where `=` belongs"),
        ("seed =", "1: missing_value: nothing follows `seed =`"),
        ("a = f(b = )", "(set 'a' (f))\n1: missing_value: nothing follows `b =`"),
        ("a.b >=", "1: missing_value: nothing follows `a.b >=`"),
        ("param lr:", "1: missing_value: nothing that could be a kind or type follows `param lr:`"),
        ("a = .5", "1: unexpected: a number begins with a digit"),
        ("a = = 1", "1: unexpected: `=` stands twice behind `a`"),
        ("a = [1 2]", "(set 'a' [1 2])\n1: missing_comma: no comma between two items of the list, behind `1`"),
        ("a = f(b\nc)", "(set 'a' (f b c))\n1: missing_comma: no comma between two arguments, behind `b`"),
        ("a = 1 b = 2", "(set 'a' 1)\n(set 'b' 2)\n1: missing_comma: `b` follows a statement on the same line"),
        ("a = [1,, 2]", "(set 'a' [1 2])\n1: unexpected: nothing stands before `,`"),
        ("a = [b = 1]", "(set 'a' [])\n1: unexpected: items of a list have no names"),
        ("a = 1..b", "1: unexpected: `b` does not fit behind `..`"),
        ("a = b.", "1: unexpected: the end of the text does not fit behind `.`"),
        ("a = 1,, b = 2", "(set 'a' 1)\n(set 'b' 2)\n1: unexpected: nothing stands before `,`"),
        ("a =\n  [1]", "(set 'a' [1])\n1: missing_value: nothing follows `a =`"),
        ("a =\nb = 2", "(set 'b' 2)\n1: missing_value: nothing follows `a =`"),
        (
            "run main\n{ a = 1 }",
            "(block run main (set 'a' 1))\n1: incomplete_statement: `run main` ends before its `{`, which stands on a later line",
        ),
        ("a.b => 3", "1: unexpected: `=>` is not a comparison"),
        ("seed", "1: incomplete_statement: `seed` says nothing yet"),
        ("labels polarity", "1: incomplete_statement: `labels polarity` says nothing yet"),
        ('bench "x"', '1: incomplete_statement: `bench "x"` says nothing yet'),
        ('import "x"', '1: incomplete_statement: `import "x"` says nothing yet'),
        ("train a extends b", "1: incomplete_statement: `train a extends b` says nothing yet"),
        ("task a kind {}", "(block task a)\n1: unexpected: `:` is missing between `task a` and `kind`"),
        ("train a extend b {}", "(block train a)\n1: unexpected: `extend` does not fit behind `train a`"),
        ("12 = a", "1: unexpected: `=` does not fit behind `12`"),
        ("[1] = a", "1: unexpected: `[` cannot begin a statement"),
        ("a = f(1", "(set 'a' (f 1))\n1: unclosed_bracket: `(` is not closed"),
        ("a = f(1]", "(set 'a' (f 1))\n1: stray_bracket: `(` is closed by `]`"),
        ("a = f(1))", "(set 'a' (f 1))\n1: stray_bracket: `)` closes nothing"),
        ("}", "1: stray_bracket: `}` closes nothing"),
        ('a = "b', "(set 'a' 'b')\n1: unclosed_string: the text is not closed"),
        ('a = f("b, 1)', "(set 'a' (f 'b, 1'))\n1: unclosed_string: the text is not closed"),
        ("a = 'b'", "(set 'a' 'b')\n1: wrong_quotes: text begins with `'`"),
        ("a = “b”", "(set 'a' 'b')\n1: wrong_quotes: text begins with `“`"),
        (r'a = "\d"', "(set 'a' '\\\\d')\n1: bad_escape: `\\d` is not an escape"),
        (r'a = "\u12"', "(set 'a' '\\\\u12')\n1: bad_escape: `\\u` without four hexadecimal digits"),
        ('a = "b\tc"', "(set 'a' 'b\\tc')\n1: control_character: a tab stands in the text, where it cannot be seen"),
        ("a = 1__0", "(set 'a' 0)\n1: bad_number: `1__0` is not a number"),
        ("a = 007", "(set 'a' 7)\n1: bad_number: `007` has zeros in front, which a number would lose"),
        ("a = 1e999", "(set 'a' 0.0)\n1: bad_number: `1e999` is larger than a number can be"),
        ("a = [creative-work]", "(set 'a' [creative-work])\n1: bad_name: `creative-work` is not a name"),
        ("größe = 1", "(set 'größe' 1)\n1: bad_name: `größe` is not a name"),
        ("a = 1;", "(set 'a' 1)\n1: stray_character: `;` means nothing here"),
        (
            "a = f（1，2）",
            "(set 'a' (f 1 2))\n" + "\n".join(f"1: stray_character: `{mark}` means nothing here" for mark in "（，）"),
        ),
        ("a = 1 // b", "(set 'a' 1)\n1: stray_character: `//` begins no comment"),
        ("a = ${b}", "(set 'a' b)\n1: stray_character: `${...}` stands outside of text"),
        ("a = x\u202ey", "(set 'a' x)\n1: control_character: a character that turns the direction of writing (U+202E)"),
        ("a = 1\x00", "(set 'a' 1)\n1: control_character: a control character (U+0000)"),
    ],
)
def test_one_fault_gives_one_problem(text: str, expected: str) -> None:
    check(text, expected)


def test_faults_on_several_lines_are_all_named() -> None:
    check(
        """
        bench "x" {
          seed 13
          tags = ["a" "b"]
          license = "open
          description =
        }
        task a kind {
          data = = d
        }
        gate g { main.a >= }
        """,
        """
        (block bench 'x' (set 'tags' ['a' 'b']) (set 'license' 'open'))
        (block task a)
        (block gate g)
        2: missing_equals: `=` is missing behind `seed`
        3: missing_comma: no comma between two items of the list, behind `"a"`
        4: unclosed_string: the text is not closed
        5: missing_value: nothing follows `description =`
        7: unexpected: `:` is missing between `task a` and `kind`
        8: unexpected: `=` stands twice behind `data`
        10: missing_value: nothing follows `main.a >=`
        """,
    )


def test_a_fault_in_arguments_leaves_the_others() -> None:
    check("a = f(\n  b = 1,\n  c = = 2,\n  d = 3,\n)", "(set 'a' (f b=1 d=3))\n3: unexpected: `=` stands twice behind `c`")


def test_a_missing_comma_loses_nothing() -> None:
    check(
        "a = f(\n  b = 1,\n  c 2,\n  d = 3,\n)", "(set 'a' (f b=1 c 2 d=3))\n3: missing_comma: no comma between two arguments, behind `c`"
    )


def test_a_missing_brace_is_named_where_the_block_ends() -> None:
    check(
        "a {\n  b {\n    c = 1\n\n  d = 2\n}\ne = 3",
        "(block a (block b (set 'c' 1)) (set 'd' 2))\n(set 'e' 3)\n4: unclosed_bracket: `{` is not closed",
    )


def test_a_missing_opening_brace_is_named_on_its_heading() -> None:
    check(
        "task a : kind\n  b = 1\n}\nc = 2",
        "(block task a :kind (set 'b' 1))\n(set 'c' 2)\n1: unclosed_bracket: `{` is missing after `task a : kind`",
    )


def test_a_brace_too_many_is_named_where_it_stands() -> None:
    check("a {\n  b { c = 1 }}\n  d = 2\n}", "(block a (block b (set 'c' 1)) (set 'd' 2))\n2: stray_bracket: `}` closes nothing")


def test_a_missing_parenthesis_is_named_on_its_line() -> None:
    check("a {\n  b = f(1\n  c = 2\n}", "(block a (set 'b' (f 1)) (set 'c' 2))\n2: unclosed_bracket: `(` is not closed")


def test_text_without_closing_quotes_ends_where_the_indentation_does() -> None:
    check(
        'a {\n  b = """\n    text\n\n  c = 1\n}',
        "(block a (set 'b' 'text') (set 'c' 1))\n4: unclosed_string: the text that `\"\"\"` begins is not closed",
    )


def test_a_line_left_of_the_margin_is_named() -> None:
    check(
        'a = """\n    b\n  c\n    """',
        "(set 'a' 'b\\n  c')\n3: bad_indentation: a line of the text is indented less than its closing quotes",
    )


@pytest.mark.parametrize("opening", ["[", "(", "{", "a = [", "a(", "x {", "x = {"])
def test_deep_nesting_gives_a_problem(opening: str) -> None:
    for text in (opening * 100_000, "a = " + opening * 100_000):
        codes = {problem.code for problem in parse(Source("x", text)).problems}
        assert "too_deep" in codes
        assert len(codes) <= 3


def test_very_long_things_are_read() -> None:
    for text in ("a" * 10**6, "a = " + "9" * 10**5, "a = b" + ".c" * 50_000, "a = [" + "1," * 50_000 + "]", '"' * 10_001, "a b " * 20_000):
        parse(Source("x", text))


def test_a_file_that_is_no_text_gives_few_problems() -> None:
    assert len(parse(Source("x", "\x00\x01\xff@" * 1000)).problems) <= 9


def assert_never_crashes(text: str) -> None:
    parsed = parse(Source("x.bench", text))
    assert all(0 <= p.span.start <= p.span.end <= len(text) for p in parsed.problems)
    for problem in parsed.problems:
        for advice in problem.help:
            assert all(0 <= edit.span.start <= edit.span.end <= len(text) for edit in advice.edits)
    parse_expression(text, "--set x")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "=",
                "{",
                "}",
                "[",
                "]",
                "(",
                ")",
                ",",
                "\n",
                "\n  ",
                ":",
                "..",
                ".",
                "1",
                '"x"',
                '"',
                '"""',
                "'",
                "extends",
                "as",
                "==",
                "#",
                "##",
                "-",
                "é",
                "\x07",
                ";",
                "\\",
            ]
        ),
        max_size=40,
    )
)
def test_no_jumble_of_tokens_crashes(parts: list[str]) -> None:
    assert_never_crashes("".join(parts))
    assert_never_crashes(" ".join(parts))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_text_crashes(text: str) -> None:
    assert_never_crashes(text)


@settings(max_examples=100, deadline=None)
@given(spec(), st.integers(0, 10**6))
def test_no_truncation_and_no_changed_character_crashes(text: str, seed: int) -> None:
    chance = random.Random(seed)
    assert_never_crashes(text[: chance.randrange(len(text) + 1)])
    at = chance.randrange(len(text))
    assert_never_crashes(text[:at] + chr(chance.randrange(256)) + text[at + 1 :])


def test_no_truncation_of_an_example_crashes() -> None:
    for end in range(len(EXAMPLE)):
        assert_never_crashes(EXAMPLE[:end])


@pytest.mark.shared
@pytest.mark.slow
def test_no_truncation_and_no_flipped_byte_of_the_normative_examples_crashes(shared_examples: Path) -> None:
    for path in sorted(shared_examples.glob("*.bench")):
        content = path.read_bytes()
        chance = random.Random(path.name)
        for at in range(0, len(content), 3):
            assert_never_crashes(content[:at].decode("utf-8", "replace"))
            flipped = bytes([*content[:at], content[at] ^ (1 << chance.randrange(8)), *content[at + 1 :]])
            assert_never_crashes(flipped.decode("utf-8", "replace"))
