"""Names that may have been meant."""

import pytest

from benchc.compiler.suggest import edit_distance, near


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("acuracy", ["accuracy", "recall"], ("accuracy",)),
        ("taks", ["task", "tags", "train"], ("tags", "task")),
        ("task", ["task"], ()),
        ("Macro", ["macro", "micro"], ("macro",)),
        ("ab", ["ac"], ()),
        ("mc", ["mcc"], ("mcc",)),
        ("sorce", ["source", "score", "force", "sauce"], ("force", "source")),
        ("x", [], ()),
    ],
)
def test_near_names_by_distance_then_name(word: str, candidates: list[str], expected: tuple[str, ...]) -> None:
    assert near(word, candidates) == expected


def test_distances_are_those_of_the_definition() -> None:
    # By hand: insertion, deletion, replacement and a swap of neighbours count one each.
    assert [edit_distance(a, b, 9) for a, b in [("", "abc"), ("abc", "abc"), ("abc", "acb"), ("kitten", "sitting"), ("ca", "abc")]] == [
        3,
        0,
        1,
        3,
        3,
    ]
    assert edit_distance("kitten", "sitting", 1) == 2
