"""plan.json: one form, the same bytes everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from hand_made import plan_of, small_blocks
from hypothesis import given
from hypothesis import strategies as st

from benchc.compiler.jsonvalue import Json, canonical, digest
from benchc.compiler.plan_json import PlanFormatError, read_plan, write_plan
from benchc.compiler.plan_schema import PLAN_SCHEMA
from benchc.compiler.verify import verify

WHOLE = plan_of(small_blocks(), ("main.sort.mini.accuracy > 0.5",))
SPEC = """
edition = "2026"
bench "small" { seed = 3 }
dataset rows {
  source = csv(train = "train.csv", test = "test.csv")
  fields { text = text(text), kind = label([neg, pos], kind) }
}
task sort : classification { data = rows, input = text, target = kind, metrics = [accuracy, f1(average = macro)] }
model floor { source = baseline(majority) }
model linear { source = sklearn(tfidf, logistic_regression) }
run main { tasks = sort, models = [floor, linear], seeds = 1..3 }
gate good { main.sort.linear.accuracy > main.sort.floor.accuracy }
"""


def test_a_plan_fits_its_published_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(PLAN_SCHEMA)
    jsonschema.validate(json.loads(write_plan(WHOLE)), PLAN_SCHEMA)


def test_the_published_schema_is_the_one_in_the_docs() -> None:
    published = Path(__file__).resolve().parents[2] / "docs" / "plan.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == PLAN_SCHEMA


def test_a_plan_that_was_written_is_read_back() -> None:
    text = write_plan(WHOLE)
    again = read_plan(text)
    assert write_plan(again) == text
    verify(again)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "benchc-plan/99"}', '{"format": "benchc-plan/1"}', "\x00"])
def test_what_is_no_plan_is_refused_with_words(text: str) -> None:
    with pytest.raises(PlanFormatError):
        read_plan(text)


@pytest.mark.parametrize(("seed", "locale"), [("0", "C"), ("1", "C.UTF-8"), ("2", "tr_TR.UTF-8")])
def test_the_bytes_are_the_same_under_another_hash_seed_locale_and_folder(tmp_path: Path, seed: str, locale: str) -> None:
    assert planned(tmp_path / "a", "7", "C") == planned(tmp_path / "other" / "place", seed, locale)


def planned(folder: Path, seed: str, locale: str) -> bytes:
    folder.mkdir(parents=True)
    (folder / "small.bench").write_text(SPEC, encoding="utf-8")
    (folder / "train.csv").write_text("text,kind\ngood,pos\nbad,neg\n", encoding="utf-8")
    (folder / "test.csv").write_text("text,kind\nfine,pos\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "LANG": locale, "BENCHC_CACHE": str(folder / "cache")}
    code = "import sys; from benchc.cli.main import invoke; sys.exit(invoke(['plan', 'small.bench', '--json']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_canonical_json_is_a_fixed_point(value: Json) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


def test_canonical_json_has_one_form_for_a_number() -> None:
    assert canonical([1e1, 10, -0.0, 0.1, 1e300]) == "[10,10,0,0.1,1e+300]"
    assert canonical({"b": True, "a": (1, None)}) == '{"a":[1,null],"b":true}'


def test_a_lone_surrogate_has_a_digest() -> None:
    assert len(digest("\ud800")) == 64


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical([number])
