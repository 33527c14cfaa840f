"""Where a prompt ends and its continuation begins. The expected splits are those of lm-evaluation-harness 0.4.13 (`_encode_pair`)."""

import random

import pytest
from small_tokenizers import shown, small_tokenizer

from benchc.runtime.work import StepFailed


def halves(tokenizer, context: str, continuation: str) -> tuple[list[str], list[str]]:  # type: ignore[no-untyped-def]
    (pair,) = tokenizer.pairs([(context, continuation)])
    tokens = shown(tokenizer, pair.tokens)
    return tokens[: pair.scored_from], tokens[pair.scored_from :]


def test_a_leading_space_belongs_to_the_continuation() -> None:
    assert halves(small_tokenizer("ĠA"), "Q:", " A") == (["Q", ":"], [" A"])


def test_spaces_at_the_end_of_the_context_go_to_the_continuation() -> None:
    assert halves(small_tokenizer("ĠA"), "Q: ", "A") == (["Q", ":"], [" A"])


def test_a_newline_at_the_end_of_the_context_goes_to_the_continuation_too() -> None:
    assert halves(small_tokenizer(), "Q:\n", "A") == (["Q", ":"], ["\n", "A"])


def test_a_context_of_spaces_alone_is_an_empty_one() -> None:
    assert halves(small_tokenizer(), " ", "A") == (["<s>"], [" ", "A"])


def test_an_empty_context_is_the_beginning_token() -> None:
    assert halves(small_tokenizer(), "", "ab") == (["<s>"], ["a", "b"])


def test_without_a_beginning_token_an_empty_context_is_the_end_token() -> None:
    assert halves(small_tokenizer(has_begin=False), "", "ab") == (["</s>"], ["a", "b"])


def test_a_continuation_that_begins_with_the_beginning_token_has_that_for_context() -> None:
    assert halves(small_tokenizer(), "", "<s>ab") == (["<s>"], ["a", "b"])


def test_a_beginning_token_is_added_where_the_tokenizer_adds_one_and_only_once() -> None:
    tokenizer = small_tokenizer(adds_begin=True)
    assert halves(tokenizer, "Q", "A") == (["<s>", "Q"], ["A"])
    assert halves(tokenizer, "<s>Q", "A") == (["<s>", "Q"], ["A"])
    assert shown(tokenizer, tokenizer.encode(["Q"])[0]) == ["<s>", "Q"]
    assert halves(tokenizer, "", "A") == (["<s>"], ["A"])


def test_no_beginning_token_is_added_where_the_tokenizer_adds_none() -> None:
    assert shown(small_tokenizer(), small_tokenizer().encode(["Q"])[0]) == ["Q"]


def test_a_token_that_spans_the_border_is_left_out_as_the_harness_does_and_marked() -> None:
    tokenizer = small_tokenizer("world")
    (pair,) = tokenizer.pairs([("wor", "ld now")])
    assert shown(tokenizer, pair.tokens) == ["wor", " ", "n", "o", "w"][: len(pair.tokens)]
    assert pair.merged
    (whole,) = tokenizer.pairs([("hello", " now")])
    assert not whole.merged


def test_a_continuation_that_is_swallowed_by_the_contexts_last_token_is_still_scored() -> None:
    tokenizer = small_tokenizer("abc")
    (pair,) = tokenizer.pairs([("xab", "c")])
    assert shown(tokenizer, pair.tokens) == ["x", "abc"]
    assert pair.scored_from == 1
    assert pair.merged


def test_an_empty_continuation_is_refused() -> None:
    with pytest.raises(StepFailed, match="empty text"):
        small_tokenizer().pairs([("Q", "")])


def test_many_texts_are_tokenized_as_each_alone() -> None:
    tokenizer = small_tokenizer("ĠA", "ab", adds_begin=True)
    asked = [("Q:", " A"), ("", "ab"), ("Q: ", "A"), ("Q:", " A"), ("é", " ü")]
    assert tokenizer.pairs(asked) == [tokenizer.pairs([one])[0] for one in asked]


def test_a_chat_ends_where_the_assistants_turn_begins() -> None:
    text = small_tokenizer().chat([{"role": "user", "content": "hi"}])
    assert text == "<s>user: hi\n<s>assistant: "


@pytest.mark.parametrize("splits", [True, False])
def test_long_contexts_are_tokenized_as_if_all_of_them_were_read_again(splits: bool) -> None:
    tokenizer = small_tokenizer("Ġthe", "the", "end", "ing", "Ġof", "Ċthe", ":ĊA", splits=splits)
    chance = random.Random(3)
    words = ["the", " the", "end", "\n", "\nthe", " of", "ing", ":", ":\nA", "  ", "é", "x" * 30]
    for _ in range(60):
        context = "".join(chance.choice(words) for _ in range(chance.randint(30, 150)))
        for continuation in (" the", "ing", "\nA", "d"):
            (pair,) = tokenizer.pairs([(context, continuation)])
            bare = context.rstrip()
            own = tokenizer.plain([bare])[0]
            whole = tokenizer.plain([bare + context[len(bare) :] + continuation])[0]
            assert pair.tokens == (*own, *whole[len(own) :]) or len(whole) <= len(own)
