"""What each extraction takes out of a text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchc.compiler.catalog import CATALOG
from benchc.runtime.extraction import EXTRACTIONS, extraction, finding
from benchc.runtime.extraction.number import plain_number
from benchc.runtime.extraction.vote import vote
from benchc.runtime.work import StepFailed


def call(name: str, **settings: Any) -> dict[str, Any]:
    return {"call": name, **{key.name: key.default for key in CATALOG.entry("extract", name).keys}, **settings}


def check(name: str, text: str, answer: str | None, **settings: Any) -> None:
    assert extraction(call(name, **settings))(text) == answer


def test_catalog_and_runtime_name_the_same_extractions() -> None:
    assert set(EXTRACTIONS) == set(CATALOG.families["extract"])


def test_without_a_call_the_text_stays_as_it_is() -> None:
    assert extraction(None)("  return 1\n") == "  return 1\n"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("She has 3 eggs and 16 hens.\n#### 18", "18"),
        ("so it costs $1,200.00 in all.", "1200"),
        ("the answer is -7.50", "-7.5"),
        ("from 5-3", "3"),
        ("(2)-1", "1"),
        ("x = -0.0", "0"),
        ("007", "7"),
        (".5 of it", "0.5"),
        ("共 １２３ 个", "123"),
        ("none at all", None),
        ("", None),
    ],
)
def test_the_last_number(text: str, answer: str | None) -> None:
    check("number", text, answer, strip=[",", "$"])


def test_the_first_number_and_the_decimal_comma() -> None:
    check("number", "3 and 4", "3", which="first")
    check("number", "es kostet 1.234,50 Euro", "1234.5", decimal="comma", strip=[".", ","])


def test_digits_of_long_numbers_are_kept() -> None:
    check("number", "1" * 60 + ".50", "1" * 60 + ".5")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_plain_number_is_the_same_number(value: Any) -> None:
    text = f"{value:f}"
    assert float(plain_number(text)) == float(text)
    assert plain_number(plain_number(text)) == plain_number(text)


def test_a_regular_expression() -> None:
    check("regex", "answer: cat. answer: dog", "cat", pattern=r"answer: (\w+)", group=1)
    check("regex", "answer: cat. answer: dog", "dog", pattern=r"answer: (\w+)", group=1, which="last")
    check("regex", "nothing", None, pattern=r"answer: (\w+)")
    check("regex", "a", None, pattern=r"(b)?a", group=1)


def test_a_pattern_that_cannot_be_read_is_told() -> None:
    with pytest.raises(StepFailed, match="no regular expression"):
        extraction(call("regex", pattern="("))
    with pytest.raises(StepFailed, match="1 groups"):
        extraction(call("regex", pattern="(a)", group=2))


def test_the_last_box_whose_braces_close() -> None:
    check("boxed", r"so \boxed{1} and \boxed{\frac{1}{2}}.", r"\frac{1}{2}")
    check("boxed", r"\boxed {4}, then \boxed{5", "4")
    check("boxed", "no box", None)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("B", "B"),
        (" (c).", "C"),
        ("A cat is small. The answer is (D).", "D"),
        ("C. because", "C"),
        ("I would say B", "B"),
        ("ABBA", None),
        ("It's E", None),
    ],
)
def test_a_choice_letter(text: str, answer: str | None) -> None:
    check("choice_letter", text, answer)


def test_a_value_in_json() -> None:
    text = 'Sure: {"answer": {"value": [1, {"x": "yes"}]}} and {"answer": 2}'
    check("json_path", text, "yes", path="answer.value[1].x")
    check("json_path", text, "1", path="answer.value[0]")
    check("json_path", text, None, path="answer.other")
    check("json_path", "{not json} [3]", "3", path="[0]")
    check("json_path", "[" * 5000, None, path="[0]")


def test_a_path_that_is_none_is_told() -> None:
    with pytest.raises(StepFailed, match="no path"):
        extraction(call("json_path", path="a[b]"))


def test_the_first_line() -> None:
    check("first_line", "\n  \n one \ntwo", "one")
    check("first_line", " \n", None)


def test_a_block_of_code() -> None:
    text = "Here:\n```python\ndef f():\n    return 1\n```\nand\n```\nx\n```"
    check("code_block", text, "def f():\n    return 1")
    check("code_block", text, "x", which="last")
    check("code_block", text, None, language="rust")
    check("code_block", "    return 1\n", "    return 1\n")
    check("code_block", "```python\ncut off", "cut off")


def test_votes_go_by_number_and_then_by_order() -> None:
    assert vote(["b", "a", None, "a"]) == "a"
    assert vote(["b", "a"]) == "b"
    assert vote([None, None, "c"]) == "c"
    assert vote([None]) is None


@pytest.mark.parametrize("name", sorted(EXTRACTIONS))
@given(text=st.text(max_size=200))
def test_no_text_makes_an_extraction_raise(name: str, text: str) -> None:
    needed = {"regex": {"pattern": r"\w+"}, "json_path": {"path": "a[0]"}}.get(name, {})
    found = finding(call(name, **needed))(text)
    assert found is None or (isinstance(found.answer, str) and 0 <= found.start <= found.end <= len(text))


@pytest.mark.parametrize(
    ("name", "text", "place", "settings"),
    [
        ("number", "5 hens cost $1,200.50 .", "1,200.50", {"strip": [",", "$"]}),
        ("number", "a $ 1 $ and $ -7 $", "-7", {"strip": ["$ ", "$"]}),
        ("number", "共 １２ 个", "１２", {}),
        ("number", "3 and 4", "3", {"which": "first"}),
        ("regex", "so ANSWER:  blue  .", "blue", {"pattern": r"ANSWER:([^.]*)", "group": 1}),
        ("boxed", r"thus \boxed{ \frac{1}{2} }.", r"\frac{1}{2}", {}),
        ("choice_letter", "An answer: (B) it is", "B", {}),
        ("choice_letter", " c) ", "c", {}),
        ("first_line", "\n\r\n  one  \ntwo", "one", {}),
        ("code_block", "see\n```python\nx = 1\n\ny = 2\n```\nthere", "x = 1\n\ny = 2", {}),
        ("code_block", "```\n```", "", {}),
        ("code_block", "return 1", "return 1", {}),
        ("json_path", 'it is {"a": [7]} here', '{"a": [7]}', {"path": "a[0]"}),
        ("none", " all of it\n", "all of it", {}),
    ],
)
def test_the_place_of_an_answer_is_known(name: str, text: str, place: str, settings: dict[str, Any]) -> None:
    found = finding(call(name, **settings))(text)
    assert found is not None
    assert text[found.start : found.end] == place
