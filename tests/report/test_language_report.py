"""What the report says of the tasks that language models do."""

import json
import re
from html import unescape
from pathlib import Path

import made_language_runs
import pytest
from made_language_runs import EVIL
from page_check import faults

from benchc.runtime.report.report import write_report


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(made_language_runs.language_run(tmp_path_factory.mktemp("run"))).read_text("utf-8")


def part(html: str, name: str) -> str:
    """The HTML of a section."""
    return html.split(f'<section id="{name}"')[1].split("</section>")[0]


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html.replace("<wbr>", ""))))


def test_the_page_is_well_made(html: str) -> None:
    assert faults(html) == []


def test_markup_of_data_and_models_is_text(tmp_path: Path) -> None:
    page = write_report(made_language_runs.hostile_language_run(tmp_path / "run")).read_text("utf-8")
    assert faults(page) == []
    assert "<script>document" not in page
    assert "<img" not in page
    for name in ("prompts", "examples", "groups", "texts"):
        assert EVIL in unescape(re.sub(r"</?(span|wbr)[^>]*>", "", part(page, name))), name


def test_values_by_group_stand_with_their_intervals_and_sizes(html: str) -> None:
    said = words(part(html, "groups"))
    assert "accuracy by group: smol (seed 1)" in said
    assert "gender 12 0.600 [0.500, 0.700] 0.600 [0.500, 0.700]" in said
    assert "dashed: 0.500, no preference; 4 groups are few" in said


def test_choices_show_calibration_and_normalisations(html: str) -> None:
    said = words(part(html, "choices"))
    assert "Brier score expected calibration error 10 bins, as drawn below" in said
    assert "0.123 [0.103, 0.143]" in said
    assert "accuracy under each normalisation" in said
    assert re.search(r"as it is by byte floor \(seed 1\) 0\.500 \[0\.480, 0\.520\] 0\.450", said)
    assert "A 5 9 9" in said  # right five times, answered nine times by each


def test_minimal_pairs_have_no_right_answers(html: str) -> None:
    assert "bias" not in words(part(html, "choices"))
    said = words(part(html, "examples"))
    assert "Pairs drawn by their ids, whatever the answers: 1 example" in said
    assert "90.0% preferred ln p = −39.00" in said


def test_a_question_shows_its_choices_with_letters_the_right_one_and_the_chosen_ones(html: str) -> None:
    said = words(part(html, "examples"))
    assert "A. first one 33.3% 70.0% chosen ln p = −0.700" in said
    assert "B. a question right 33.3% chosen 20.0% ln p = −0.200" in said
    assert "The last 18 characters of the prompt, which has 138" in said


def test_the_answer_is_marked_where_it_stands_in_the_text(html: str) -> None:
    examples = part(html, "examples")
    assert "costs <mark>1,200</mark> &amp; more left" in examples
    assert "answer: 1200" in words(examples)
    assert "No answer could be found: 1 example" in words(examples)
    assert "no answer found ended by the length limit, 0 tokens" in words(examples)
    assert "2 further samples in the predictions file" in words(examples)


def test_characters_that_turn_the_reading_are_shown_by_their_number(html: str) -> None:
    assert "\u202e" not in html
    assert '<span class="code-point">U+202E</span>' in part(html, "examples")


def test_programs_show_what_became_of_them(html: str) -> None:
    said = words(part(html, "texts"))
    assert "programs passed failed with an exception timed out smol (seed 1) 16 3 18.8% 11 68.8% 2 12.5%" in said
    assert "AssertionError: a test does not hold 6" in said
    assert "2 of 2 2" in said
    shown = words(part(html, "examples"))
    assert "1 of 2 samples passed" in shown
    assert "failed with an exception ended by a stop sequence, 12 tokens TypeError: a question" in shown


