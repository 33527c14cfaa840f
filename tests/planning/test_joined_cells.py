"""Comparisons, suites, gates: what joins cells."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from hand_made import Blocks, lower_blocks, plan_of, small_blocks

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step


def with_run(**settings: Json) -> Any:
    blocks: Any = small_blocks()
    blocks["run"]["main"] |= settings
    return blocks


def pairs(plan: Plan) -> list[tuple[str, str, str]]:
    return [(one.a, one.b, one.metric) for one in plan.comparisons]


def step(plan: Plan, key: str) -> Step:
    return next(step for step in plan.steps if step.key == key)


def test_models_are_compared_with_the_first_trivial_baseline() -> None:
    plan = plan_of(with_run(models=["linear", "floor", "mini"]))
    assert pairs(plan) == [("linear", "floor", "macro_f1"), ("mini/tune", "floor", "macro_f1")]


def test_without_a_trivial_baseline_the_first_model_is_the_baseline() -> None:
    assert pairs(plan_of(with_run(models=["mini", "linear"]))) == [("linear", "mini/tune", "macro_f1")]


def test_training_settings_are_compared_when_one_model_has_several() -> None:
    blocks = with_run(models=["mini"], train=["tune", "slow"])
    blocks["train"]["slow"] = {"epochs": 3}
    assert pairs(plan_of(blocks)) == [("mini/slow", "mini/tune", "macro_f1")]


def test_one_model_alone_is_compared_with_nothing() -> None:
    plan = plan_of(with_run(models=["floor"]))
    assert plan.comparisons == ()
    assert [step.kind for step in plan.steps].count("aggregate") == 2  # of the two metrics


def test_a_comparison_without_baseline_tests_every_pair() -> None:
    plan = plan_of(with_run(compare={"call": "permutation"}))
    assert pairs(plan) == [("linear", "floor", "macro_f1"), ("mini/tune", "floor", "macro_f1"), ("mini/tune", "linear", "macro_f1")]


def test_a_baseline_can_be_a_training_setting() -> None:
    blocks = with_run(models=["floor", "mini"], train=["tune", "slow", "fast"], compare={"call": "mcnemar", "baseline": "slow"})
    blocks["train"] |= {"slow": {"epochs": 3}, "fast": {"epochs": 0.5}}
    assert pairs(plan_of(blocks)) == [("mini/tune", "mini/slow", "macro_f1"), ("mini/fast", "mini/slow", "macro_f1")]


def test_the_metrics_that_a_comparison_names_are_tested() -> None:
    compare: Json = {"call": "paired_bootstrap", "baseline": "floor", "metrics": ["macro_f1", {"call": "accuracy"}, {"call": "mse"}]}
    assert [metric for _, _, metric in pairs(plan_of(with_run(models=["floor", "linear"], compare=compare)))] == ["macro_f1", "accuracy"]


def test_all_comparisons_of_a_run_are_corrected_together() -> None:
    plan = plan_of(with_run(compare={"call": "paired_bootstrap", "baseline": "linear", "correction": "benjamini_hochberg", "alpha": 0.01}))
    corrected = {one.corrected for one in plan.comparisons}
    assert len(corrected) == 1
    family = step(plan, corrected.pop())
    assert family.params == {"of": "comparisons", "correction": "benjamini_hochberg", "alpha": 0.01}
    assert family.inputs["values"] == tuple(one.step for one in plan.comparisons)
    assert [one.index for one in plan.comparisons] == [0, 1]


def test_the_predictions_of_equal_seeds_are_compared() -> None:
    plan = plan_of(with_run(models=["floor", "mini"], seeds=[1, 2]))
    predicted = {cell.id: cell.predict_step for cell in plan.cells}
    compared = step(plan, plan.comparisons[0].step)
    assert compared.inputs["a"] == (predicted["main.sort.mini.tune[seed=1]"], predicted["main.sort.mini.tune[seed=2]"])
    assert compared.inputs["b"] == (predicted["main.sort.floor[seed=1]"],) * 2
    assert plan.comparisons[0].cells_b == ("main.sort.floor[seed=1]", "main.sort.floor[seed=2]")


def test_names_of_baselines_are_in_no_key() -> None:
    one = plan_of(with_run(models=["floor", "mini"], compare={"call": "permutation", "baseline": "floor"}))
    other = plan_of(with_run(models=["floor", "mini"], compare={"call": "permutation"}))
    assert {s.key for s in one.steps} == {s.key for s in other.steps}


def suite_blocks(**settings: Json) -> Any:
    blocks = with_run(tasks=None, suite="both", models=["floor", "mini"], **settings)
    blocks["task"]["again"] = {**blocks["task"]["sort"], "primary": {"call": "accuracy"}}
    blocks["suite"] = {"both": {"tasks": ["sort", "again"]}}
    return blocks


def test_a_suite_has_a_score_for_each_model_and_seed() -> None:
    plan = plan_of(suite_blocks(seeds=[1, 2]))
    assert [(one.model, one.train, one.seed) for one in plan.suites] == [
        ("floor", None, 1),
        ("floor", None, 2),
        ("mini", "tune", 1),
        ("mini", "tune", 2),
    ]
    assert step(plan, plan.suites[0].step).params == {"of": "suite", "aggregate": {"call": "mean"}, "weights": None}


def test_weights_of_a_suite_follow_its_tasks() -> None:
    blocks = suite_blocks(seeds=[1])
    blocks["suite"]["both"]["aggregate"] = {"call": "weighted", "weights": {"again": 3, "sort": 1}}
    plan = plan_of(blocks)
    assert step(plan, plan.suites[0].step).params == {"of": "suite", "aggregate": {"call": "weighted"}, "weights": [1, 3]}


def test_a_suite_sums_up_folds_first() -> None:
    plan = plan_of(suite_blocks(seeds=[1], validate={"call": "kfold", "folds": 3}))
    values = step(plan, plan.suites[-1].step).inputs["values"]
    assert [step(plan, key).params["of"] for key in values] == ["folds", "folds"]


def test_a_model_that_was_excluded_from_a_task_has_no_score_of_the_suite() -> None:
    plan = plan_of(suite_blocks(seeds=[1], exclude=[{"task": "again", "model": "floor"}]))
    assert [one.model for one in plan.suites] == ["mini"]


def test_a_gate_tests_the_score_of_one_seed_and_the_mean_of_several() -> None:
    one = plan_of(with_run(seeds=[1]), ("main.sort.mini.macro_f1 >= 0.9",))
    several = plan_of(with_run(seeds=[1, 2]), ("main.sort.mini.tune.macro_f1 >= 0.9",))
    assert step(one, step(one, one.gates[0].step).inputs["left"][0]).kind == "score"
    assert step(several, step(several, several.gates[0].step).inputs["left"][0]).kind == "aggregate"
    assert step(one, one.gates[0].step).params == {"op": ">=", "left": None, "right": 0.9}


def test_a_gate_tests_the_score_of_a_suite_over_seeds() -> None:
    one = plan_of(suite_blocks(seeds=[1]), ("main.both.mini.score >= main.both.floor.score",))
    inputs = step(one, one.gates[0].step).inputs
    assert (inputs["left"], inputs["right"]) == ((one.suites[1].step,), (one.suites[0].step,))
    several = plan_of(suite_blocks(seeds=[1, 2]), ("main.both.mini.tune.score >= 0.5",))
    mean = step(several, step(several, several.gates[0].step).inputs["left"][0])
    assert mean.params["of"] == "seeds"
    assert mean.inputs["values"] == tuple(suite.step for suite in several.suites if suite.model == "mini")
    assert several.gates[0].expression == "main.both.mini.tune.score >= 0.5"


def test_a_gate_on_the_score_of_a_suite_that_no_model_has_is_an_error() -> None:
    lowered = lower_blocks(suite_blocks(exclude=[{"task": "again", "model": "floor"}]), ("main.both.floor.score > 0.5",))
    assert [problem.code for problem in lowered.problems] == ["gate_without_cell"]


def test_a_gate_compares_two_models() -> None:
    plan = plan_of(with_run(), ("main.sort.linear.accuracy > main.sort.floor.accuracy",))
    assert set(step(plan, plan.gates[0].step).inputs) == {"left", "right"}


def vary_epochs(blocks: Blocks, params: Mapping[str, Json]) -> Blocks:
    changed: Any = deepcopy(blocks)
    changed["train"]["tune"]["epochs"] = params["epochs"]
    result: Blocks = changed
    return result


def test_a_gate_is_tested_at_each_value_of_an_axis() -> None:
    plan = plan_of(with_run(seeds=[1], axes={"epochs": [1, 2]}), ("main.sort.mini.accuracy > main.sort.floor.accuracy",), vary=vary_epochs)
    assert [gate.expression for gate in plan.gates] == [
        "main.sort.mini.accuracy > main.sort.floor.accuracy [epochs=1]",
        "main.sort.mini.accuracy > main.sort.floor.accuracy [epochs=2]",
    ]


def test_a_gate_on_a_cell_that_does_not_run_is_an_error() -> None:
    lowered = lower_blocks(with_run(exclude=[{"model": "mini"}]), ("main.sort.mini.accuracy > 0.5",))
    assert [problem.code for problem in lowered.problems] == ["gate_without_cell"]


def test_a_metric_is_named_as_the_spec_names_it() -> None:
    blocks = with_run(models=["floor"], seeds=[1])
    blocks["task"]["sort"] |= {"metrics": ["macro_f1", {"call": "f1", "average": "micro"}, {"call": "ece", "bins": 10}], "primary": None}
    cell = plan_of(blocks).cells[0]
    assert [metric.name for metric in cell.metrics] == ["macro_f1", "f1(average = micro)", "ece(bins = 10)"]
    assert [metric.higher_is_better for metric in cell.metrics] == [True, True, False]
    assert [metric.primary for metric in cell.metrics] == [True, False, False]
