"""What written values become."""

import pytest
from meaning.specs import EDITION, checked, sound

from benchc.compiler.jsonvalue import Json


def setting(block: str, key: str) -> Json:
    """The canonical value of a key of the only block of a text."""
    spec = sound(EDITION + block)
    kind, name = block.split()[:2]
    declared = spec.bench if kind == "bench" else spec.block(kind, name)
    assert declared is not None
    return declared.settings[key]


@pytest.mark.parametrize(
    ("written", "value"),
    [("3", 3), ("0.5", 0.5), ("2k", 2000), ("1_000", 1000), ("1e1", 10)],
)
def test_counts(written: str, value: float) -> None:
    assert setting(f"train x {{ epochs = {written} }}", "epochs") == value


@pytest.mark.parametrize(("written", "value"), [("90%", 0.9), ("0.9", 0.9), ("99.5%", 0.995)])
def test_shares(written: str, value: float) -> None:
    spec = checked(EDITION + f"model floor {{ source = baseline(majority) }}\nrun r {{ models = floor, confidence = {written} }}").spec
    assert spec is not None
    assert spec.block("run", "r").settings["confidence"] == value


@pytest.mark.parametrize(("written", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("500ms", 0.5), ("1d", 86400)])
def test_times_are_seconds(written: str, seconds: float) -> None:
    text = f"model floor {{ source = baseline(majority) }}\nrun r {{ models = floor\n budget {{ time = {written}, memory = 2GiB }} }}"
    spec = checked(EDITION + text).spec
    assert spec is not None
    assert spec.block("run", "r").settings["budget"] == {"time": seconds, "memory": 2 * 2**30}


def test_a_call_gets_its_defaults_at_every_depth() -> None:
    source = setting("model x { source = sklearn(tfidf, logistic_regression(10)) }", "source")
    assert isinstance(source, dict)
    assert source["features"][0]["ngrams"] == [1, 1]
    assert source["estimator"] == {"call": "logistic_regression", "C": 10, "class_weight": "none", "max_iter": 1000}


def test_a_default_that_is_a_call_is_completed_too() -> None:
    optimizer = setting("train x { epochs = 1 }", "optimizer")
    assert isinstance(optimizer, dict)
    assert optimizer["lr"] == 2e-5


def test_further_arguments_make_a_list() -> None:
    assert setting('labels x = from_data("Other", none)', "value") == {"call": "from_data", "first": ["Other", "none"]}


def test_a_single_item_stands_for_a_list() -> None:
    assert setting('bench "x" { tags = "one" }', "tags") == ["one"]


def test_labels_keep_their_order_and_their_raw_values() -> None:
    assert setting('labels x = { b = "0", a = ["1", "2"] }', "value") == {"b": ["0"], "a": ["1", "2"]}
    assert list(setting('labels x = { b = "0", a = ["1", "2"] }', "value") or {}) == ["b", "a"]
    assert setting('labels x = [true, 3, "so so", yes]', "value") == [True, 3, "so so", "yes"]


def test_a_condition_names_field_operator_and_value() -> None:
    text = 'dataset x { source = csv("x.csv"), fields { stars = number(stars) }, where = stars >= 3 }'
    assert setting(text, "where") == [{"field": "stars", "op": ">=", "value": 3}]


def test_meta_is_kept_as_it_is() -> None:
    assert setting('bench "x" { meta { owner = "me", nested { deep = [1, 50%, word] } } }', "meta") == {
        "owner": "me",
        "nested": {"deep": [1, 0.5, "word"]},
    }


def test_dollar_signs() -> None:
    spec = sound(EDITION + 'param n: int = 3\nbench "x" { description = "$5, $${n}, ${n} of ${ n }" }')
    assert spec.bench is not None
    assert spec.bench.settings["description"] == "$5, ${n}, 3 of 3"


def test_a_param_may_name_a_block_a_choice_or_a_call() -> None:
    text = """
param which: one_of(a, b) = b
param how: one_of(cls, mean) = mean
param rule: one_of(sgd, adamw) = sgd
model a { source = baseline(majority) }
model b { source = scratch(bert), pooling = how }
train t { optimizer = rule }
"""
    spec = sound(EDITION + text)
    assert spec.block("model", "b").settings["pooling"] == "mean"
    optimizer = spec.block("train", "t").settings["optimizer"]
    assert isinstance(optimizer, dict)
    assert optimizer["call"] == "sgd"


def test_settings_are_read_as_the_file_reads_them_and_texts_need_no_quotes() -> None:
    text = EDITION + 'param file: string = "a"\nparam n: int = 1\ndataset x { source = csv("${file}.csv"), take = n }'
    spec = sound(text, settings={"file": "../b c", "n": "2k"})
    source = spec.block("dataset", "x").settings["source"]
    assert isinstance(source, dict)
    assert source["all"] == ["../b c.csv"]
    assert spec.block("dataset", "x").settings["take"] == 2000
