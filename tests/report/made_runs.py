"""Run folders for tests, made of plain JSON in the forms that the design promises.

The numbers are invented and mean nothing; what matters is their shape. `classification_run` and its like answer with the folder.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Object = dict[str, Any]

SPEC = """edition = "2026"

## Which approach sorts questions by the kind of answer they want?
bench "trec" {
  description = "TREC question classification: coarse answer type"
  seed        = 13
}

labels answer_type = [ABBR, ENTY, DESC, HUM, LOC, NUM]

dataset questions {
  # each line is `COARSE:fine the question`
  source = lines(train = "data/TREC.train", test = "data/TREC.test", pattern = "(?P<coarse>[A-Z]+):(?P<fine>\\\\S+) (?P<question>.*)")
  fields { question = text(question), kind = label(answer_type, coarse) }
  splits = fractions(from = train, train = 90%, dev = 10%, stratify = kind, seed = 7)
}

task answer_kind : classification {
  data = questions
  input = question
  target = kind
  metrics = [macro_f1, accuracy, ece(bins = 15)]
}

run main { tasks = [answer_kind], models = [floor, linear, minilm], seeds = 1..3 }

gate quality { main.answer_kind.minilm.macro_f1 >= 0.90 }
"""


def estimate(value: float | None, width: float = 0.02, method: str = "BCa bootstrap, 1000 resamples", notes: Sequence[str] = ()) -> Object:
    low, high = (None, None) if value is None else (value - width, value + width)
    return {"value": value, "low": low, "high": high, "method": method, "n": 500, "notes": list(notes)}


def cell(run: str, task: str, model: str, seed: int = 1, **more: Any) -> Object:
    """A finished cell; `more` replaces parts."""
    params = more.get("params", {})
    train = more.get("train")
    inside = ",".join([*(f"{key}={value}" for key, value in sorted(params.items())), f"seed={seed}"])
    made = {
        "id": f"{run}.{task}.{model}{'.' + train if train else ''}[{inside}]",
        "run": run,
        "task": task,
        "task_kind": "classification",
        "model": model,
        "train": None,
        "seed": seed,
        "params": {},
        "fold": None,
        "status": "ok",
        "error": None,
        "split": "test",
        "n": 500,
        "metrics": {},
        "primary": None,
        "seconds": 1.5,
        "train_seconds": None,
        "tokens": None,
        "examples_per_second": 333.3,
        "peak_memory_bytes": 512 * 2**20,
        "predictions": "predictions/x.parquet",
        "diagnostics": None,
        "curve": [],
        "training": None,
        "prediction": {
            "seconds": 1.5,
            "examples": 500,
            "examples_per_second": 333.3,
            "device": "cpu",
            "precision": "float32",
            "batch_halvings": 0,
        },
    }
    return {**made, **more}


def aggregate(cells: Sequence[Object], metric: str) -> Object:
    values = [one["metrics"][metric]["value"] for one in cells]
    first = cells[0]
    mean = sum(values) / len(values)
    sd = (sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)) ** 0.5
    kept = {key: first[key] for key in ("run", "task", "model", "train", "params")}
    several = len(cells) > 1
    return {
        **kept,
        "metric": metric,
        "mean": mean,
        "sd": sd if several else None,
        "low": mean - 2 * sd - 0.004 if several else None,
        "high": mean + 2 * sd + 0.004 if several else None,
        "n": len(cells),
        "method": "Student's t",
        "seeds": [one["seed"] for one in cells],
        "cells": [one["id"] for one in cells],
        "error": None,
    }


def comparison(a: Sequence[Object], b: Sequence[Object], metric: str, difference: float, p: float, **more: Any) -> Object:
    made = {
        "run": a[0]["run"],
        "task": a[0]["task"],
        "metric": metric,
        "a": a[0]["model"],
        "b": b[0]["model"],
        "cells_a": [one["id"] for one in a],
        "cells_b": [one["id"] for one in b],
        "difference": difference,
        "low": difference - 0.03,
        "high": difference + 0.03,
        "p": p,
        "p_adjusted": min(1.0, 2 * p),
        "significant": 2 * p < 0.05,
        "correction": "holm",
        "alpha": 0.05,
        "test": "paired bootstrap; interval: BCa bootstrap, 10000 resamples",
        "n": 500,
        "effect_size": {"name": "standardised difference", "value": difference * 4},
        "smallest_detectable_difference": 0.031,
        "value_a": 0.9,
        "value_b": 0.9 - difference,
        "notes": ["seeds are held fixed: the test is about these trained models, not about training again"],
        "error": None,
    }
    return {**made, **more}


def confusion(labels: Sequence[str], skill: float, rows: int = 60) -> list[list[int]]:
    size = len(labels)
    right = [round(rows * (skill - 0.02 * (at % 5))) for at in range(size)]
    return [
        [right[at] if at == to else (rows - right[at] if to == (at + 1) % size else (at * to) % 3) for to in range(size)]
        for at in range(size)
    ]


def class_diagnostics(labels: Sequence[str], skill: float) -> Object:
    return {
        "labels": list(labels),
        "confusion": confusion(labels, skill),
        "per_class": [
            {
                "label": label,
                "precision": estimate(skill - 0.01 * (at % 4), 0.05, "Wilson score"),
                "recall": estimate(skill - 0.02 * (at % 5), 0.05, "Wilson score"),
                "f1": estimate(skill - 0.015 * (at % 5), 0.05),
                "support": 60,
            }
            for at, label in enumerate(labels)
        ],
        "reliability": [
            {
                "low": at / 10,
                "high": (at + 1) / 10,
                "confidence": None if at < 2 else at / 10 + 0.05,
                "accuracy": None if at < 2 else min(1.0, (at / 10 + 0.05) * skill),
                "count": 0 if at < 2 else at * at * 5,
            }
            for at in range(10)
        ],
    }


def curve(seed: int, steps: int = 450) -> list[Object]:
    losses = [
        {
            "step": step,
            "epoch": step / 150,
            "split": "train",
            "name": "loss",
            "value": 1.7 * 0.992**step + 0.08 + 0.03 * ((step * seed) % 7) / 7,
            "seconds": step * 0.2,
        }
        for step in range(1, steps + 1, 3)
    ]
    scores = [
        {
            "step": step,
            "epoch": step / 150,
            "split": "dev",
            "name": "macro_f1",
            "value": 0.92 - 0.3 * 0.99**step + 0.004 * seed,
            "seconds": step * 0.2,
        }
        for step in range(50, steps + 1, 50)
    ]
    return losses + scores


def training(seconds: float, parameters: int, best: int | None = 400) -> Object:
    return {
        "seconds": seconds,
        "steps": 450,
        "epochs": 3.0,
        "parameters": parameters,
        "trainable_parameters": parameters,
        "tokens": 240_000,
        "best_step": best,
        "peak_memory_bytes": 900 * 2**20,
        "device": "cpu",
        "precision": "float32",
        "stopped_early": False,
    }


def environment() -> Object:
    return {
        "benchc": "0.1.0",
        "python": "3.11.9",
        "packages": {"torch": "2.9.0", "numpy": "2.1.0", "pandas": None},
        "system": "Linux 6.1",
        "machine": "x86_64",
        "processor": "A processor with a name of some length @ 2.50GHz",
        "cores": 2,
        "memory_bytes": 24 * 2**30,
        "threads": 2,
        "device": {"asked": "auto", "used": ["cpu"], "precision": ["float32"], "name": None},
    }


def results(name: str, cells: Sequence[Object], **more: Any) -> Object:
    made = {
        "format": "benchc-results/1",
        "bench": {"name": name, "description": "", "license": None, "authors": [], "tags": [], "docs": {}},
        "plan": {"format": "benchc-plan/1", "digest": "0123456789abcdef" * 4, "steps": 24},
        "cells": list(cells),
        "aggregates": [],
        "comparisons": [],
        "suites": [],
        "gates": [],
        "data": [],
        "examples": [],
        "lints": [],
        "method": {"metrics": [], "comparisons": [], "aggregates": [], "evaluated_on": ["test"]},
        "environment": environment(),
        "repaired": [],
        "incomplete": [],
    }
    return {**made, **more}


def plan(cells: Sequence[Object], metrics: Mapping[str, bool], primary: str, report: Object | None = None) -> Object:
    """`metrics` says of each whether higher is better."""
    planned = [
        {
            **{key: one[key] for key in ("id", "run", "task", "task_kind", "model", "train", "seed", "params", "fold", "split")},
            "rows": f"rows of {one['params'].get('subject', 'all')}",  # a param of this name stands for one that chooses the data
            "metrics": [
                {"name": name, "score": f"score-{name}", "primary": name == primary, "higher_is_better": better}
                for name, better in metrics.items()
            ],
        }
        for one in cells
    ]
    return {"format": "benchc-plan/1", "bench": {}, "report": report or {}, "steps": [], "cells": planned, "comparisons": []}


def write_run(folder: Path, results: Object, plan: Object | None = None, sources: Mapping[str, str] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, ensure_ascii=False), "utf-8")
    (folder / "plan.json").write_text(json.dumps(plan or plan_of(results), ensure_ascii=False), "utf-8")
    record = {
        "format": "benchc-run/1",
        "bench": results["bench"]["name"],
        "status": "finished",
        "spec": next(iter(sources or {"main.bench": ""})),
        "command": ["benchc", "run", "main.bench"],
        "started": "2026-03-01T10:00:00+00:00",
        "finished": "2026-03-01T10:02:41+00:00",
        "seconds": 161.2,
        "git": {"commit": "c0ffee" * 6, "branch": "main", "dirty": False},
    }
    (folder / "run.json").write_text(json.dumps(record), "utf-8")
    for path, text in (sources or {}).items():
        target = folder / "spec" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return folder


def plan_of(results: Object) -> Object:
    """A plan for results whose metrics are all better when higher, the first of each cell primary."""
    cells = results["cells"]
    names = list(dict.fromkeys(name for one in cells for name in one["metrics"]))
    return plan(cells, dict.fromkeys(names, True), names[0] if names else "")


LABELS = ("ABBR", "ENTY", "DESC", "HUM", "LOC", "NUM")
SKILLS = {"floor": (0.07, 0.23, 0.02), "linear": (0.852, 0.862, 0.12), "minilm": (0.931, 0.956, 0.03)}


def classification_run(folder: Path) -> Path:
    """Three models, three seeds, a comparison, two gates."""
    groups = {model: [_question_cell(model, seed) for seed in (1, 2, 3)] for model in SKILLS}
    cells = [one for group in groups.values() for one in group]
    metrics = {"macro_f1": True, "accuracy": True, "ece(bins = 15)": False}
    compared = [
        comparison(groups["minilm"], groups["linear"], "macro_f1", 0.079, 0.0004),
        comparison(groups["floor"], groups["linear"], "macro_f1", -0.782, 0.0001),
    ]
    gates = [
        {
            "name": "quality",
            "expression": "main.answer_kind.minilm.macro_f1 >= 0.9",
            "passed": True,
            "left": 0.931,
            "right": 0.9,
            "error": None,
        },
        {
            "name": "quality",
            "expression": "main.answer_kind.minilm.accuracy > main.answer_kind.floor.accuracy",
            "passed": True,
            "left": 0.956,
            "right": 0.23,
            "error": None,
        },
    ]
    method = {
        "metrics": [
            {
                "task": "answer_kind",
                "name": "macro_f1",
                "call": {"call": "f1", "average": "macro", "positive": None},
                "doc": "harmonic mean",
                "interval": "BCa bootstrap, 1000 resamples",
                "confidence": 0.95,
                "resamples": 1000,
                "higher_is_better": True,
            },
            {
                "task": "answer_kind",
                "name": "accuracy",
                "call": {"call": "accuracy"},
                "doc": "share of right answers",
                "interval": "Wilson score",
                "confidence": 0.95,
                "resamples": 1000,
                "higher_is_better": True,
            },
        ],
        "comparisons": [
            {
                "run": "main",
                "test": {"call": "paired_bootstrap", "samples": 10000},
                "confidence": 0.95,
                "correction": "holm",
                "alpha": 0.05,
                "family": 2,
            }
        ],
        "aggregates": ["Student's t"],
        "evaluated_on": ["test"],
    }
    made = results(
        "trec",
        cells,
        aggregates=[aggregate(group, name) for group in groups.values() for name in metrics],
        comparisons=compared,
        gates=gates,
        examples=_question_examples(),
        method=method,
        lints=[
            {
                "code": "small_test_set",
                "level": "warning",
                "message": "`test` has 500 rows: differences below 0.031 cannot be told from chance",
                "path": "main.bench",
                "line": 25,
                "help": ["evaluate on more rows"],
            }
        ],
        bench={
            "name": "trec",
            "description": "TREC question classification: coarse answer type, 5,452 training and 500 test questions",
            "license": "research use",
            "authors": ["A. Author"],
            "tags": [],
            "docs": {},
        },
    )
    return write_run(
        folder,
        made,
        plan(cells, metrics, "macro_f1"),
        {"main.bench": SPEC, "imports/shared.bench": 'edition = "2026"\n\nmetric macro_f1 = f1(average = macro)\n'},
    )


def _question_cell(model: str, seed: int) -> Object:
    f1, accuracy, ece = SKILLS[model]
    move = 0.0 if model == "floor" else (seed - 2) * (0.004 if model == "minilm" else 0.001)
    trained = {"floor": None, "linear": training(0.9, 60_000, None), "minilm": training(74.0 + seed, 22_713_606)}[model]
    return cell(
        "main",
        "answer_kind",
        model,
        seed,
        train="finetune" if model == "minilm" else None,
        primary="macro_f1",
        metrics={
            "macro_f1": estimate(f1 + move),
            "accuracy": estimate(accuracy + move / 2, 0.018, "Wilson score"),
            "ece(bins = 15)": estimate(ece - move / 2, 0.01),
        },
        diagnostics=class_diagnostics(LABELS, max(accuracy, 0.3)),
        training=trained,
        train_seconds=None if trained is None else trained["seconds"],
        seconds={"floor": 0.01, "linear": 0.05, "minilm": 2.4}[model],
        prediction={
            "seconds": {"floor": 0.01, "linear": 0.05, "minilm": 2.4}[model],
            "examples": 500,
            "examples_per_second": 208.0,
            "device": "cpu",
            "precision": "float32",
            "batch_halvings": 1 if model == "minilm" else 0,
        },
        curve=curve(seed) if model == "minilm" else [],
    )


def _question_examples() -> list[Object]:
    def answers(first: str, second: str, target: str) -> list[Object]:
        return [
            {"model": "floor", "answer": "ENTY", "votes": 3, "of": 3, "correct": target == "ENTY", "confidence": 0.22},
            {"model": "linear", "answer": first, "votes": 3, "of": 3, "correct": first == target, "confidence": 0.81},
            {"model": "minilm", "answer": second, "votes": 2, "of": 3, "correct": second == target, "confidence": 0.93},
        ]

    def example(sort: str, identity: str, words: str, target: str, given: list[Object]) -> Object:
        return {
            "run": "main",
            "task": "answer_kind",
            "split": "test",
            "sort": sort,
            "id": identity,
            "target": target,
            "inputs": {"question": words},
            "cut": {},
            "answers": given,
        }

    long_text = (
        "What does the abbreviation stand for, " + "and in which of the many documents that mention it was it first explained, " * 14 + "?"
    )
    return [
        example("every_model_wrong", "9f3a71", "What is the speed hummingbirds fly ?", "NUM", answers("DESC", "DESC", "NUM")),
        example("every_model_wrong", "b27c10", long_text, "ABBR", answers("DESC", "DESC", "ABBR")),
        example("models_disagree", "17ee02", "Who was the 16th President of the United States ?", "HUM", answers("NUM", "HUM", "HUM")),
        example("models_disagree", "c410aa", "What is the street address of the White House ?", "LOC", answers("LOC", "NUM", "LOC")),
    ]


def regression_run(folder: Path) -> Path:
    """A suite of two tasks and two runs, an axis `lr`, one of the models better when lower is better."""
    cells = [_related_cell(model, lr) for model in ("tfidf", "minilm") for lr in ("0.0001", "0.0003")]
    entailment = [_entailment_cell(model, lr) for model in ("tfidf", "minilm") for lr in ("0.0001", "0.0003")]
    every = [*entailment, *cells]
    suites = [
        {
            "suite": "both",
            "run": "trained",
            "model": one["model"],
            "train": one["train"],
            "params": one["params"],
            "seed": 1,
            "value": 0.74 + 0.02 * at,
            "low": 0.72 + 0.02 * at,
            "high": 0.76 + 0.02 * at,
            "method": "mean",
            "error": None,
        }
        for at, one in enumerate(cells)
    ]
    aggregates = [aggregate([one], name) for one in every for name in one["metrics"]]
    made = results(
        "sick",
        every,
        suites=suites,
        aggregates=aggregates,
        bench={"name": "sick", "description": "Two tasks on one file: entailment (3 classes) and relatedness (1 to 5)"},
    )
    planned = plan(cells, {"pearson": True, "mse": False}, "pearson")
    planned["cells"] += plan(entailment, {"accuracy": True}, "accuracy")["cells"]
    return write_run(folder, made, planned, {"sick.bench": 'edition = "2026"\n\nparam lr: float = 3e-4\n'})


def _related_cell(model: str, lr: str) -> Object:
    skill = (0.55 if model == "tfidf" else 0.84) + (0.012 if lr == "0.0003" and model == "minilm" else 0.0)
    pairs = [
        [1 + 4 * ((at * 37) % 400) / 400, 3 + skill * (4 * ((at * 37) % 400) / 400 - 2) + 0.5 * ((at * 53) % 17 - 8) / 8]
        for at in range(400)
    ]
    diagnostics = {
        "residuals": {"edges": [-1.5 + 0.1 * at for at in range(31)], "counts": [max(0, 60 - (at - 15) ** 2 // 3 * 2) for at in range(30)]},
        "scatter": pairs,
        "range": [1.0, 5.0],
    }
    return cell(
        "trained",
        "relatedness",
        model,
        params={"lr": float(lr)},
        train="finetune" if model == "minilm" else None,
        task_kind="regression",
        primary="pearson",
        n=4927,
        metrics={"pearson": estimate(skill, 0.01, "Fisher z"), "mse": estimate(1 - skill, 0.02)},
        diagnostics=diagnostics,
        curve=curve(1) if model == "minilm" else [],
    )


def _entailment_cell(model: str, lr: str) -> Object:
    skill = (0.63 if model == "tfidf" else 0.79) + (0.011 if lr == "0.0001" and model == "minilm" else 0.0)
    return cell(
        "trained",
        "entailment",
        model,
        params={"lr": float(lr)},
        train="finetune" if model == "minilm" else None,
        primary="accuracy",
        n=4927,
        metrics={"accuracy": estimate(skill, 0.012, "Wilson score")},
        diagnostics=class_diagnostics(("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), skill),
    )


def failed_run(folder: Path) -> Path:
    """One model did not finish, one gate failed, one could not be decided."""
    error = {"code": "nan_loss", "message": "the loss is not a number at step 12", "help": "lower the learning rate", "step": "abc"}
    good = cell(
        "main",
        "spam",
        "linear",
        metrics={"accuracy": estimate(0.91)},
        primary="accuracy",
        diagnostics=class_diagnostics(("spam", "ham"), 0.9),
    )
    bad = cell(
        "main",
        "spam",
        "minilm",
        status="failed",
        error=error,
        primary="accuracy",
        metrics={},
        n=None,
        seconds=None,
        prediction=None,
        predictions=None,
    )
    skipped = cell(
        "main",
        "spam",
        "huge",
        status="skipped",
        error={**error, "code": "over_budget", "message": "would need 30 h of the 2 h budget"},
        metrics={},
        n=None,
        prediction=None,
    )
    gates = [
        {"name": "g", "expression": "main.spam.linear.accuracy >= 0.95", "passed": False, "left": 0.91, "right": 0.95, "error": None},
        {"name": "g", "expression": "main.spam.minilm.accuracy >= 0.95", "passed": None, "left": None, "right": None, "error": error},
    ]
    made = results(
        "spam",
        [good, bad, skipped],
        gates=gates,
        incomplete=[{"part": "examples", "message": "ValueError: something"}],
        repaired=[{"step": "0a", "kind": "train", "reason": "checksum"}],
    )
    return write_run(folder, made, plan([good, bad, skipped], {"accuracy": True}, "accuracy"))


def nothing_finished_run(folder: Path) -> Path:
    error = {"code": "missing_file", "message": "no file `data/train.csv`", "help": "", "step": "abc"}
    lost = [cell("main", "spam", model, status="failed", error=error, metrics={}, n=None, prediction=None) for model in ("a", "b")]
    return write_run(folder, results("lost", lost), plan(lost, {"accuracy": True}, "accuracy"))


def chinese_run(folder: Path) -> Path:
    """Labels, names and texts in Chinese, one very long text."""
    labels = ("正面", "负面", "中性评价")
    cells = [
        cell(
            "主要",
            "情感分类",
            model,
            seed,
            metrics={"宏平均": estimate(skill + 0.003 * seed), "准确率": estimate(skill + 0.02)},
            primary="宏平均",
            diagnostics=class_diagnostics(labels, skill),
        )
        for model, skill in (("线性模型", 0.81), ("预训练编码器", 0.89))
        for seed in (1, 2)
    ]
    groups = [cells[:2], cells[2:]]
    words = "这家餐厅的服务态度非常好，但是菜品的味道一般，价格也偏高。" * 40
    examples = [
        {
            "run": "主要",
            "task": "情感分类",
            "split": "test",
            "sort": "every_model_wrong",
            "id": "评论-17",
            "target": "中性评价",
            "inputs": {"评论": words},
            "cut": {"评论": 12_000},
            "answers": [
                {"model": "线性模型", "answer": "正面", "votes": 2, "of": 2, "correct": False, "confidence": 0.88},
                {"model": "预训练编码器", "answer": "负面", "votes": 1, "of": 2, "correct": False, "confidence": 0.71},
            ],
        }
    ]
    made = results(
        "中文情感",
        cells,
        aggregates=[aggregate(group, name) for group in groups for name in ("宏平均", "准确率")],
        comparisons=[comparison(groups[1], groups[0], "宏平均", 0.08, 0.2)],
        examples=examples,
        bench={"name": "中文情感", "description": "餐厅评论的情感分类，三个类别"},
    )
    return write_run(
        folder, made, None, {"中文.bench": 'edition = "2026"\n\n## 餐厅评论\nbench "中文情感" { description = "餐厅评论的情感分类" }\n'}
    )


HOSTILE = "<script>document.title='owned'</script>\"'><img src=x onerror=alert(1)>\u2028javascript:alert(1)</style></title>{{7*7}}&amp;"


def hostile_run(folder: Path) -> Path:
    """Markup in every text that can come from data, models or names."""
    labels = (HOSTILE, "plain")
    cells = [
        cell(
            "main",
            HOSTILE,
            HOSTILE + model,
            metrics={HOSTILE: estimate(0.5, method=HOSTILE, notes=[HOSTILE])},
            primary=HOSTILE,
            split=HOSTILE,
            diagnostics=class_diagnostics(labels, 0.7),
            curve=[{"step": step, "epoch": 0, "split": HOSTILE, "name": HOSTILE, "value": 1 / step, "seconds": 1} for step in (1, 2, 3)],
            training=training(2.0, 5),
        )
        for model in ("1", "2")
    ]
    broken = cell(
        "main",
        HOSTILE,
        "broken",
        status="failed",
        error={"code": HOSTILE, "message": HOSTILE, "help": HOSTILE, "step": None},
        metrics={},
        n=None,
        prediction=None,
    )
    example = {
        "run": "main",
        "task": HOSTILE,
        "split": "test",
        "sort": "models_disagree",
        "id": HOSTILE,
        "target": HOSTILE,
        "inputs": {HOSTILE: HOSTILE * 30},
        "cut": {},
        "answers": [{"model": HOSTILE, "answer": HOSTILE, "votes": 1, "of": 1, "correct": False, "confidence": 0.5}],
    }
    gates = [{"name": HOSTILE, "expression": HOSTILE, "passed": False, "left": 1, "right": 2, "error": None}]
    lints = [{"code": HOSTILE, "level": "warning", "message": HOSTILE, "path": "main.bench", "line": 1, "help": [HOSTILE]}]
    made = results(
        HOSTILE,
        [*cells, broken],
        gates=gates,
        lints=lints,
        examples=[example],
        comparisons=[comparison(cells[:1], cells[1:], HOSTILE, 0.1, 0.01, notes=[HOSTILE], test=HOSTILE, correction=HOSTILE)],
        environment={**environment(), HOSTILE: HOSTILE},
        data=[{"dataset": HOSTILE, HOSTILE: HOSTILE}],
        bench={"name": HOSTILE, "description": HOSTILE, "license": HOSTILE, "authors": [HOSTILE]},
        incomplete=[{"part": HOSTILE, "message": HOSTILE}],
    )
    return write_run(folder, made, None, {"main.bench": f'# {HOSTILE}\nbench "{HOSTILE}\n'})


def crowded_run(folder: Path) -> Path:
    """Forty cells with long names, fifty classes with long labels."""
    labels = [f"class number {at} with a long label" for at in range(50)]
    cells = [
        cell(
            "main",
            "topics",
            f"a_rather_long_model_name_that_wraps_{at:02d}",
            train=f"setting_{at % 3}",
            metrics={"macro_f1": estimate(0.4 + at / 100), "accuracy": estimate(0.5 + at / 110), "mcc": estimate(0.35 + at / 100)},
            primary="macro_f1",
            diagnostics=class_diagnostics(labels, 0.4 + at / 80),
            curve=curve(1, 3000),
            training=training(10.0 * (at + 1), 10**6 * (at + 1)),
        )
        for at in range(40)
    ]
    compared = [comparison([one], [cells[0]], "macro_f1", 0.001 * at, 0.2 / at) for at, one in enumerate(cells[1:], 1)]
    return write_run(folder, results("crowded", cells, comparisons=compared), None, {"crowded.bench": SPEC})
