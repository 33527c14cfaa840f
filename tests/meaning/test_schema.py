"""The JSON Schema that benchc publishes, and the validation that uses it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from meaning.specs import EDITION, SPEC, codes, sound

from benchc.compiler.accepts import accepts
from benchc.compiler.catalog import CATALOG
from benchc.compiler.catalog.model import BlockKind, Entry
from benchc.compiler.schema import block_schema, spec_schema
from benchc.compiler.violations import Validation

SCHEMA = spec_schema(CATALOG)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("train x { epochs = 0 }", "out_of_range"),
        ("train x { optimizer = adamx }", "unknown_call"),
        ("train x { optimizer = adamw(rate = 1) }", "unknown_key"),
        ('model x { source = "file" }', "wrong_type"),
        ("model x { pooling = men, source = baseline(majority) }", "unknown_choice"),
        ("model x { normalize = true }", "missing_key"),
    ],
)
def test_what_is_a_problem_is_also_against_the_published_schema(block: str, code: str) -> None:
    """Validating calls by their name gives the verdict that the published schema gives."""
    assert codes(EDITION + block)[:1] == [code]
    kind = block.split()[0]
    settings = {
        "train x { epochs = 0 }": {"epochs": 0},
        "train x { optimizer = adamx }": {"optimizer": {"call": "adamx"}},
        "train x { optimizer = adamw(rate = 1) }": {"optimizer": {"call": "adamw", "rate": 1}},
        'model x { source = "file" }': {"source": "file"},
        "model x { pooling = men, source = baseline(majority) }": {
            "pooling": "men",
            "source": {"call": "baseline", "answer": {"call": "majority"}},
        },
        "model x { normalize = true }": {"normalize": True},
    }[block]
    assert not Draft202012Validator(SCHEMA).is_valid({kind: {"x": settings}})


def test_a_sound_spec_is_valid_against_the_published_schema() -> None:
    spec = sound(SPEC)
    instance = {}
    for kind, blocks in spec.blocks.items():
        for name, block in blocks.items():
            given = {key: block.settings[key] for key in block.written if key in block.settings}
            variant = {} if block.variant is None else {"variant": block.variant}
            instance.setdefault(kind, {})[name] = {**variant, **_without_null(given)}
    errors = list(Draft202012Validator(SCHEMA).iter_errors(instance))
    assert errors == []


CALLS = st.sampled_from(
    [
        {"call": "adamw", "lr": 0.1},
        {"call": "adamw", "lr": 0},
        {"call": "baseline", "answer": {"call": "majority"}},
        {"call": "csv", "all": ["a.csv"]},
        {"call": "csv", "separator": ";;"},
        {"call": "last"},
        {"call": "f1", "average": "macro"},
        {"call": "nothing"},
        {"call": 3},
        {"call": "best", "metric": "macro_f1", "on": "dev"},
    ]
)
LEAVES = st.sampled_from([True, False, 0, 1, -1, 3, 2.0, 0.5, 1e9, "auto", "none", "text", "", "a", None]) | CALLS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "time", "call"]), inner, max_size=2),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_the_filter_before_jsonschema_gives_its_verdict(data: st.DataObject) -> None:
    """What `accepts` takes is valid; what is valid it takes, for all JSON that evaluation can make."""
    validation = Validation(CATALOG)
    kind = CATALOG.blocks[data.draw(st.sampled_from(["train", "model", "run", "dataset", "suite", "bench", "labels"]))]
    keys = {key.name: key for key in kind.keys} or {"value": None}
    chosen = data.draw(st.lists(st.sampled_from([*keys, "wrong"]), max_size=4, unique=True))
    written = {key: data.draw(VALUES) for key in chosen}
    definitions = SCHEMA["$defs"]
    valid = Draft202012Validator({"$ref": f"#/$defs/block.{kind.name}", "$defs": definitions}).is_valid(written)
    accepted = accepts(written, block_schema(kind, CATALOG), validation._schema_of_call)
    assert accepted == valid


def _without_null(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value


FORM = {"unknown_call", "unknown_key", "unknown_choice", "unknown_variant", "wrong_type", "wrong_unit", "wrong_argument", "wrong_form"}
FORM |= {"out_of_range", "missing_key", "quotes", "unknown_kind", "unexpected"}

# Where the example of an entry stands in a spec, by family.
CONTEXTS = {
    "task": "{}",
    "source": "dataset x {{ {} }}",
    "format": "dataset x {{ {} }}",
    "field": 'dataset x {{ source = csv("x.csv"), {} }}',
    "splits": 'dataset x {{ source = csv("x.csv"), {} }}',
    "labels": "{}",
    "metric": "metric x = {}",
    "model_source": "model x {{ {} }}",
    "features": "model x {{ source = sklearn({}, auto) }}",
    "estimator": "model x {{ source = sklearn(tfidf, {}) }}",
    "architecture": "model x {{ source = {} }}",
    "baseline": "model x {{ source = {} }}",
    "head": "model x {{ source = scratch(bert), {} }}",
    "optimizer": "train x {{ {} }}",
    "schedule": "train x {{ {} }}",
    "loss": "train x {{ {} }}",
    "select": "train x {{ {} }}",
    "early_stop": "train x {{ {} }}",
    "comparison": "run x {{ compare = {} }}",
    "suite_score": "suite x {{ tasks = [], aggregate = {} }}",
    "validation": "run x {{ validate = {} }}",
    "shots": "task x : generation {{ data = d, input = a, target = b, {} }}",
    "decode": "task x : generation {{ data = d, input = a, target = b, {} }}",
    "extract": "task x : generation {{ data = d, input = a, target = b, {} }}",
    "answer": "task x : multiple_choice {{ data = d, choices = c, {} }}",
    "calibration": "task x : classification {{ data = d, input = a, target = b, {} }}",
}
ENTRIES = [
    pytest.param(family, entry, id=f"{family}.{entry.name}") for family, known in CATALOG.families.items() for entry in known.values()
]


@pytest.mark.parametrize(("family", "entry"), ENTRIES)
def test_the_example_of_every_entry_is_written_right(family: str, entry: Entry) -> None:
    assert entry.example
    context = CONTEXTS[family]
    if family == "estimator" and entry.example.startswith("sklearn("):
        context = "model x {{ source = {} }}"
    spec = EDITION + context.format(entry.example) + "\n"
    expected = {"missing_key", "out_of_range"} if family in ("comparison", "suite_score", "validation") else set()
    assert set(codes(spec)) & (FORM - expected) == set()


@pytest.mark.parametrize("kind", [kind for kind in CATALOG.blocks.values() if kind.example], ids=lambda kind: kind.name)
def test_the_example_of_every_block_is_written_right(kind: BlockKind) -> None:
    assert set(codes(EDITION + kind.example + "\n")) & FORM == set()


@pytest.mark.parametrize(("family", "entry"), ENTRIES)
def test_every_entry_is_consistent(family: str, entry: Entry) -> None:
    keys = [key.name for key in entry.keys]
    assert len(set(keys)) == len(keys)
    assert set(entry.positional) <= set(keys)
    assert entry.rest is None or entry.rest in keys
    assert not entry.doc.endswith(".")
