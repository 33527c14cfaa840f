"""The parse tables that ship are those of the grammar."""

from typing import Any

import pytest
from hypothesis import given, settings
from lark import Lark, Token, UnexpectedInput
from lark.parsers.lalr_parser_state import ParserState
from specs_at_random import spec

from benchc.compiler.layout import lay_out
from benchc.compiler.lex import WORDS, lex
from benchc.compiler.make_grammar_tables import GRAMMAR_PATH, tables_text
from benchc.compiler.parse import parse
from benchc.compiler.source import Source
from benchc.compiler.tables import TABLES_PATH


def test_the_tables_are_fresh() -> None:
    made = tables_text(GRAMMAR_PATH.read_text(encoding="utf-8"))
    assert TABLES_PATH.read_text(encoding="utf-8") == made, "run python -m benchc.compiler.make_grammar_tables"


@pytest.fixture(scope="module")
def lark() -> Lark:
    return Lark(GRAMMAR_PATH.read_text(encoding="utf-8"), parser="lalr", lexer="basic", start="file")


def feed(lark: Lark, text: str) -> None:
    """Gives our tokens to Lark's own parser. Raises UnexpectedInput."""
    interactive = lark.parse_interactive("")
    for kind, start, end in lay_out(lex(Source("x", text)).tokens):
        fits = kind not in WORDS or kind in interactive.accepts()
        interactive.feed_token(Token(kind if fits else "NAME", text[start:end]))
    interactive.feed_eof()


@settings(max_examples=50, deadline=None)
@given(text=spec())
def test_larks_own_parser_accepts_what_ours_accepts(lark: Lark, text: str) -> None:
    assert parse(Source("x", text)).problems == ()
    feed(lark, text)


@pytest.mark.parametrize("text", ["a", "a = = 1", "a = [1 2]", "a b c {}", "a = {b}", "a {", "1..2 = 3"])
def test_larks_own_parser_refuses_what_ours_refuses(lark: Lark, text: str) -> None:
    assert parse(Source("x", text)).problems != ()
    with pytest.raises(UnexpectedInput):
        feed(lark, text)


def test_a_spec_is_parsed_by_larks_automaton(monkeypatch: pytest.MonkeyPatch) -> None:
    fed: list[str] = []
    take = ParserState.feed_token

    def note(state: Any, token: Any, is_end: bool = False) -> Any:
        fed.append(token.type)
        return take(state, token, is_end)

    monkeypatch.setattr(ParserState, "feed_token", note)
    assert parse(Source("x", "a = 1")).problems == ()
    assert fed == ["NAME", "EQUALS", "NUMBER", "$END"]
