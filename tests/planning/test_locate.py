"""What is not where a spec says is a problem at the words that name it."""

from dataclasses import replace
from typing import Any

import pytest
from hand_made import lower_blocks, make_spec, memory_files, plan_of, prompted_blocks, small_blocks, steps_of
from memory_files import MemoryFiles

from benchc.compiler.jsonvalue import Json
from benchc.compiler.lower import lower
from benchc.compiler.problems import Problem


def problems(blocks: Any, files: MemoryFiles | None = None) -> list[Problem]:
    lowered = lower_blocks(blocks, files=files)
    assert lowered.plan is None
    return list(lowered.problems)


def with_source(**source: Json) -> Any:
    blocks: Any = small_blocks()
    blocks["dataset"]["reviews"]["source"] = source
    blocks["run"]["main"] |= {"models": ["floor"], "seeds": [1]}
    return blocks


def test_a_data_file_that_is_missing_is_named_with_the_path_that_was_tried() -> None:
    found = problems(with_source(call="csv", all=["../data/none.csv"]))
    assert [(problem.code, problem.message) for problem in found] == [("missing_data_file", "there is no file `../data/none.csv`")]
    assert "`data/none.csv`" in found[0].help[0].message


def test_a_pattern_without_a_match_is_a_problem() -> None:
    assert [problem.message for problem in problems(with_source(call="jsonl", all=["../data/*.jsonl"]))] == [
        "no file matches `../data/*.jsonl`"
    ]


def test_all_missing_files_are_reported_at_once() -> None:
    blocks = with_source(call="csv", train=["a.csv"], test=["b.csv"])
    blocks["model"]["mini"]["source"]["path"] = "none"
    blocks["run"]["main"]["models"] = ["mini"]
    assert sorted(problem.message for problem in problems(blocks))[:2] == ["there is no file `a.csv`", "there is no file `b.csv`"]


def test_a_pattern_takes_all_files_that_match_in_order() -> None:
    files = memory_files({"data/part2.csv": "2", "data/part1.csv": "1"})
    load = steps_of(plan_of(with_source(call="csv", all=["../data/part*.csv"]), files=files), "load")[0]
    assert load.hints["locations"] == {"all": ["../data/part1.csv", "../data/part2.csv"]}


def test_columns_of_parallel_files_are_located_each() -> None:
    source: Json = {"text": ["../data/train.csv"], "kind": ["../data/test.csv"]}
    load = steps_of(plan_of(with_source(call="parallel", all=source)), "load")[0]
    assert load.hints["locations"] == {"all": {"text": ["../data/train.csv"], "kind": ["../data/test.csv"]}}


def test_files_inside_a_package_are_located_by_the_package() -> None:
    plan = plan_of(with_source(call="package", name="tiny", format={"call": "jsonl", "all": ["model/config.json"]}))
    load = steps_of(plan, "load")[0]
    assert load.hints["locations"] == {"all": ["package:tiny/model/config.json"]}
    assert load.params["source"] == {"call": "package", "format": {"call": "jsonl", "encoding": "utf-8"}}


def test_a_package_that_is_not_installed_comes_with_the_command_that_installs_it() -> None:
    found = problems(with_source(call="package", name="no_such_package", format={"call": "jsonl", "all": ["a"]}))
    assert found[0].code == "missing_package"
    assert found[0].help[0].message == "install it: `pip install no-such-package`"


@pytest.mark.parametrize(
    ("left", "code", "words"),
    [
        ((), "missing_folder", "no folder `model`"),
        (("config.json",), "missing_weights", "no `.safetensors`"),
        (("model.safetensors",), "missing_weights", "no `config.json`"),
        (("config.json", "pytorch_model.bin"), "missing_weights", "pickled form"),
    ],
)
def test_a_model_folder_that_cannot_be_used_says_what_it_lacks(left: tuple[str, ...], code: str, words: str) -> None:
    blocks: Any = small_blocks()
    kept = {path: text for path, text in memory_files().texts.items() if not path.startswith("site/tiny/model/")}
    files = MemoryFiles({**kept, **{f"site/tiny/model/{name}": "{}" for name in left}}, {"tiny": "site/tiny"})
    found = problems(blocks, files)
    assert [problem.code for problem in found] == [code]
    assert words in found[0].message


def test_a_local_model_folder_is_known_by_its_content() -> None:
    blocks: Any = small_blocks()
    blocks["model"]["mini"]["source"] = {"call": "hf", "id": "../site/tiny/model"}
    train = steps_of(plan_of(blocks), "train")[-1]
    assert train.hints["location"] == "../site/tiny/model"
    model: Any = train.params["model"]
    assert model["source"].keys() == {"call", "files"}


ADAPTER = {"spec/adapter/adapter_config.json": "{}", "spec/adapter/adapter_model.safetensors": "1"}


def with_adapter_of(folder: str = "adapter") -> Any:
    blocks: Any = prompted_blocks()
    blocks["model"]["causal"]["adapter"] = folder
    return blocks


