"""The spec under other values of its params."""

import time

from meaning.specs import EDITION, SPEC, checked, sound

from benchc.compiler.jsonvalue import Json
from benchc.compiler.resolve import Resolver
from benchc.compiler.spec import Spec


def resolver(text: str = SPEC) -> Resolver:
    found = checked(text).resolver
    assert found is not None
    return found


def respec(assignment: dict[str, Json], text: str = SPEC) -> Spec:
    spec, problems = resolver(text).respec(assignment)
    assert problems == ()
    assert spec is not None
    return spec


def estimator(spec: Spec) -> Json:
    source = spec.block("model", "linear").settings["source"]
    assert isinstance(source, dict)
    return source["estimator"]


def test_only_what_reads_the_param_changes() -> None:
    held = resolver()
    base, _ = held.respec({})
    spec, _ = held.respec({"strength": 10})
    assert base is not None
    assert spec is not None
    assert estimator(spec) == {"call": "logistic_regression", "C": 10, "class_weight": "none", "max_iter": 1000}
    assert spec.block("task", "sort") is base.block("task", "sort")
    assert spec.block("model", "floor") is base.block("model", "floor")
    assert spec.params["strength"].value == 10


def test_the_same_values_as_before_give_the_same_spec() -> None:
    held = resolver()
    assert held.respec({"strength": 1})[0] is held.respec({})[0]


def test_a_param_inside_a_string_changes_the_string() -> None:
    source = respec({"file": "more"}).block("dataset", "reviews").settings["source"]
    assert isinstance(source, dict)
    assert source["train"] == ["more.csv"]


def test_several_params_at_once_equal_a_spec_written_with_them() -> None:
    varied = respec({"strength": 7, "kind": "char"})
    written = sound(SPEC.replace("float = 1", "float = 7").replace("= word", "= char"))
    assert varied.blocks == written.blocks
    assert {name: param.value for name, param in varied.params.items()} == {name: param.value for name, param in written.params.items()}


def test_a_value_that_breaks_a_bound_is_a_problem_where_the_param_is_used() -> None:
    spec, problems = resolver().respec({"strength": -1})
    assert spec is None
    assert [problem.code for problem in problems] == ["out_of_range"]


def test_a_metric_that_a_param_changes_stays_the_primary_one() -> None:
    text = SPEC.replace("param kind", "param average: one_of(macro, micro) = macro\nparam kind").replace(
        "[accuracy, mcc]", "[f1(average = average), mcc], primary = f1"
    )
    task = respec({"average": "micro"}, text).block("task", "sort")
    assert task.settings["primary"] == {"call": "f1", "average": "micro", "positive": None}


def test_a_param_without_default_takes_the_first_value_of_an_axis() -> None:
    text = SPEC.replace("param strength: float = 1", "param strength: float")
    assert sound(text).params["strength"].value == 1
    assert estimator(respec({"strength": 10}, text)) == {"call": "logistic_regression", "C": 10, "class_weight": "none", "max_iter": 1000}


def test_five_thousand_assignments_take_two_seconds() -> None:
    held = resolver()
    started = time.process_time()
    for index in range(5_000):
        assert held.respec({"strength": 1 + index / 7, "kind": ("word", "char")[index % 2]})[0] is not None
    assert time.process_time() - started < 4  # twice the aim: other work may share the machine


def test_params_of_an_imported_file_have_full_names() -> None:
    library = EDITION + 'param size: int = 5\ndataset rows { source = csv("rows.csv"), take = size }\n'
    text = EDITION + 'import "lib.bench" as lib\n'
    found = checked(text, {"lib.bench": library})
    assert found.resolver is not None
    spec, problems = found.resolver.respec({"lib.size": 9})
    assert problems == ()
    assert spec is not None
    assert spec.block("dataset", "lib.rows").settings["take"] == 9
