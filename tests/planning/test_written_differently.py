"""The same spec, written differently, has the same keys."""

import re

import pytest
from memory_files import MemoryFiles
from test_plan_json import SPEC

from benchc.compiler.format import format_text
from benchc.compiler.pipeline import compile as compile_spec
from benchc.compiler.source import Source

DATA = {"train.csv": "text,kind\ngood,pos\nbad,neg\n", "test.csv": "text,kind\nfine,pos\n"}
EDITION, *STATEMENTS = re.split(r"\n(?=[a-z])", SPEC.strip())


def keys(text: str) -> set[str]:
    compiled = compile_spec("a.bench", MemoryFiles({**DATA, "a.bench": text}))
    assert compiled.plan is not None, compiled.problems
    return {step.key for step in compiled.plan.steps if step.kind != "report"}


@pytest.mark.parametrize(
    "text",
    [
        format_text(Source("a.bench", SPEC)).text,
        SPEC.replace("\n", "  # a remark\n"),
        "\n".join([EDITION, *reversed(STATEMENTS)]),
        SPEC.replace("  source", "\n\n    source").replace(", ", " ,   "),
        SPEC.replace("seeds = 1..3", "seeds = [1, 2, 3]"),
        SPEC.replace("tasks = sort", "tasks = [sort]").replace("label([neg, pos], kind)", "label([neg, pos])"),
        SPEC.replace("f1(average = macro)", "f1").replace("logistic_regression", "logistic_regression(C = 1.0)"),
        SPEC.replace("dataset", "## What people wrote\ndataset").replace('"small" {', '"large" { description = "other words",'),
        re.sub(r"\b(rows|sort|floor|linear|main|good)\b", r"\1_2", SPEC),
    ],
    ids=["formatted", "comments", "order", "layout", "a list", "short forms", "defaults", "docs", "names"],
)
def test_keys_are_the_same(text: str) -> None:
    assert text != SPEC
    assert keys(text) == keys(SPEC)


@pytest.mark.parametrize("change", [("C", "logistic_regression(C = 2)"), ("seed = 3", "seed = 4"), ("neg, pos", "pos, neg")])
def test_keys_of_another_meaning_are_others(change: tuple[str, str]) -> None:
    old, new = ("logistic_regression", change[1]) if change[0] == "C" else change
    assert keys(SPEC.replace(old, new)) != keys(SPEC)
