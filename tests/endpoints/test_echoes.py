"""Likelihoods out of echoed prompts, in the forms in which servers write them."""

from typing import Any

import pytest

from benchc.runtime.endpoints.echoes import Echo, NoLikelihoodsError, UnclearEchoError, read_echo


def choice(tokens: list[str], values: list[float | None], offsets: list[int] | None = None, **more: Any) -> dict[str, Any]:
    starts = offsets or [len("".join(tokens[:at])) for at in range(len(tokens))]
    logprobs = {"tokens": tokens, "token_logprobs": values, "text_offset": starts, **more}
    return {"text": "".join(tokens), "logprobs": logprobs}


TOKENS, VALUES = ["The", " cat", " sat", " down", "."], [None, -1.0, -2.0, -4.0, -8.0]


def test_tokens_behind_the_border_are_summed_and_what_was_written_besides_is_not() -> None:
    assert read_echo(choice(TOKENS, VALUES), "The cat sat down", len("The cat")) == Echo(-6.0, 2, None, False)


def test_a_token_over_the_border_belongs_to_neither_side() -> None:
    assert read_echo(choice(TOKENS, VALUES), "The cat sat down", len("The ca")) == Echo(-6.0, 2, None, True)


def test_a_continuation_inside_one_token_is_scored_with_it() -> None:
    assert read_echo(choice(TOKENS, VALUES), "The cat sat", len("The cat sa")) == Echo(-2.0, 1, None, True)


@pytest.mark.parametrize("offsets", [None, [0, 0, 3, 7, 11, 16], [0, 3, 6, 10, 14, 19]])
def test_a_special_token_before_the_prompt_moves_nothing(offsets: list[int] | None) -> None:
    given = choice(["<s>", *TOKENS], [None, -0.5, *VALUES[1:]], offsets)
    assert read_echo(given, "The cat sat down", len("The cat")) == Echo(-6.0, 2, None, False)
    assert read_echo(given, "The cat sat down", 0) == Echo(-7.5, 4, None, False)


def test_parts_of_characters_go_by_the_servers_offsets() -> None:
    tokens = ["A", "bytes: \\xf0\\x9f", "bytes:\\x98\\x80", " b"]
    given = {**choice(tokens, [None, -1.0, -2.0, -4.0], [0, 1, 2, 3]), "text": "A 😀 b"}
    assert read_echo(given, "A 😀 b", 3) == Echo(-4.0, 1, None, False)


@pytest.mark.parametrize("special", [False, True])
def test_pieces_that_are_no_text_go_by_the_servers_offsets(special: bool) -> None:
    pieces, offsets = ["▁The", "▁cat", "▁sat"], [0, 3, 7]
    if special:
        pieces, offsets = ["<s>", *pieces], [0, *offsets]
    given = {**choice(pieces, [None, -1.0, -2.0, -4.0][-len(pieces) :], offsets), "text": "The cat sat"}
    assert read_echo(given, "The cat sat", len("The")) == Echo(-6.0, 2, None, False)


def test_a_first_token_has_no_likelihood() -> None:
    with pytest.raises(NoLikelihoodsError, match="first token"):
        read_echo(choice(TOKENS, VALUES), "The cat sat down", 0)


def test_whether_each_token_was_the_likeliest() -> None:
    tops = [None, {" cat": -1.0}, {" ran": -1.5, " sat": -2.0}, {" down": -4.0}, {".": -8.0}]
    given = choice(TOKENS, VALUES, top_logprobs=tops)
    assert read_echo(given, "The cat sat down", len("The cat")).likeliest is False
    assert read_echo(given, "The cat sat down", len("The cat sat")).likeliest is True


@pytest.mark.parametrize(
    "given",
    [
        {"text": "The cat sat down"},
        {"text": "The cat sat down", "logprobs": None},
        {"text": "The cat sat down", "logprobs": {"content": []}},
        choice([" purrs"], [-1.0]),  # no echo
    ],
)
def test_servers_without_them_are_found_out(given: dict[str, Any]) -> None:
    with pytest.raises(NoLikelihoodsError):
        read_echo(given, "The cat sat down", 7)


def test_lists_of_different_lengths_are_no_answer() -> None:
    with pytest.raises(UnclearEchoError):
        read_echo(choice(TOKENS, VALUES[:-1]), "The cat sat down", 7)
