"""Texts to the letter: nothing is lost, nothing acts, what cannot be seen is seen."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchc.runtime.report.visible import readable, readable_with_mark, verbatim

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=80) | st.text(
    alphabet="a <>&\"' \t\n\r|[]/s\u202e\u00a0\u3000", max_size=80
)


def plain(html: str) -> str:
    """What a reader could copy, shown numbers turned back into characters."""
    numbered = re.sub(r'<span class="code-point">U\+([0-9A-F]{4,6})</span>', lambda found: chr(int(found[1], 16)), html)
    return unescape(re.sub(r"<[^>]*>", "", numbered))


@given(TEXTS)
def test_no_character_is_lost_and_no_tag_comes_through(text: str) -> None:
    for html in (readable(text), verbatim(text), readable_with_mark(text, 1, max(1, len(text) - 1))):
        assert set(re.findall(r"<[^>]*>", html)) <= {
            "</span>", "<mark>", "</mark>", '<span class="code-point">', '<span class="special">', '<span class="line-end">',
            '<span class="tab">', '<span class="space">',
        }  # fmt: skip
        if "\r" not in text and not re.search("[\x80-\x9f]", text):  # HTML's unescape reads those as other characters
            assert plain(html) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a \nb", 'a<span class="space"> </span><span class="line-end"></span>\nb'),
        ("a b", "a b"),
        ("a  b ", 'a<span class="space">  </span>b<span class="space"> </span>'),
        ("a\n b", 'a<span class="line-end"></span>\n<span class="space"> </span>b'),
        ("\u00a0", '<span class="code-point">U+00A0</span>'),
        ("a\u200bb", 'a<span class="code-point">U+200B</span>b'),
        ("<|user|>", '<span class="special">&lt;|user|&gt;</span>'),
        (
            "<|start_header_id|>user<|end_header_id|>",
            '<span class="special">&lt;|start_header_id|&gt;user&lt;|end_header_id|&gt;</span>',
        ),
        ("<start_of_turn>model\n", '<span class="special">&lt;start_of_turn&gt;model</span><span class="line-end"></span>\n'),
        ("[INST] x [/INST]", '<span class="special">[INST]</span> x <span class="special">[/INST]</span>'),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_white_space_and_special_tokens_are_marked(text: str, html: str) -> None:
    assert verbatim(text) == html


def test_joined_emoji_and_letters_stay_together() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 نمی\u200cخواهم"
    assert readable(family) == family


def test_an_empty_place_is_not_marked() -> None:
    assert "<mark>" not in readable_with_mark("abc", 1, 1)
