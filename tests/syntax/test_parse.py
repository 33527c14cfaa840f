"""What sound texts say."""

from pathlib import Path

import pytest
from checking import check

from benchc.compiler.parse import parse, parse_expression
from benchc.compiler.source import Source


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("13", "13"),
        ("-0.5", "-0.5"),
        ("1_000", "1000"),
        ("2e-5", "2e-05"),
        ("10k", "10k"),
        ("80%", "80%"),
        ("512MiB", "512MiB"),
        ("30s", "30s"),
        ("1..3", "1..3"),
        ("true", "#true"),
        ("false", "#false"),
        ("macro", "macro"),
        ("glue.sst2.x", "glue.sst2.x"),
        ('"a"', "'a'"),
        (r'"\"\\\/\n\t\r\b\f\u00e9"', r"""'"\\/\n\t\r\x08\x0cé'"""),
        (r'"\ud83d\ude00"', "'😀'"),
        ('"${lr} $$ {field} # no comment"', "'${lr} $$ {field} # no comment'"),
        ("[]", "[]"),
        ("[a, 1, [b]]", "[a 1 [b]]"),
        ("[a, b,]", "[a b]"),
        ("{}", "{}"),
        ("{ a = 1, b = { c = 2 } }", "{(set 'a' 1) (set 'b' {(set 'c' 2)})}"),
        ('{ "Cause-Effect(e1,e2)" = "0", true = "1" }', "{(set 'Cause-Effect(e1,e2)' '0') (set 'true' '1')}"),
        ("f()", "(f)"),
        ("f(1, a = b, c(2),)", "(f 1 a=b (c 2))"),
        ("length >= 3", "(>= length 3)"),
        ("[length >= 3, kind != HUM]", "[(>= length 3) (!= kind HUM)]"),
        ("package(as = extends, import = as)", "(package as=extends import=as)"),
    ],
)
def test_expressions(written: str, shown: str) -> None:
    check(f"x = {written}", f"(set 'x' {shown})")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("labels a = [b]", "(define labels a [b])"),
        ("param lr: float", "(define param lr :float)"),
        ("param lr : one_of(1, 2) = 1", "(define param lr :(one_of 1 2) 1)"),
        ("fields { a = 1 }", "(block fields (set 'a' 1))"),
        ('bench "x" {}', "(block bench 'x')"),
        ("task a : kind {}", "(block task a :kind)"),
        ("train a extends b.c {}", "(block train a <b.c)"),
        ("task a : kind extends b {}", "(block task a :kind <b)"),
        ('import "a.bench" as b', "(import 'a.bench' b)"),
        ("main.a.b.f1 >= 0.90", "(>= main.a.b.f1 0.9)"),
        ("a.b > a.c", "(> a.b a.c)"),
        ("as = 1", "(set 'as' 1)"),
        ("import = 1", "(set 'import' 1)"),
        ("extends = 1", "(set 'extends' 1)"),
    ],
)
def test_statements(written: str, shown: str) -> None:
    check(written, shown)


def test_a_newline_or_a_comma_ends_a_statement() -> None:
    check("a = 1, b = 2\n\n\nc = 3,\nd = 4,", "(set 'a' 1)\n(set 'b' 2)\n(set 'c' 3)\n(set 'd' 4)")


def test_newlines_mean_nothing_within_parentheses_and_brackets() -> None:
    check("a = f(\n1\n,\nb\n=\n2\n)\nc = [\n1,\n\n2\n]", "(set 'a' (f 1 b=2))\n(set 'c' [1 2])")


def test_newlines_end_entries_of_an_object_within_parentheses() -> None:
    check("a = f({ b = 1\nc = 2\n}, 3)", "(set 'a' (f {(set 'b' 1) (set 'c' 2)} 3))")


def test_doc_comments_belong_to_the_next_statement() -> None:
    check(
        "## one\n## two\na = 1  ## not this\n\n## three\n\nb {\n## four\nc = 2\n## nothing follows\n}",
        "<one\ntwo> (set 'a' 1)\n<three> (block b <four> (set 'c' 2))",
    )


def test_comments_are_kept_with_their_places() -> None:
    parsed = parse(Source("x", "# a \nb = 1 ## c\n"))
    assert [(c.text, c.span.start) for c in parsed.syntax.comments] == [("# a", 0), ("## c", 11)]


def test_text_between_three_quotes_loses_the_margin_of_its_closing_line() -> None:
    check('a = """\n    one\n      two\n\n    three\n    """', r"(set 'a' 'one\n  two\n\nthree')")


def test_text_between_three_quotes_may_end_behind_its_last_words() -> None:
    check(
        'a = """\n    one\n    two"""\nb = """three"""\nc = """four\n  five"""',
        "(set 'a' 'one\\ntwo')\n(set 'b' 'three')\n(set 'c' 'four\\nfive')",
    )


def test_an_empty_last_line_gives_a_newline_at_the_end() -> None:
    check('a = """\n  one\n\n  """', r"(set 'a' 'one\n')")


def test_line_ends_of_windows_and_a_byte_order_mark_are_read() -> None:
    check('\ufeffa = """\r\n  b\r\n  c\r\n  """\r\nd = 1\r\n', "(set 'a' 'b\\nc')\n(set 'd' 1)")


def test_spans_are_those_of_the_text() -> None:
    text = "x = 1\ntask a : kind extends b { c = f(1) }\n"
    block = parse(Source("x", text)).syntax.statements[1]
    assert text[block.span.start : block.span.end] == "task a : kind extends b { c = f(1) }"
    assert text[block.head.start : block.head.end] == "task a : kind extends b"  # type: ignore[union-attr]


def test_layout_takes_no_part_in_equality() -> None:
    assert parse(Source("x", "a {b=1,c=0x}")).syntax.statements == parse(Source("y", "a\t{\n b = 1 # note\n c = 0x }")).syntax.statements


def test_a_value_alone_is_parsed_for_set() -> None:
    assert parse_expression("[1e-4, 3e-4]", "--set lr").problems == ()
    assert parse_expression("astronomy\n", "--set subject").value is not None


@pytest.mark.parametrize("text", ["", "a b", "1 2", "[1", "= 3", "../x", "a,"])
def test_what_is_no_value_alone_gives_a_problem(text: str) -> None:
    parsed = parse_expression(text, "--set x")
    assert parsed.value is None
    assert len(parsed.problems) == 1


@pytest.mark.shared
def test_the_normative_examples_parse(shared_examples: Path) -> None:
    paths = sorted(shared_examples.glob("*.bench"))
    assert len(paths) >= 15
    for path in paths:
        assert parse(Source(path.name, path.read_text(encoding="utf-8"))).problems == ()
