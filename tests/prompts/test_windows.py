"""Windows over long texts, against a plain loop."""

import pytest

from benchc.runtime.prompts.windows import windows


def plain_loop(tokens: list[int], prefix: int, window: int, stride: int) -> list[tuple[tuple[int, ...], int]]:
    """Contexts and scored tokens as the usual strided loop has them: https://huggingface.co/docs/transformers/perplexity."""
    sequence = [prefix, *tokens]
    found, before = [], 0
    for begin in range(0, len(sequence), stride):
        end = min(begin + window, len(sequence))
        scored = end - before
        inputs = sequence[begin:end]
        found.append((tuple(inputs), max(len(inputs) - scored, 1)))
        before = end
        if end == len(sequence):
            break
    return found


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 30, 31, 64])
@pytest.mark.parametrize(("window", "stride"), [(8, 4), (8, 1), (8, 7), (5, 3), (100, 50)])
def test_windows_are_those_of_a_plain_strided_loop(length: int, window: int, stride: int) -> None:
    text = "x" * length
    made = windows(text, range(10, 10 + length), [(i, i + 1) for i in range(length)], 1, window, stride)
    assert [(one.tokens, one.scored_from) for one in made] == plain_loop(list(range(10, 10 + length)), 1, window, stride)


@pytest.mark.parametrize("stride", [1, 3, 5, 6])
def test_every_token_byte_and_word_is_counted_once(stride: int) -> None:
    text = "Grüße aus  dem Süden, sagt sie.\n日本語 auch"
    offsets = [(i, i + 1) for i in range(len(text))]
    made = list(windows(text, range(len(text)), offsets, 99, 6, stride))
    scored = [token for one in made for token in one.tokens[one.scored_from :]]
    assert scored == list(range(len(text)))
    assert sum(one.bytes for one in made) == len(text.encode())
    assert sum(one.characters for one in made) == len(text)
    assert sum(one.words for one in made) == len(text.split())
    assert all(len(one.tokens) <= 6 and one.scored_from >= 1 for one in made)


def test_tokens_that_are_parts_of_one_character_count_its_bytes_once() -> None:
    made = list(windows("é", [1, 2], [(0, 1), (0, 1)], 0, 2, 1))
    assert [one.bytes for one in made] == [2, 0]


def test_an_empty_text_has_no_windows() -> None:
    assert list(windows("", [], [], 0, 4, 2)) == []
