"""Specs made by hand for tests of planning: settings as they are after evaluation, defaults filled in from the catalog."""

from collections.abc import Callable, Mapping

from memory_files import MemoryFiles

from benchc.compiler.catalog import CATALOG
from benchc.compiler.complete import complete, complete_keys
from benchc.compiler.jsonvalue import Json
from benchc.compiler.lower import Lowered, lower
from benchc.compiler.plan import Plan, Step
from benchc.compiler.problems import Problem
from benchc.compiler.source import Span
from benchc.compiler.spec import Declared, Gate, GateTest, Spans, Spec

Blocks = dict[str, dict[str, dict[str, Json]]]
AT = Span("spec/a.bench", 0, 1)

FILES: Mapping[str, str | bytes] = {
    "data/train.csv": "text,kind\ngood,pos\n",
    "data/test.csv": "text,kind\nbad,neg\n",
    "site/tiny/model/config.json": "{}",
    "site/tiny/model/tokenizer.json": "{}",
    "site/tiny/model/README.md": "a model",
    "site/tiny/model/model.safetensors": b"12345678",
    "site/tiny/model/onnx/model.onnx": b"not asked for",
}


def memory_files(changes: Mapping[str, str | bytes] = {}) -> MemoryFiles:
    return MemoryFiles({**FILES, **changes}, {"tiny": "site/tiny"})


def small_blocks() -> Blocks:
    """One task, three models, one training setting, two seeds."""
    return {
        "labels": {"polarity": {"value": ["neg", "pos"]}},
        "metric": {"macro_f1": {"value": {"call": "f1", "average": "macro"}}},
        "dataset": {
            "reviews": {
                "source": {"call": "csv", "train": ["../data/train.csv"], "test": ["../data/test.csv"]},
                "fields": {
                    "text": {"call": "text", "column": "text"},
                    "kind": {"call": "label", "labels": "polarity", "column": "kind"},
                },
            }
        },
        "task": {
            "sort": {
                "data": "reviews",
                "input": ["text"],
                "target": "kind",
                "metrics": ["macro_f1", {"call": "accuracy"}],
                "primary": "macro_f1",
            }
        },
        "model": {
            "floor": {"source": {"call": "baseline", "answer": {"call": "majority"}}},
            "linear": {"source": {"call": "sklearn", "features": [{"call": "tfidf"}], "estimator": {"call": "logistic_regression"}}},
            "mini": {"source": {"call": "package", "name": "tiny", "path": "model"}},
        },
        "train": {"tune": {"epochs": 1, "select": {"call": "best", "metric": "macro_f1"}}},
        "run": {"main": {"tasks": ["sort"], "models": ["floor", "linear", "mini"], "train": "tune", "seeds": [1, 2]}},
    }


def prompted_blocks() -> Blocks:
    """A causal model on a task that asks for a choice, one that asks for a text, one that asks nothing, and a classification."""
    blocks = small_blocks()
    blocks["dataset"]["exam"] = {
        "source": {"call": "csv", "train": ["../data/train.csv"], "test": ["../data/test.csv"]},
        "fields": {
            "text": {"call": "text"},
            "options": {"call": "choices", "columns": ["a", "b"]},
            "kind": {"call": "label", "labels": "polarity"},
        },
    }
    blocks["prompt"] = {"ask": {"template": "{text}"}}
    asked: dict[str, Json] = {"data": "exam", "input": ["text"], "target": "kind", "prompt": "ask", "shots": 2}
    blocks["task"] = {
        "sort": {**blocks["task"]["sort"], "prompt": "ask", "shots": 2},
        "chosen": {"kind": "multiple_choice", **asked, "choices": "options", "metrics": [{"call": "accuracy"}]},
        "written": {"kind": "generation", **asked, "metrics": [{"call": "exact_match"}]},
        "read": {"kind": "language_modeling", "data": "exam", "input": ["text"], "metrics": [{"call": "bits_per_byte"}]},
    }
    blocks["model"]["causal"] = {"source": {"call": "package", "name": "tiny", "path": "model"}, "as": "causal_lm"}
    blocks["run"] = {"main": {"tasks": list(blocks["task"]), "models": ["causal"]}}
    return blocks


def make_spec(blocks: Blocks, gates: tuple[str, ...] = (), folder: str = "spec", bench: Mapping[str, Json] | None = None) -> Spec:
    """A gate is written as "main.sort.mini.macro_f1 >= 0.9"."""
    declared = {kind: {name: _declare(kind, name, settings, folder) for name, settings in named.items()} for kind, named in blocks.items()}
    for kind in CATALOG.blocks:
        declared.setdefault(kind, {})
    head = _declare("bench", "small", dict(bench or {}), folder)
    return Spec(f"{folder}/a.bench", head, {}, declared, tuple(_gate(text) for text in gates))


def lower_blocks(
    blocks: Blocks,
    gates: tuple[str, ...] = (),
    files: MemoryFiles | None = None,
    folder: str = "spec",
    vary: Callable[[Blocks, Mapping[str, Json]], Blocks] | None = None,
    bench: Mapping[str, Json] | None = None,
) -> Lowered:
    """`vary` makes the blocks under values of axes."""

    def respec(params: Mapping[str, Json]) -> tuple[Spec | None, tuple[Problem, ...]]:
        assert vary is not None
        return make_spec(vary(blocks, params), gates, folder, bench), ()

    return lower(make_spec(blocks, gates, folder, bench), respec, files or memory_files())


def plan_of(
    blocks: Blocks,
    gates: tuple[str, ...] = (),
    files: MemoryFiles | None = None,
    folder: str = "spec",
    vary: Callable[[Blocks, Mapping[str, Json]], Blocks] | None = None,
    bench: Mapping[str, Json] | None = None,
) -> Plan:
    lowered = lower_blocks(blocks, gates, files, folder, vary, bench)
    assert lowered.plan is not None, lowered.problems
    return lowered.plan


def steps_of(plan: Plan, kind: str) -> list[Step]:
    return [step for step in plan.steps if step.kind == kind]


def _declare(kind: str, name: str, settings: Mapping[str, Json], folder: str) -> Declared:
    block = CATALOG.blocks[kind]
    variant = {"task": "classification"}.get(kind)
    given = dict(settings)
    if kind == "task":
        variant = str(given.pop("kind", variant))
    if block.defined is not None and "value" in given:
        whole: Mapping[str, Json] = {"value": complete(given["value"], block.defined, CATALOG)}
    else:
        own = CATALOG.entry("task", variant).keys if variant is not None else ()
        whole = complete_keys(given, (*block.keys, *own), CATALOG)
    return Declared(kind, name, variant, whole, frozenset(given), "", folder, Spans(AT, {}, {}))


def _gate(text: str) -> Gate:
    left, op, right = text.split(" ")
    return Gate("quality", (GateTest(_side(left), op, _side(right), text, AT, AT, AT),), "", AT)


def _side(text: str) -> str | float:
    return float(text) if text[0].isdigit() else text
