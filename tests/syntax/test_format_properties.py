"""What formatting never does, whatever the spec."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specs_at_random import spec

from benchc.compiler.format import format_text
from benchc.compiler.lex import lex
from benchc.compiler.parse import parse
from benchc.compiler.source import Source


def assert_formats(text: str) -> None:
    before = parse(Source("x.bench", text))
    assert before.problems == ()
    once = format_text(Source("x.bench", text)).text
    after = parse(Source("x.bench", once))
    assert after.syntax.statements == before.syntax.statements
    assert sorted(c.text for c in after.syntax.comments) == sorted(c.text for c in before.syntax.comments)
    assert format_text(Source("x.bench", once)).text == once


@settings(max_examples=60, deadline=None)
@given(spec())
def test_meaning_and_comments_stay_and_a_second_time_changes_nothing(text: str) -> None:
    assert_formats(text)


EXAMPLE = '''edition = "2026"

## What it is
bench "x" {
  seed = 13
}

labels kind = [ABBR, "creative-work", true]
dataset d {
  source = lines(
    train = "a", pattern = "(?P<coarse>[A-Z]+):(?P<fine>\\\\S+) (?P<question>.*) and more that makes it long",
  )
  where = [length >= 3, length < 20]
  fields { text = text(text), kind = label(kind, column) }
}
prompt p {
  template = """
    Question: {question}

    Answer:
    """
}
run main { tasks = [a], seeds = 1..3, axes { lr = [1e-4, 3e-4] } }
gate g { main.a.m.f1 >= 0.90, main.a.m.f1 > 0.5 }
'''


def with_comments(text: str, chance: random.Random, most: int) -> str:
    """The text with comments put in wherever a newline changes nothing."""
    places: list[int] = []
    opened: list[str] = []
    for kind, start, end in lex(Source("", text)).tokens:
        if opened and opened[-1] != "LEFT_BRACE":
            places.append(start)
        if kind.startswith("LEFT_"):
            opened.append(kind)
            places.append(end)
        elif kind.startswith("RIGHT_"):
            opened.pop()
        elif kind in ("NEWLINE", "ONE_COMMA"):
            places.append(end)
    for number, place in enumerate(sorted(chance.sample(places, min(most, len(places))), reverse=True)):
        text = f"{text[:place]} # remark {number}\n{text[place:]}"
    return text


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_comments_anywhere_in_an_example_stay(seed: int, most: int) -> None:
    assert_formats(with_comments(EXAMPLE, random.Random(seed), most))


@pytest.mark.shared
@pytest.mark.parametrize("seed", range(20))
def test_comments_anywhere_in_the_normative_examples_stay(shared_examples: Path, seed: int) -> None:
    for path in sorted(shared_examples.glob("*.bench")):
        text = path.read_text(encoding="utf-8")
        assert_formats(text)
        assert_formats(with_comments(text, random.Random(seed), 12))
