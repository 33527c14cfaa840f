"""Colours change nothing about a spec's text, whatever it holds."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchc.runtime.report.sections.highlight import highlighted


def plain(text: str) -> str:
    return "\n".join(_untagged(line.html) for line in highlighted(text, "x"))


def _untagged(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@given(st.text(alphabet=st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=200))
def test_any_text_comes_through(text: str) -> None:
    assert plain(text) == text.removesuffix("\n")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## doc", '<span class="t-doc">## doc</span>'),
        ("# comment", '<span class="t-comment"># comment</span>'),
        ("seed = 13", '<span class="t-key">seed</span> = <span class="t-number">13</span>'),
        (
            "model m { x = a(1) }",
            '<span class="t-keyword">model</span> m { <span class="t-key">x</span> = '
            '<span class="t-call">a</span>(<span class="t-number">1</span>) }',
        ),
        ("splits = 1..3", '<span class="t-key">splits</span> = <span class="t-number">1</span>..<span class="t-number">3</span>'),
        ("gate q { main.t >= 80% }", '<span class="t-keyword">gate</span> q { main.t &gt;= <span class="t-number">80%</span> }'),
        ('x = "<b>"', '<span class="t-key">x</span> = <span class="t-string">&#34;&lt;b&gt;&#34;</span>'),
    ],
)  # fmt: skip
def test_tokens_have_their_colour(text: str, html: str) -> None:
    (line,) = highlighted(text, "x")
    assert line.html == html


def test_a_string_over_lines_is_coloured_on_each() -> None:
    lines = highlighted('t = """\nA # b\n"""\nx = 1', "spec-1")
    assert [line.anchor for line in lines] == ["spec-1-1", "spec-1-2", "spec-1-3", "spec-1-4"]
    assert lines[1].html == '<span class="t-string">A # b</span>'