def test_texts_show_how_they_ended_and_how_long_they_are(html: str) -> None:
    said = words(part(html, "texts"))
    assert "lead (seed 1) 8 1 3 37.5% 3 37.5% 2 25.0% 2 25.0%" in said
    assert "otherwise in the server's words" in said
    assert "1 content_filter 1" in said
    assert "321 20 0 to 90 20 0 to 90 20 0 to 90" in said
    assert "References from which nothing could be extracted" in said


def test_documents_are_listed_with_windows_and_stride(html: str) -> None:
    said = words(part(html, "documents"))
    assert "smol (seed 1) 12 5 36 256 128" in said
    assert "a questiona question" in said
    assert "a question d3 23.10 1.320 120 90 510" in said
    assert "7 further documents are left out" in said


def test_prompts_stand_to_the_letter_with_their_white_space(html: str) -> None:
    prompts = part(html, "prompts")
    assert '<span class="special">&lt;|im_start|&gt;user</span><span class="line-end"></span>\n' in prompts
    assert 'a question<span class="space">  </span><span class="line-end"></span>\n<span class="tab">\t</span>What is it?' in prompts
    said = words(prompts)
    assert "random(2, per = example) from train 12 36 requests 3,000 36 3 in 2 prompts 1 41 tokens 512" in said
    assert "“ A”" in said
    assert "Shots, in this order: rows s1, s2." in said
    assert "Example q2: 77 tokens, 2 shots, 2 shots dropped" in said
    assert "a chat, as the model's own template writes it" in said


def test_tokens_precision_and_money_are_told(html: str) -> None:
    said = words(part(html, "cost"))
    assert "9,000 – 1,100 110.0% of 1,000 float32 the trial of bfloat16 gave other answers to 3 of 64 examples" in said
    assert "requests retries tokens read tokens written cost answered as smol (seed 1) 8 2 4,321 321 0.0123 –" in said


def test_the_signature_of_a_library_stands_under_method(html: str) -> None:
    assert "sacrebleu nrefs:1|case:mixed" in words(part(html, "method"))


def test_what_an_older_run_does_not_hold_is_left_out(tmp_path: Path) -> None:
    folder = made_language_runs.language_run(tmp_path / "run")
    value = json.loads((folder / "results.json").read_text("utf-8"))
    del value["prompts"]
    for cell in value["cells"]:
        cell["diagnostics"] = {key: value for key, value in cell["diagnostics"].items() if key in ("places", "reliability", "answers")}
    for example in value["examples"]:
        for key in ("choices", "scores", "prompt_end", "prompt_before"):
            example.pop(key, None)
    (folder / "results.json").write_text(json.dumps(value), "utf-8")
    page = write_report(folder).read_text("utf-8")
    assert faults(page) == []
    assert 'id="prompts"' not in page


def test_a_model_that_cannot_share_says_so(tmp_path: Path) -> None:
    folder = made_language_runs.language_run(tmp_path / "run")
    text = (folder / "results.json").read_text("utf-8")
    (folder / "results.json").write_text(text.replace('"engine": "shared"', '"engine": "plain"'), "utf-8")
    assert "computed one by one: what texts share could not be shared" in words(write_report(folder).read_text("utf-8"))


def test_very_many_long_texts_and_prompts_are_left_to_the_results(tmp_path: Path) -> None:
    folder = made_language_runs.language_run(tmp_path / "run")
    value = json.loads((folder / "results.json").read_text("utf-8"))
    for asked in value["prompts"]:
        for prompt in asked["examples"]:
            prompt["text"] = "word " * 60_000
    for example in value["examples"]:
        for answer in example["answers"]:
            for sample in answer.get("samples", []):
                sample["text"] = "word " * 30_000
    (folder / "results.json").write_text(json.dumps(value), "utf-8")
    page = write_report(folder).read_text("utf-8")
    assert len(page) < 3_000_000
    said = words(page)
    assert "Its prompts are left out here to keep this file small" in said
    assert "1 further example left out here to keep this file small: see results.json." in said
