"""Which cells a run has, and what they are called."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from hand_made import Blocks, lower_blocks, plan_of, small_blocks, steps_of

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan


def with_run(**settings: Json) -> Any:
    blocks: Any = small_blocks()
    blocks["run"]["main"] |= settings
    return blocks


def ids(plan: Plan) -> list[str]:
    return [cell.id for cell in plan.cells]


def vary_lr(blocks: Blocks, params: Mapping[str, Json]) -> Blocks:
    changed: Any = deepcopy(blocks)
    changed["train"]["tune"]["optimizer"] = {"call": "adamw", "lr": params["lr"]}
    result: Blocks = changed
    return result


def test_a_cell_is_named_by_its_values() -> None:
    assert ids(plan_of(with_run(models=["mini"], seeds=[1, 2]))) == ["main.sort.mini.tune[seed=1]", "main.sort.mini.tune[seed=2]"]


def test_a_model_that_needs_no_training_settings_takes_none() -> None:
    assert ids(plan_of(with_run(models=["linear"], seeds=[3]))) == ["main.sort.linear[seed=3]"]


def test_the_seed_of_the_bench_is_used_when_a_run_names_none() -> None:
    assert ids(plan_of(with_run(models=["floor"], seeds=None), bench={"seed": 13})) == ["main.sort.floor[seed=13]"]


def test_a_list_of_training_settings_makes_a_cell_each() -> None:
    blocks = with_run(models=["mini"], seeds=[1], train=["tune", "slow"])
    blocks["train"]["slow"] = {"epochs": 3}
    assert ids(plan_of(blocks)) == ["main.sort.mini.tune[seed=1]", "main.sort.mini.slow[seed=1]"]


def test_training_settings_can_be_given_by_model() -> None:
    blocks = with_run(seeds=[1], train={"linear": "none", "mini": "slow"})
    blocks["train"]["slow"] = {"epochs": 3}
    assert ids(plan_of(blocks)) == ["main.sort.floor[seed=1]", "main.sort.linear[seed=1]", "main.sort.mini.slow[seed=1]"]


def test_axes_are_crossed_and_named_in_order_of_their_names() -> None:
    blocks = with_run(models=["mini"], seeds=[1], axes={"lr": [1e-4, 3e-4]})
    plan = plan_of(blocks, vary=vary_lr)
    assert ids(plan) == ["main.sort.mini.tune[lr=0.0001,seed=1]", "main.sort.mini.tune[lr=0.0003,seed=1]"]
    assert len(steps_of(plan, "train")) == 2


def test_what_an_axis_does_not_touch_is_done_once() -> None:
    plan = plan_of(with_run(models=["linear", "mini"], seeds=[1], axes={"lr": [1e-4, 3e-4]}), vary=vary_lr)
    assert len(plan.cells) == 4
    assert len(steps_of(plan, "train")) == 3


def test_excluded_cells_are_left_out() -> None:
    plan = plan_of(with_run(seeds=[1, 2], exclude=[{"model": "mini", "seed": 2}, {"model": ["floor", "linear"], "seed": [1]}]))
    assert ids(plan) == ["main.sort.floor[seed=2]", "main.sort.linear[seed=2]", "main.sort.mini.tune[seed=1]"]


def test_a_run_of_which_every_cell_is_excluded_is_an_error() -> None:
    lowered = lower_blocks(with_run(exclude=[{"model": ["floor", "linear"]}, {"model": "mini"}]))
    assert [problem.code for problem in lowered.problems] == ["run_without_cells"]


def test_validation_makes_a_cell_of_each_fold() -> None:
    plan = plan_of(with_run(models=["linear"], seeds=[1], validate={"call": "kfold", "folds": 3, "stratify": "kind"}))
    assert ids(plan) == [f"main.sort.linear[seed=1,fold={fold}]" for fold in range(3)]
    assert [step.params["fold"] for step in steps_of(plan, "split")] == [
        {"index": fold, "count": 3, "stratify": "kind", "group": None, "seed": 0} for fold in range(3)
    ]
    assert {cell.split for cell in plan.cells} == {"test"}


def test_folds_are_summed_up_before_seeds() -> None:
    plan = plan_of(with_run(models=["mini"], seeds=[1, 2], validate={"call": "kfold", "folds": 3}))
    by_key = {step.key: step for step in plan.steps}
    over = by_key[plan.aggregates[0].step]
    assert over.params["of"] == "seeds"
    assert [by_key[key].params["of"] for key in over.inputs["values"]] == ["folds", "folds"]


def test_seeds_that_cannot_change_a_result_share_its_steps() -> None:
    plan = plan_of(with_run(models=["linear"], seeds=[1, 2, 3]))
    assert len(plan.cells) == 3
    assert len(steps_of(plan, "train")) == len(steps_of(plan, "predict")) == 1


def test_estimators_that_draw_have_the_seed_in_their_keys() -> None:
    blocks = with_run(models=["linear"], seeds=[1, 2, 3])
    blocks["model"]["linear"]["source"]["estimator"] = {"call": "random_forest"}
    assert [step.params["seed"] for step in steps_of(plan_of(blocks), "train")] == [1, 2, 3]


def test_an_encoder_is_not_trained_for_similarity() -> None:
    blocks = with_run(models=["mini"], seeds=[1])
    blocks["dataset"]["reviews"]["fields"]["score"] = {"call": "number", "column": "score"}
    blocks["task"]["sort"] = {"kind": "similarity", "data": "reviews", "input": ["text", "text"], "target": "score", "metrics": None}
    plan = plan_of(blocks)
    assert ids(plan) == ["main.sort.mini[seed=1]"]
    assert steps_of(plan, "train") == []
    model: Any = steps_of(plan, "predict")[0].params["model"]
    assert model["source"]["files"].keys() == {"config.json", "model.safetensors", "tokenizer.json"}


def test_a_pair_is_encoded_as_it_is_read_and_a_text_without_a_word_of_it() -> None:
    blocks = with_run(models=["mini"], seeds=[1])
    assert "apart" not in steps_of(plan_of(blocks), "encode")[0].params
    blocks["dataset"]["reviews"]["fields"] |= {"title": {"call": "text"}, "score": {"call": "number"}}
    blocks["task"]["sort"]["input"] = ["title", "text"]
    assert steps_of(plan_of(blocks), "encode")[0].params["apart"] is False
    blocks["task"]["sort"] = {"kind": "similarity", "data": "reviews", "input": ["title", "text"], "target": "score", "metrics": None}
    assert steps_of(plan_of(blocks), "encode")[0].params["apart"] is True


def test_two_tasks_on_the_same_data_load_and_encode_it_once() -> None:
    blocks = with_run(models=["mini"], seeds=[1], tasks=["sort", "again"])
    blocks["task"]["again"] = {**blocks["task"]["sort"], "metrics": [{"call": "mcc"}], "primary": None}
    plan = plan_of(blocks)
    assert len(plan.cells) == 2
    assert [len(steps_of(plan, kind)) for kind in ("load", "split", "encode", "train", "predict")] == [1, 1, 1, 1, 1]


def test_a_model_sees_the_inputs_that_it_names() -> None:
    blocks = with_run(models=["linear"], seeds=[1])
    blocks["dataset"]["reviews"]["fields"]["title"] = {"call": "text", "column": "title"}
    blocks["task"]["sort"]["input"] = ["title", "text"]
    blocks["model"]["linear"]["inputs"] = ["text"]
    task: Any = steps_of(plan_of(blocks), "train")[0].params["task"]
    assert task["inputs"] == ["text"]


def test_test_is_evaluated_where_there_is_one_and_dev_else() -> None:
    blocks = with_run(models=["floor"], seeds=[1])
    assert plan_of(blocks).cells[0].split == "test"
    blocks["dataset"]["reviews"]["source"] = {"call": "csv", "train": ["../data/train.csv"], "dev": ["../data/test.csv"]}
    assert plan_of(blocks).cells[0].split == "dev"
    blocks["dataset"]["reviews"]["splits"] = {"call": "fractions", "from": "train", "train": 0.8, "test": 0.2}
    assert plan_of(blocks).cells[0].split == "test"
    blocks["task"]["sort"]["evaluate_on"] = "train"
    assert plan_of(blocks).cells[0].split == "train"


def test_the_only_group_field_of_the_data_groups_the_predictions() -> None:
    blocks = with_run(models=["floor"], seeds=[1])
    blocks["dataset"]["reviews"]["fields"]["user"] = {"call": "group", "column": "user"}
    task: Any = steps_of(plan_of(blocks), "predict")[0].params["task"]
    assert task["group"] == "user"


def test_labels_are_written_out_in_the_load_step() -> None:
    blocks = with_run(models=["floor"], seeds=[1])
    table: Any = steps_of(plan_of(blocks), "load")[0].params["fields"]
    assert table["kind"]["labels"] == [{"label": "neg", "values": ["neg"]}, {"label": "pos", "values": ["pos"]}]
    blocks["labels"]["polarity"]["value"] = {"neg": ["0", "-1"], "pos": ["1"]}
    table = steps_of(plan_of(blocks), "load")[0].params["fields"]
    assert table["kind"]["labels"] == [{"label": "neg", "values": ["0", "-1"]}, {"label": "pos", "values": ["1"]}]
    blocks["labels"]["polarity"]["value"] = {"call": "from_data", "first": ["neg"]}
    table = steps_of(plan_of(blocks), "load")[0].params["fields"]
    assert table["kind"]["labels"] == {"from_data": ["neg"]}


def test_a_column_that_is_not_given_is_the_name_of_the_field() -> None:
    blocks = with_run(models=["floor"], seeds=[1])
    before = plan_of(blocks)
    del blocks["dataset"]["reviews"]["fields"]["text"]["column"]
    assert plan_of(blocks) == before
