"""Backticks become code, names get places to break, and nothing else is read."""

import pytest

from benchc.runtime.report.prose import breakable, with_code


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("no file `a<b>`", "no file <code>a&lt;b&gt;</code>"),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("a lone ` stays", "a lone ` stays"),
        ("`a` and a lone `", "<code>a</code> and a lone `"),
        ("<script>", "&lt;script&gt;"),
        ("", ""),
    ],
)
def test_code(words: str, html: str) -> None:
    assert with_code(words) == html


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("main.sort_it", "main.<wbr>sort_<wbr>it"),
        ("+0.069 of 1,000", "+0.069 of 1,000"),
        ("a/b[lr=<1>]", "a/<wbr>b[<wbr>lr=&lt;1&gt;]"),
    ],
)
def test_places_to_break(name: str, html: str) -> None:
    assert breakable(name) == html
