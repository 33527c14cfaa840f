"""What is in a step's key and what is not."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hand_made import Blocks, lower_blocks, memory_files, plan_of, prompted_blocks, small_blocks
from hypothesis import given, settings
from hypothesis import strategies as st

from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.data import LOCATION_KEYS
from benchc.compiler.catalog.model import MetricFacts
from benchc.compiler.catalog.types import (
    REQUIRED,
    Anything,
    Call,
    Choice,
    Condition,
    Duration,
    Either,
    Fraction,
    Integer,
    Key,
    ListOf,
    MapOf,
    RangeOf,
    Real,
    Record,
    Reference,
    Required,
    Size,
    Truth,
    Type,
)
from benchc.compiler.jsonvalue import Json, canonical

FILES = memory_files({"data/other.csv": "text,kind\nfine,pos\n"})


def keys_of(blocks: Blocks, **more: Any) -> frozenset[str]:
    """Keys of all steps but the report, which is not stored and holds titles."""
    return frozenset(step.key for step in plan_of(blocks, files=FILES, **more).steps if step.kind != "report")


# What is in no key


def renamed(blocks: Blocks, names: Mapping[str, str]) -> Blocks:
    """Every block under another name, and every reference to it."""

    def rename(value: Any) -> Any:
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, list):
            return [rename(item) for item in value]
        if isinstance(value, dict):
            return {names.get(key, key): rename(item) if key not in ("call", "column") else item for key, item in value.items()}
        return value

    return {kind: {names.get(name, name): rename(block) for name, block in named.items()} for kind, named in blocks.items()}


def test_renaming_every_block_changes_no_key() -> None:
    names = {name: f"{name}_2" for named in small_blocks().values() for name in named}
    assert keys_of(renamed(small_blocks(), names)) == keys_of(small_blocks())


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_declarations_and_of_settings_changes_no_key(random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        items = list(value.items())
        random.shuffle(items)
        return {key: shuffled(item) for key, item in items}

    assert keys_of(shuffled(small_blocks())) == keys_of(small_blocks())


def test_another_folder_changes_no_key_and_no_location() -> None:
    texts = {f"home/me/{path}": text for path, text in FILES.texts.items() if path.startswith("data/")}
    here = plan_of(small_blocks(), files=FILES)
    there = plan_of(small_blocks(), files=memory_files(texts), folder="home/me/spec")
    assert here == there


def test_moving_a_data_file_changes_no_key() -> None:
    blocks: Any = small_blocks()
    blocks["dataset"]["reviews"]["source"]["test"] = ["../moved/test.csv"]
    files = memory_files({"moved/test.csv": FILES.texts["data/test.csv"]})
    moved = frozenset(step.key for step in plan_of(blocks, files=files).steps if step.kind != "report")
    assert moved == keys_of(small_blocks())


def test_other_content_of_a_data_file_changes_all_keys_behind_it() -> None:
    before = plan_of(small_blocks())
    after = plan_of(small_blocks(), files=memory_files({"data/test.csv": "text,kind\nworse,neg\n"}))
    assert not {step.key for step in before.steps} & {step.key for step in after.steps}


def test_other_weights_change_the_steps_of_that_model_alone() -> None:
    before = plan_of(small_blocks())
    after = plan_of(small_blocks(), files=memory_files({"site/tiny/model/model.safetensors": b"87654321"}))
    changed = {step.key for step in after.steps} - {step.key for step in before.steps}
    for cell in after.cells:
        assert (cell.predict_step in changed) == (cell.model == "mini")


@pytest.mark.parametrize("name", ["1_Pooling/config.json", "sentence_bert_config.json", "tokenizer_config.json", "vocab.txt"])
def test_each_file_of_a_model_that_is_read_is_in_the_keys_of_that_model_alone(name: str) -> None:
    before = plan_of(small_blocks(), files=memory_files({f"site/tiny/model/{name}": "{}"}))
    after = plan_of(small_blocks(), files=memory_files({f"site/tiny/model/{name}": '{"other": 1}'}))
    changed = {step.key for step in after.steps} - {step.key for step in before.steps}
    for cell in after.cells:
        assert (cell.predict_step in changed) == (cell.model == "mini")


@pytest.mark.parametrize("name", ["README.md", "onnx/model.onnx", "data_config.json", "1_Pooling/README.md", "2_Dense/config.json"])
def test_files_that_no_model_reads_are_in_no_key(name: str) -> None:
    assert plan_of(small_blocks(), files=memory_files({f"site/tiny/model/{name}": "other"})) == plan_of(small_blocks())


# What is in a key: every setting of the catalog, unless it says otherwise

FAMILY_HOLDERS: Mapping[str, tuple[str, ...]] = {
    "source": ("dataset", "reviews", "source"),
    "field": ("dataset", "reviews", "fields", "extra"),
    "splits": ("dataset", "reviews", "splits"),
    "labels": ("labels", "polarity", "value"),
    "metric": ("metric", "macro_f1", "value"),
    "model_source": ("model", "linear", "source"),
    "features": ("model", "linear", "source", "features"),
    "estimator": ("model", "linear", "source", "estimator"),
    "architecture": ("model", "linear", "source", "architecture"),
    "baseline": ("model", "floor", "source", "answer"),
    "head": ("model", "mini", "head"),
    "optimizer": ("train", "tune", "optimizer"),
    "schedule": ("train", "tune", "schedule"),
    "loss": ("train", "tune", "loss"),
    "select": ("train", "tune", "select"),
    "early_stop": ("train", "tune", "early_stop"),
    "comparison": ("run", "main", "compare"),
    "suite_score": ("suite", "all", "aggregate"),
    "validation": ("run", "main", "validate"),
}
PROMPTED_HOLDERS = {
    "shots": ("task", "written", "shots"),
    "decode": ("task", "written", "decode"),
    "extract": ("task", "written", "extract"),
    "answer": ("task", "chosen", "target"),
    "calibration": ("task", "sort", "calibrate"),
}
PROMPTED_TASKS = (("sort", "classification"), ("chosen", "multiple_choice"), ("written", "generation"), ("read", "language_modeling"))
BLOCK_HOLDERS = {"dataset": "reviews", "model": "mini", "train": "tune", "run": "main", "task": "sort"}
LOCATED = {  # what only says where something lies; digests of what lies there are in the key instead
    ("model_source", "package", "name"),
    ("model_source", "package", "path"),
    ("model_source", "package", "file"),
    ("source", "package", "name"),
    ("source", "package", "format"),
}
ELSEWHERE = {  # keys that are tested by themselves, below
    ("run", "tasks"),
    ("run", "suite"),
    ("run", "axes"),
    ("run", "exclude"),
    ("dataset", "source"),
    ("dataset", "fields"),
    ("model", "source"),
    ("task", "data"),
    ("model", "adapter"),
    *(("task", key) for key in ("prompt", "shots", "shots_from", "truncate", "calibrate")),  # of models that are prompted
}


def sample(type: Type) -> Json:
    """Some value of a type."""
    match type:
        case Choice(names=names):
            return names[0]
        case Integer(minimum=minimum):
            return minimum if minimum is not None else 1
        case Real() | Fraction():
            return 0.25
        case Truth():
            return False
        case Duration() | Size():
            return 10
        case RangeOf():
            return [1, 1]
        case ListOf(item=item):
            return [sample(item)]
        case MapOf(values=values):
            return {"sort": sample(values)}
        case Record(keys=record):
            return {key.name: sample(key.type) for key in record}
        case Call(family=family):
            return sample_call(family, next(iter(CATALOG.families[family])))
        case Reference(kinds=kinds):
            return {"metric": "macro_f1", "model": "floor", "labels": "polarity", "train": "tune"}.get(kinds[0], "sort")
        case Either(options=options):
            return sample(options[-1] if isinstance(options[-1], Call) else options[0])
        case Condition():
            return {"field": "text", "op": "==", "value": "a"}
        case Anything():
            return 1
        case _:
            return "text"


def default_of(key: Key) -> Json:
    return None if isinstance(key.default, Required) else key.default


def sample_call(family: str, name: str) -> dict[str, Json]:
    required = {key.name: sample(key.type) for key in CATALOG.entry(family, name).keys if isinstance(key.default, Required)}
    return {"call": name, **required}


def other(type: Type, value: Json) -> Json:
    """Another value of the type than this one."""
    match type:
        case Choice(names=names):
            return next((name for name in names if name != value), None)
        case Integer():
            return int(str(value)) + 1 if value is not None else sample(type)
        case Real() | Fraction():
            return 0.375 if value != 0.375 else 0.5
        case Truth():
            return not value
        case RangeOf():
            return [1, 3] if value != [1, 3] else [1, 2]
        case ListOf(item=item):
            return [other(item, value[0] if isinstance(value, list) and value else None)]
        case MapOf():
            return {"sort": 7} if value != {"sort": 7} else {"sort": 8}
        case Reference(kinds=("model",)):
            return "linear" if value == "floor" else "floor"
        case Call(family=family):
            held = value.get("call") if isinstance(value, Mapping) else None
            name = next((name for name in CATALOG.families[family] if name != held), None)
            return (
                {**value, **_another_argument(family, value)}
                if name is None and isinstance(value, Mapping)
                else sample_call(family, str(name))
            )
        case Either(options=options):
            for option in options:
                candidate = {"call": "accuracy"} if option == Call("metric") else other(option, None)
                if candidate is not None and canonical(candidate) != canonical(value):
                    return candidate
            raise AssertionError(type)
        case _ if value is None:
            return sample(type)
        case Condition():
            return {"field": "text", "op": "==", "value": "b"}
        case _:
            return f"{value}_2"


def _another_argument(family: str, call: Mapping[str, Json]) -> dict[str, Json]:
    """Another value of the first argument, where a family has a single entry."""
    key = CATALOG.entry(family, str(call["call"])).keys[0]
    return {key.name: other(key.type, call.get(key.name))}


def with_value(blocks: Any, path: tuple[str, ...], value: Json) -> Blocks:
    changed = deepcopy(blocks)
    at = changed
    for part in path[:-1]:
        at = at.setdefault(part, {})
    at[path[-1]] = value
    result: Blocks = changed
    return result


def holding(family: str, name: str) -> tuple[Blocks, tuple[str, ...]]:
    """Blocks that hold a call of an entry, and its place in them."""
    if family in PROMPTED_HOLDERS:
        return with_value(prompted_blocks(), PROMPTED_HOLDERS[family], sample_call(family, name)), PROMPTED_HOLDERS[family]
    if family == "metric" and "classification" not in metric_tasks(name):
        return holding_metric(name)
    blocks: Any = small_blocks()
    path = FAMILY_HOLDERS[family]
    call: Any = sample_call(family, name)
    if family == "source" and any(key.name == "all" for key in CATALOG.entry("source", name).keys):
        call["all"] = {"text": ["../data/train.csv"]} if name == "parallel" else ["../data/train.csv"]
    if family == "source" and name == "package":
        call = {"call": "package", "name": "tiny", "format": {"call": "jsonl", "all": ["model/config.json"]}}
    if name == "inline":
        call["all"] = [{"text": "a"}]
    if family == "labels":
        return with_value(blocks, path, call), path
    if family == "model_source":
        call |= {"package": {"name": "tiny", "path": "model"}, "hf": {"id": "org/tiny"}}.get(name, {})
        blocks["run"]["main"]["train"] = "tune"
    if name == "sentence_vectors":
        call["source"] = {"call": "package", "name": "tiny", "path": "model"}
    if family == "features":
        return with_value(blocks, path, [call]), path
    if family == "architecture":
        return with_value(blocks, path[:-1], {"call": "scratch", "architecture": call}), path
    if family == "suite_score":
        blocks["suite"] = {"all": {"tasks": ["sort"]}}
        blocks["run"]["main"] |= {"suite": "all", "tasks": None}
    return with_value(blocks, path, call), path


def metric_tasks(name: str) -> tuple[str, ...]:
    facts = CATALOG.entry("metric", name).facts
    assert isinstance(facts, MetricFacts)
    return facts.tasks


def holding_metric(name: str) -> tuple[Blocks, tuple[str, ...]]:
    """A metric of a task that it fits."""
    blocks: Any = prompted_blocks()
    kinds = {"multiple_choice": "chosen", "generation": "written", "language_modeling": "read"}
    task = next((kinds[kind] for kind in metric_tasks(name) if kind in kinds), "sort")
    path = ("task", task, "metrics")
    changed = with_value(blocks, path, [sample_call("metric", name)])
    return with_value(changed, ("run", "main", "tasks"), [task]) if task != "sort" else changed, path


def catalog_keys() -> Iterator[tuple[str, str, Key]]:
    """All arguments of all calls, but for places: what lies there is in the key."""
    for family in (*FAMILY_HOLDERS, *PROMPTED_HOLDERS):
        for entry in CATALOG.families[family].values():
            for key in entry.keys:
                is_place = (family, entry.name, key.name) in LOCATED or (family == "source" and key.name in LOCATION_KEYS and not key.keyed)
                if not is_place:
                    yield family, entry.name, key


def call_at(blocks: Any, path: tuple[str, ...]) -> dict[str, Json]:
    at = blocks
    for part in path:
        at = at[part]
    found: dict[str, Json] = at[0] if isinstance(at, list) else at
    return found


@pytest.mark.parametrize(
    ("family", "name", "key"), [pytest.param(*each, id=f"{each[0]}.{each[1]}.{each[2].name}") for each in catalog_keys()]
)
def test_each_setting_of_each_entry_is_in_a_key_exactly_when_the_catalog_says_so(family: str, name: str, key: Key) -> None:
    blocks, path = holding(family, name)
    before = keys_of(blocks)
    call = call_at(blocks, path)
    held = call.get(key.name, default_of(key))
    changed = deepcopy(blocks)
    call_at(changed, path)[key.name] = changed_value(family, name, key, held)
    assert (keys_of(changed) != before) == key.keyed


def changed_value(family: str, name: str, key: Key, held: Json) -> Json:
    if (name, key.name) == ("inline", "all"):
        return [{"text": "b"}]
    if name == "inline":
        return [{"text": "c"}]
    if (family, key.name) == ("comparison", "baseline"):
        return "floor"
    if (family, key.name) == ("comparison", "metrics"):
        return [{"call": "accuracy"}]
    if (name, key.name) == ("sentence_vectors", "source"):
        return {"call": "hf", "id": "org/tiny"}
    return other(key.type, held)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        pytest.param(kind, key, id=f"{kind}.{key.name}")
        for kind in BLOCK_HOLDERS
        for key in (*CATALOG.blocks[kind].keys, *(CATALOG.entry("task", "classification").keys if kind == "task" else ()))
        if (kind, key.name) not in ELSEWHERE
    ],
)
def test_each_setting_of_each_block_is_in_a_key_exactly_when_the_catalog_says_so(kind: str, key: Key) -> None:
    blocks: Any = small_blocks()
    path = (kind, BLOCK_HOLDERS[kind], key.name)
    held = blocks[kind][BLOCK_HOLDERS[kind]].get(key.name, default_of(key))
    chosen: dict[tuple[str, str], Json] = {
        ("run", "train"): "other",
        ("run", "seeds"): [1, 2, 3],
        ("run", "models"): ["floor", "mini"],
        ("task", "metrics"): ["macro_f1", {"call": "mcc"}],
        ("task", "primary"): {"call": "accuracy"},
        ("task", "input"): ["text", "kind"],
        ("task", "evaluate_on"): "train",
        ("model", "inputs"): [],
    }
    blocks["train"]["other"] = {"epochs": 2}
    before = keys_of(blocks)
    changed = with_value(blocks, path, chosen[kind, key.name] if (kind, key.name) in chosen else other(key.type, held))
    assert (keys_of(changed) != before) == key.keyed


@pytest.mark.parametrize(
    ("task", "key"),
    [
        pytest.param(task, key, id=f"{task}.{key.name}")
        for task, kind in (
            ("sort", "classification"),
            ("chosen", "multiple_choice"),
            ("written", "generation"),
            ("read", "language_modeling"),
        )
        for key in CATALOG.entry("task", kind).keys
        if key.name in ("shots", "truncate", "calibrate", "choices", "extract_target", "vote", "window", "stride")
    ],
)
def test_each_setting_of_a_prompted_task_is_in_a_key(task: str, key: Key) -> None:
    blocks: Any = prompted_blocks()
    held = blocks["task"][task].get(key.name, None if key.default is REQUIRED else key.default)
    assert keys_of(with_value(blocks, ("task", task, key.name), other(key.type, held))) != keys_of(blocks)


@pytest.mark.parametrize("key", [key for key in CATALOG.blocks["prompt"].keys if key.keyed], ids=lambda key: key.name)
def test_each_setting_of_a_prompt_is_in_a_key(key: Key) -> None:
    blocks: Any = prompted_blocks()
    held = blocks["prompt"]["ask"].get(key.name, None if key.default is REQUIRED else key.default)
    assert keys_of(with_value(blocks, ("prompt", "ask", key.name), other(key.type, held))) != keys_of(blocks)


def test_the_seed_is_in_the_keys_of_prompts_only_where_shots_are_drawn_by_chance() -> None:
    by_chance, first = prompted_blocks(), prompted_blocks()
    first["task"] = {name: {**task, "shots": {"call": "first", "count": 2}} for name, task in first["task"].items() if name != "read"}
    by_chance["task"].pop("read")
    for blocks in (by_chance, first):
        blocks["run"]["main"] = {"tasks": list(blocks["task"]), "models": ["causal"], "seeds": [1, 2]}
    encodes = [[step for step in plan_of(blocks).steps if step.kind == "encode"] for blocks in (by_chance, first)]
    assert [len(steps) for steps in encodes] == [6, 3]


def test_the_seed_of_the_bench_is_in_the_keys_of_scores() -> None:
    assert keys_of(small_blocks(), bench={"seed": 3}) != keys_of(small_blocks(), bench={"seed": 4})


def test_a_setting_written_with_its_default_has_the_key_of_the_default() -> None:
    blocks: Any = small_blocks()
    blocks["train"]["tune"]["optimizer"] = {"call": "adamw", "weight_decay": 0.01}
    assert keys_of(blocks) == keys_of(small_blocks())


def test_a_whole_number_written_as_a_fraction_is_the_same_setting() -> None:
    blocks: Any = small_blocks()
    blocks["train"]["tune"]["epochs"] = 1.0
    assert keys_of(blocks) == keys_of(small_blocks())


def test_lowering_twice_gives_equal_plans() -> None:
    assert lower_blocks(small_blocks()) == lower_blocks(small_blocks())


def test_every_family_of_the_catalog_is_held_by_some_block_here() -> None:
    assert set(CATALOG.families) == {*FAMILY_HOLDERS, *PROMPTED_HOLDERS, "task", "format"}  # formats are sources, too