def test_an_adapter_is_known_by_its_content_and_changes_the_keys_of_predictions() -> None:
    plain, first, other = (
        {step.key for step in steps_of(plan_of(blocks, files=memory_files(files)), "predict")}
        for blocks, files in (
            (prompted_blocks(), {}),
            (with_adapter_of(), ADAPTER),
            (with_adapter_of(), {**ADAPTER, "spec/adapter/adapter_model.safetensors": "2"}),
        )
    )
    assert not plain & first
    assert not first & other
    moved = {path.replace("/adapter/", "/moved/"): text for path, text in ADAPTER.items()}
    assert first == {step.key for step in steps_of(plan_of(with_adapter_of("moved"), files=memory_files(moved)), "predict")}
    assert steps_of(plan_of(with_adapter_of(), files=memory_files(ADAPTER)), "predict")[-1].hints["adapter_location"] == "adapter"


@pytest.mark.parametrize(
    ("left", "code", "words"),
    [
        ((), "missing_folder", "no folder `adapter`"),
        (("adapter_config.json",), "missing_weights", "no `adapter_model.safetensors`"),
        (("adapter_model.safetensors",), "missing_weights", "no `adapter_config.json`"),
        (("adapter_config.json", "adapter_model.bin"), "missing_weights", "pickled form"),
    ],
)
def test_an_adapter_that_cannot_be_used_says_what_it_lacks(left: tuple[str, ...], code: str, words: str) -> None:
    found = problems(with_adapter_of(), memory_files({f"spec/adapter/{name}": "{}" for name in left}))
    assert [problem.code for problem in found] == [code]
    assert words in found[0].message


def test_the_encoder_of_similar_shots_is_located_with_its_adapter() -> None:
    blocks = with_adapter_of()
    blocks["model"]["near"] = {"source": {"call": "package", "name": "tiny", "path": "model"}, "adapter": "adapter"}
    blocks["task"]["sort"]["shots"] = {"call": "similar", "count": 1, "model": "near"}
    encode = next(step for step in steps_of(plan_of(blocks, files=memory_files(ADAPTER)), "encode") if step.hints["shots_locations"])
    assert encode.hints["shots_locations"] == ["package:tiny/model", "adapter"]


def test_the_encoder_of_similar_shots_is_in_the_keys_of_prompts_by_its_content() -> None:
    blocks: Any = prompted_blocks()
    blocks["model"]["near"] = {"source": {"call": "hf", "id": "./encoder"}}
    blocks["task"]["chosen"]["shots"] = {"call": "similar", "count": 1, "model": "near"}
    blocks["run"]["main"]["tasks"] = ["chosen"]
    one, other = (
        {step.key for step in steps_of(plan_of(blocks, files=memory_files({**files, "spec/encoder/config.json": "{}"})), "encode")}
        for files in ({"spec/encoder/model.safetensors": "1"}, {"spec/encoder/model.safetensors": "2"})
    )
    assert len(one) == len(other) == 1
    assert one != other


def test_a_model_of_a_hub_is_known_by_id_and_revision() -> None:
    blocks: Any = small_blocks()
    blocks["model"]["mini"]["source"] = {"call": "hf", "id": "org/mini", "revision": "abc"}
    model: Any = steps_of(plan_of(blocks), "train")[-1].params["model"]
    assert model["source"] == {"call": "hf", "id": "org/mini", "revision": "abc"}


def test_a_local_folder_of_a_hub_data_set_is_known_by_its_content() -> None:
    files = memory_files({"spec/rows/train.jsonl": "{}", "spec/rows/README.md": "---"})
    load = steps_of(plan_of(with_source(call="hub", id="./rows"), files=files), "load")[0]
    assert load.hints["locations"] == {"all": ["rows"]}
    held: Any = load.params["files"]
    assert held["all"].keys() == {"train.jsonl", "README.md"}


def test_rows_in_the_spec_have_no_files() -> None:
    load = steps_of(plan_of(with_source(call="inline", train=[{"text": "a", "kind": "pos"}])), "load")[0]
    assert load.params["files"] == {}


def location_from(folder: str, files: MemoryFiles) -> Json:
    """Where the plan says that `rows.csv` of a data set in this folder lies."""
    spec = make_spec(with_source(call="csv", all=["rows.csv"]))
    moved = {"reviews": replace(spec.blocks["dataset"]["reviews"], folder=folder)}
    plan = lower(replace(spec, blocks={**spec.blocks, "dataset": moved}), lambda _: (None, ()), files).plan
    assert plan is not None
    return steps_of(plan, "load")[0].hints["locations"]


def test_files_of_an_imported_spec_are_located_from_its_folder() -> None:
    assert location_from("lib", memory_files({"lib/rows.csv": "text\n"})) == {"all": ["../lib/rows.csv"]}


def test_files_of_the_library_that_ships_are_located_by_its_package() -> None:
    plain = memory_files({"/site/benchc/specs/glue/rows.csv": "text\n"})
    files = MemoryFiles(plain.texts, {**plain.packages, "benchc.specs": "/site/benchc/specs"})
    assert location_from("/site/benchc/specs/glue", files) == {"all": ["package:benchc.specs/glue/rows.csv"]}


def test_files_of_another_package_are_located_by_their_path() -> None:
    assert location_from("/site/acme", memory_files({"/site/acme/rows.csv": "text\n"})) == {"all": ["/site/acme/rows.csv"]}
