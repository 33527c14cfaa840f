"""The report as a whole: what it says, that it is well made, that nothing in it can act."""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import made_language_runs
import made_runs
import pytest
from page_check import faults

from benchc.runtime.report.json_fields import DocumentError
from benchc.runtime.report.report import write_report

RUNS: tuple[Callable[[Path], Path], ...] = (
    made_runs.classification_run,
    made_runs.regression_run,
    made_runs.failed_run,
    made_runs.nothing_finished_run,
    made_runs.chinese_run,
    made_runs.hostile_run,
    made_runs.crowded_run,
    made_language_runs.language_run,
    made_language_runs.hostile_language_run,
)


def report(make: Callable[[Path], Path], folder: Path) -> str:
    return write_report(make(folder)).read_text("utf-8")


def words(html: str) -> str:
    """The text that a reader sees, spaces made one."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body.replace("<wbr>", ""))))


@pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)
def test_every_page_is_well_made(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert faults(report(make, tmp_path / "run")) == []


@pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)
def test_the_same_run_gives_the_same_bytes(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert report(make, tmp_path / "run") == report(make, tmp_path / "run")


@pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)
def test_every_page_is_small_and_asks_for_nothing(make: Callable[[Path], Path], tmp_path: Path) -> None:
    html = report(make, tmp_path / "run")
    assert len(html.encode()) < 2_000_000
    assert not re.search(r"<(link|img|iframe|object|embed|audio|video|form|base)\b", html)
    assert not re.search(r"url\(|@import", html.split("</style>")[0])
    assert html.count("<script>") == 1


def test_the_summary_says_who_wins_by_how_much_and_whether_it_is_sure(tmp_path: Path) -> None:
    said = words(report(made_runs.classification_run, tmp_path / "run"))
    assert "All 9 cells finished" in said
    assert "All 2 gates held" in said
    assert "minilm macro_f1 0.931 [0.919, 0.943]" in said
    assert "Ahead of linear, significantly: minilm − linear = +0.079 [+0.049, +0.109], p < 0.001 after Holm's correction." in said
    assert "Measured on test, 500 examples, seeds 1, 2 and 3." in said


def test_a_lead_that_may_be_chance_is_not_called_a_win(tmp_path: Path) -> None:
    said = words(report(made_runs.chinese_run, tmp_path / "run"))
    assert "Ahead of 线性模型, but the difference may be chance" in said


def test_a_lead_from_one_seed_without_a_test_says_so(tmp_path: Path) -> None:
    said = words(report(made_runs.regression_run, tmp_path / "run"))
    assert "The difference was not tested." in said
    assert "4,927 examples, one seed" in said


def test_failures_are_said_plainly(tmp_path: Path) -> None:
    said = words(report(made_runs.failed_run, tmp_path / "run"))
    assert "2 of 3 cells did not finish" in said
    assert "1 of 2 gates failed, 1 of 2 gates could not be decided" in said
    assert "main.spam.minilm[seed=1] the loss is not a number at step 12: lower the learning rate" in said
    assert "would need 30 h of the 2 h budget" in said
    assert "examples could not be made: ValueError: something" in said


def test_cells_that_failed_for_one_reason_are_named_together(tmp_path: Path) -> None:
    error = {"code": "x", "message": "out of memory", "help": "", "step": None}
    cells = [made_runs.cell("main", "t", "a", seed, status="failed", error=error) for seed in (1, 2)]
    said = words(write_report(made_runs.write_run(tmp_path / "run", made_runs.results("lost", cells))).read_text("utf-8"))
    assert "main.t.a[seed=1] main.t.a[seed=2] out of memory" in said


def test_folds_are_named_and_their_data_shown_once(tmp_path: Path) -> None:
    cells = [
        made_runs.cell("main", "t", "a", fold=fold, id=f"main.t.a[fold={fold}]", metrics={"accuracy": made_runs.estimate(0.5)})
        for fold in (0, 1)
    ]
    cards = [{"dataset": "d", "tasks": ["t"], "folds": [fold], "rows": {"test": 40 + fold}} for fold in (0, 1)]
    made = made_runs.results("folds", cells, aggregates=[made_runs.aggregate(cells, "accuracy")], data=cards)
    html = write_report(made_runs.write_run(tmp_path / "run", made)).read_text("utf-8")
    assert "500 examples in each fold, one seed, 2 folds" in words(html)
    assert words(html).count("fold 0, used by t") == 1
    assert re.search(r"<summary>d, fold 1</summary>", html)


def test_a_run_without_any_result_still_has_a_report(tmp_path: Path) -> None:
    said = words(report(made_runs.nothing_finished_run, tmp_path / "run"))
    assert "No model finished on this task" in said
    assert "no file data/train.csv" in said.replace("data/train.csv ", "data/train.csv")


def test_markup_in_data_names_and_messages_is_text(tmp_path: Path) -> None:
    html = report(made_runs.hostile_run, tmp_path / "run")
    for dangerous in ("<script>document", "<img", "</title><img", "</style></title>"):
        assert dangerous not in html
    assert "{{7*7}}" in html
    assert "javascript:alert" in words(html)
    assert not re.search(r'href="(?!#)', html)


def test_no_value_is_drawn_where_there_is_none(tmp_path: Path) -> None:
    folder = made_runs.classification_run(tmp_path / "run")
    results = json.loads((folder / "results.json").read_text("utf-8"))
    for cell in results["cells"]:
        cell["metrics"]["accuracy"] = made_runs.estimate(None, notes=["undefined"])
    for aggregate in results["aggregates"]:
        if aggregate["metric"] == "accuracy":
            aggregate.update(mean=None, sd=None, low=None, high=None)
    (folder / "results.json").write_text(json.dumps(results), "utf-8")
    html = write_report(folder).read_text("utf-8")
    assert faults(html) == []
    assert "undefined" in words(html)


def test_what_is_missing_from_the_folder_is_said(tmp_path: Path) -> None:
    folder = made_runs.classification_run(tmp_path / "run")
    for name in ("plan.json", "run.json", "spec/main.bench", "spec/imports/shared.bench"):
        (folder / name).unlink()
    said = words(write_report(folder).read_text("utf-8"))
    assert "This folder holds no plan.json." in said
    assert "This folder holds no copy of the spec." in said


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": {}}', '{"cells": [{"id": 1}]}'])
def test_a_broken_file_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(text, "utf-8")
    with pytest.raises(DocumentError):
        write_report(tmp_path)


def test_an_old_report_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = made_runs.failed_run(tmp_path / "run")
    (folder / "report.html").write_text("old")
    before = sorted(path.name for path in folder.iterdir())
    assert write_report(folder).read_text("utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in folder.iterdir()) == before


def test_axis_values_become_a_table(tmp_path: Path) -> None:
    said = words(report(made_runs.regression_run, tmp_path / "run"))
    assert "pearson by lr" in said
    assert "lr = 0.0001" in said


def test_lone_surrogates_do_not_stop_the_report(tmp_path: Path) -> None:
    folder = made_runs.failed_run(tmp_path / "run")
    text = (folder / "results.json").read_text("utf-8").replace("the loss is", "\\ud800 the loss is")
    (folder / "results.json").write_text(text, "utf-8")
    assert "the loss is" in write_report(folder).read_text("utf-8")


def test_equal_values_have_no_winner(tmp_path: Path) -> None:
    cells = [made_runs.cell("main", "t", model, metrics={"accuracy": made_runs.estimate(0.5)}, primary="accuracy") for model in ("a", "b")]
    folder = made_runs.write_run(tmp_path / "run", made_runs.results("tie", cells))
    said = words(write_report(folder).read_text("utf-8"))
    assert "No winner accuracy 0.500 [0.480, 0.520] a and b have the same value." in said


def test_the_winner_is_compared_with_the_best_that_it_was_tested_against(tmp_path: Path) -> None:
    values = {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}
    cells = {
        model: made_runs.cell("main", "t", model, metrics={"accuracy": made_runs.estimate(value)}, primary="accuracy")
        for model, value in values.items()
    }
    compared = [made_runs.comparison([cells["a"]], [cells[other]], "accuracy", 0.2, 0.001) for other in ("d", "c")]
    folder = made_runs.write_run(tmp_path / "run", made_runs.results("order", list(cells.values()), comparisons=compared))
    said = words(write_report(folder).read_text("utf-8"))
    assert "Ahead of c, significantly: a − c = +0.200 [+0.170, +0.230]" in said
    assert "It was not compared with b, which comes second with 0.800." in said


@pytest.mark.parametrize(("subjects", "said"), [(2, "t, subject = 1 b[subject=1] accuracy 0.610"), (9, "Measured on 9 data sets")])
def test_values_on_other_data_are_no_rivals(tmp_path: Path, subjects: int, said: str) -> None:
    cells = [
        made_runs.cell(
            "main",
            "t",
            model,
            params={"subject": str(subject)},
            metrics={"accuracy": made_runs.estimate(value + subject / 100)},
            primary="accuracy",
        )
        for subject in range(subjects)
        for model, value in (("a", 0.1), ("b", 0.6))
    ]
    page = words(write_report(made_runs.write_run(tmp_path / "run", made_runs.results("subjects", cells))).read_text("utf-8"))
    assert said in page
    assert ("a[subject=1] comes second" in page) == (subjects == 2)
    assert "b[subject=0] comes second" not in page


def test_lower_is_better_where_the_plan_says_so(tmp_path: Path) -> None:
    cells = [
        made_runs.cell("main", "t", model, metrics={"mse": made_runs.estimate(value)}, primary="mse", task_kind="regression")
        for model, value in (("a", 0.9), ("b", 0.3))
    ]
    folder = made_runs.write_run(tmp_path / "run", made_runs.results("lower", cells), made_runs.plan(cells, {"mse": False}, "mse"))
    assert "b mse 0.300" in words(write_report(folder).read_text("utf-8"))


def test_a_model_that_lost_a_seed_is_not_ranked_by_the_rest(tmp_path: Path) -> None:
    good = [made_runs.cell("main", "t", "a", seed, metrics={"accuracy": made_runs.estimate(0.7)}, primary="accuracy") for seed in (1, 2)]
    half = [made_runs.cell("main", "t", "b", seed, metrics={"accuracy": made_runs.estimate(0.9)}, primary="accuracy") for seed in (1, 2, 3)]
    half[2] = {**half[2], "status": "failed", "metrics": {}, "error": {"code": "x", "message": "out of memory", "help": "", "step": None}}
    lost = {**made_runs.aggregate(half[:2], "accuracy"), "mean": None, "sd": None, "low": None, "high": None, "n": None}
    results = made_runs.results("lost", [*good, *half], aggregates=[made_runs.aggregate(good, "accuracy"), lost])
    said = words(write_report(made_runs.write_run(tmp_path / "run", results)).read_text("utf-8"))
    assert "a accuracy 0.700" in said
    assert "Without a result, so not ranked: b." in said
