"""Division into splits: exact sizes, whole groups, no dependence on position."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from data_steps import Data, Loaded, Split, call, fractions, label, labels, name, number, text
from hypothesis import given
from hypothesis import strategies as st

from benchc.runtime.data.divide import divide, divide_groups, largest_remainder, stratum_sizes
from benchc.runtime.work import StepFailed

FIELDS = {"text": text(), "kind": label(labels("a", "b", "c")), "user": name("group"), "n": number()}


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"text": f"t{i}", "kind": "aab c"[i % 5].strip() or "c", "user": f"u{i // 4}", "n": i} for i in range(start, start + count)]


def load(data: Data, **parts: list[dict[str, Any]]) -> Loaded:
    return data.load("inline", None, FIELDS, **parts)


def by_text(split: Split) -> dict[str, str]:
    return {member: part for part in split.view.splits for member in split.members(part, "text")}


def failure(data: Data, loaded: Loaded, **params: Any) -> StepFailed:
    with pytest.raises(StepFailed) as caught:
        data.split(loaded, **params)
    return caught.value


SHARES = st.sampled_from([(0.8, 0.1, 0.1), (0.9, 0.1), (0.5, 0.5), (1 / 3, 1 / 3, 1 / 3), (0.0, 1.0), (0.05, 0.15, 0.8)])


@given(st.integers(0, 10_000), SHARES)
def test_largest_remainder_adds_up_and_is_within_one(count: int, shares: tuple[float, ...]) -> None:
    sizes = largest_remainder(count, shares)
    assert sum(sizes) == count
    assert all(abs(size - count * share) < 1 for size, share in zip(sizes, shares, strict=True))


@given(st.lists(st.integers(0, 200), min_size=1, max_size=30), SHARES)
def test_stratum_sizes_add_up_both_ways(counts: list[int], shares: tuple[float, ...]) -> None:
    sizes = stratum_sizes(counts, shares)
    assert [sum(row) for row in sizes] == counts
    assert [sum(row[part] for row in sizes) for part in range(len(shares))] == largest_remainder(sum(counts), shares)
    for row, count in zip(sizes, counts, strict=True):
        assert all(-1e-6 <= size - int(count * share + 1e-9) <= 2 for size, share in zip(row, shares, strict=True))


def test_many_small_strata_still_fill_every_part() -> None:
    sizes = stratum_sizes([3] * 100, (0.8, 0.1, 0.1))
    assert [sum(row[part] for row in sizes) for part in range(3)] == [240, 30, 30]


@given(st.lists(st.integers(0, 2**63), min_size=5, max_size=200, unique=True), st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_ones_part(ranks: list[int], random: Any) -> None:
    strata = [rank % 3 for rank in ranks]
    first = dict(zip(ranks, divide(np.array(ranks, np.uint64), (0.7, 0.3), np.array(strata)).tolist(), strict=True))
    random.shuffle(ranks)
    again = divide(np.array(ranks, np.uint64), (0.7, 0.3), np.array([rank % 3 for rank in ranks]))
    assert first == dict(zip(ranks, again.tolist(), strict=True))


@given(st.lists(st.integers(0, 2**63), min_size=6, max_size=200, unique=True), SHARES)
def test_a_further_row_moves_at_most_one_row_over_each_boundary(ranks: list[int], shares: tuple[float, ...]) -> None:
    none = np.zeros(len(ranks), np.int64)
    whole = divide(np.array(ranks, np.uint64), shares, none)
    less = divide(np.array(ranks[:-1], np.uint64), shares, none[:-1])
    assert (whole[:-1] != less).sum() <= len(shares) - 1


@given(st.lists(st.integers(1, 20), min_size=10, max_size=60), SHARES)
def test_groups_stay_whole_and_sizes_are_near(sizes: list[int], shares: tuple[float, ...]) -> None:
    groups = np.repeat(np.arange(len(sizes)), sizes)
    ranks = np.random.default_rng(len(groups)).integers(0, 2**63, len(sizes)).astype(np.uint64)
    parts = divide_groups(ranks, shares, np.zeros(len(groups), np.int64), groups)
    assert all(len(set(parts[groups == group])) == 1 for group in range(len(sizes)))
    found = np.bincount(parts, minlength=len(shares))
    assert all(abs(size - len(groups) * share) <= 2 * max(sizes) for size, share in zip(found, shares, strict=True))


def test_fractions_are_stratified_and_exact(data: Data) -> None:
    split = data.split(load(data, all=rows(200)), splits=fractions(train=0.8, dev=0.1, test=0.1, stratify="kind"))
    assert split.summary["rows"] == {"train": 160, "dev": 20, "test": 20}
    assert Counter(split.members("test", "kind")) == {0: 8, 1: 4, 2: 8}
    assert split.view.labels == {"kind": ("a", "b", "c")}


def test_shuffling_and_adding_rows_elsewhere_moves_nothing(data: Data) -> None:
    splits = fractions(**{"from": "train"}, train=0.7, dev=0.3, seed=5)
    first = by_text(data.split(load(data, train=rows(50), test=rows(20, 100)), splits=splits))
    assert first == by_text(data.split(load(data, train=rows(50)[::-1], test=rows(20, 100)), splits=splits))
    longer = by_text(data.split(load(data, train=rows(50), test=rows(30, 100)), splits=splits))
    assert first == {member: longer[member] for member in first}


def test_another_seed_divides_differently(data: Data) -> None:
    loaded = load(data, all=rows(100))
    first, second = (by_text(data.split(loaded, splits=fractions(train=0.5, test=0.5, seed=seed))) for seed in (1, 2))
    assert first != second


def test_from_divides_that_part_alone(data: Data) -> None:
    loaded = load(data, train=rows(40), test=rows(10, 100))
    split = data.split(loaded, splits=fractions(**{"from": "train"}, train=0.9, dev=0.1))
    assert split.summary["rows"] == {"train": 36, "dev": 4, "test": 10}
    assert set(split.members("test", "text")) == {f"t{i}" for i in range(100, 110)}


def test_groups_never_straddle_splits(data: Data) -> None:
    split = data.split(load(data, all=rows(200)), splits=fractions(train=0.6, dev=0.2, test=0.2, group="user", stratify="kind"))
    users = [set(split.members(part, "user")) for part in ("train", "dev", "test")]
    assert sum(map(len, users)) == len(set.union(*users))
    assert all(abs(split.summary["rows"][part] - size) <= 8 for part, size in (("train", 120), ("dev", 40), ("test", 40)))


def test_folds_cover_each_row_once(data: Data) -> None:
    loaded = load(data, train=rows(53), dev=rows(5, 200), test=rows(10, 100))
    fold = {"count": 5, "stratify": "kind", "group": None, "seed": 0}
    folds = [data.split(loaded, fold={**fold, "index": index}) for index in range(5)]
    assert Counter(member for split in folds for member in split.members("test", "text")) == {f"t{i}": 1 for i in range(53)}
    for split in folds:
        assert split.summary["rows"]["train"] + split.summary["rows"]["test"] == 53
        assert split.summary["rows"]["dev"] == 5
        assert split.summary["dropped"]["fold"] == 10
        assert 10 <= split.summary["rows"]["test"] <= 11


def test_folds_of_an_undivided_source_by_group(data: Data) -> None:
    loaded = load(data, all=rows(40))
    fold = {"count": 3, "stratify": None, "group": "user", "seed": 0}
    tests = [set(data.split(loaded, fold={**fold, "index": index}).members("test", "user")) for index in range(3)]
    assert sum(map(len, tests)) == len(set.union(*tests)) == 10


def test_a_column_divides(data: Data) -> None:
    parts = ["train", "valid", "test", "other"]
    found = [{"text": f"t{i}", "part": parts[i % 4]} for i in range(12)]
    fields = {"text": text(), "_division": name("group", "part")}
    loaded = data.load("inline", None, fields, all=found)
    splits = call("splits", "column", column="part", dev=["valid"], drop=["other"])
    split = data.split(loaded, splits=splits)
    assert split.summary["rows"] == {"train": 3, "dev": 3, "test": 3}
    assert split.summary["dropped"]["column"] == 3
    assert split.view.rows("test").column_names == ["_id", "text"]
    error = failure(data, loaded, splits=call("splits", "column", column="part", dev=["valids"], drop=["other"]))
    assert (error.code, error.message) == ("unknown_split", "3 rows have `valid` in `part`, which names no split; near: `valids`")


def test_a_column_that_a_field_reads_divides_too(data: Data) -> None:
    loaded = data.load(
        "inline", None, {"text": text(), "p": name("group", "part")}, all=[{"text": "a", "part": "test"}, {"text": "b", "part": "train"}]
    )
    assert data.split(loaded, splits=call("splits", "column", column="part")).summary["rows"] == {"train": 1, "test": 1}
    assert failure(data, loaded, splits=call("splits", "column", column="absent")).code == "missing_column"


def test_take_is_nested_and_by_content(data: Data) -> None:
    loaded = load(data, train=rows(50), test=rows(20, 100))
    ten, five = data.split(loaded, take=10), data.split(load(data, train=rows(50)[::-1], test=rows(20, 100)), take=5)
    assert ten.summary["rows"] == {"train": 10, "test": 10}
    assert ten.summary["dropped"]["take"] == 50
    assert set(five.members("train", "text")) < set(ten.members("train", "text"))


def test_dedupe_keeps_the_row_in_test(data: Data) -> None:
    loaded = load(data, train=[*rows(10), *rows(4)], test=rows(3))
    split = data.split(loaded, dedupe=["text"])
    assert split.summary["rows"] == {"train": 7, "test": 3}
    assert split.summary["dropped"]["dedupe"] == 7
    assert split.summary["overlap"] == {"test_in_train": 0}


def test_dedupe_of_several_fields_drops_rows_that_are_equal_in_all_of_them(data: Data) -> None:
    twin = [{**row, "kind": "b" if row["kind"] == "a" else "a"} for row in rows(4)]
    loaded = load(data, train=[*rows(10), *rows(2), *twin], test=rows(3, 50))
    both = data.split(loaded, dedupe=["kind", "text"])
    assert both.summary["dropped"]["dedupe"] == 2
    assert data.split(loaded, dedupe=["text", "kind"]).summary["rows"] == both.summary["rows"] == {"train": 14, "test": 3}
    assert data.split(loaded, dedupe=["text"]).summary["rows"] == {"train": 10, "test": 3}


def test_equal_texts_in_train_and_test_are_counted(data: Data) -> None:
    twin = [{**row, "kind": "b"} for row in rows(3)]
    split = data.split(load(data, train=[*rows(10), *rows(2)], test=[*twin, *rows(5, 50)]))
    assert split.summary["overlap"] == {"test_in_train": 3}
    assert split.summary["duplicates"] == {"train": 2, "test": 0}


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (("n", ">=", 8), ["t8", "t9"]),
        (("n", "<", 2), ["t0", "t1"]),
        (("n", "==", 3), ["t3"]),
        (("n", "!=", 3), [f"t{i}" for i in range(10) if i != 3]),
        (("n", "<=", 0.5), ["t0"]),
        (("n", ">", 8.5), ["t9"]),
        (("kind", "==", "b"), ["t2", "t7"]),
        (("kind", "!=", "a"), ["t2", "t3", "t4", "t7", "t8", "t9"]),
        (("text", "==", "t4"), ["t4"]),
        (("text", ">=", "t8"), ["t8", "t9"]),
        (("user", "!=", "u0"), [f"t{i}" for i in range(4, 10)]),
    ],
)
def test_where(data: Data, condition: tuple[str, str, Any], kept: list[str]) -> None:
    field, op, value = condition
    split = data.split(load(data, all=rows(10)), where=[{"field": field, "op": op, "value": value}])
    assert split.members("all", "text") == kept
    assert split.summary["dropped"]["where"] == 10 - len(kept)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (("kinds", "==", "a"), "there is no field `kinds`; near: `kind`"),
        (("n", "==", "x"), "`n` is a number, and is compared with `x`"),
        (("kind", "<", "b"), "`kind` is a label, which `<` cannot compare"),
        (("kind", "==", "bb"), "`bb` is no label of `kind`"),
        (("text", "<", 3), "`text` is a text, and is compared with `3` by `<`"),
    ],
)
def test_wrong_conditions(data: Data, condition: tuple[str, str, Any], message: str) -> None:
    field, op, value = condition
    error = failure(data, load(data, all=rows(10)), where=[{"field": field, "op": op, "value": value}])
    assert (error.code, error.message.startswith(message)) == ("wrong_condition", True), error.message


@pytest.mark.parametrize(
    ("parts", "params", "code", "message"),
    [
        ({"all": 3}, {"splits": fractions(train=0.9, test=0.1)}, "empty_split", "no row of `all` falls to `test`"),
        ({"all": 10}, {"splits": fractions(train=0.9, test=0.2)}, "wrong_fractions", "the shares add up to 1.1, not to 1"),
        (
            {"train": 5, "test": 5},
            {"splits": fractions(train=0.9, dev=0.1)},
            "which_part",
            "the source gives `train`, `test`; which one is to be divided?",
        ),
        (
            {"train": 5, "test": 5},
            {"splits": fractions(**{"from": "train"}, train=0.5, test=0.5)},
            "split_given_twice",
            "`test` comes from the source, and from `train` by fraction too",
        ),
        (
            {"train": 5},
            {"splits": fractions(**{"from": "dev"}, train=0.5, test=0.5)},
            "empty_split",
            "there are no rows in `dev` to divide",
        ),
        (
            {"all": 9},
            {"where": [{"field": "n", "op": ">", "value": 100}]},
            "empty_split",
            "no row is left in `all` after `where` and `dedupe`",
        ),
        (
            {"all": 4},
            {"fold": {"index": 0, "count": 5, "stratify": None, "group": None, "seed": 0}},
            "empty_split",
            "4 rows cannot make 5 folds",
        ),
        (
            {"all": 9},
            {"splits": fractions(train=0.5, test=0.5, stratify="kin")},
            "unknown_field",
            "`stratify` names `kin`, which is no field",
        ),
        (
            {"all": 9},
            {"splits": fractions(train=0.5, test=0.5, stratify="n")},
            "wrong_field",
            "rows cannot be stratified by `n`, which is a number",
        ),
        ({"all": 9}, {"dedupe": ["txt"]}, "unknown_field", "`dedupe` names `txt`, which is no field; near: `text`"),
    ],
)
def test_splits_that_cannot_be(data: Data, parts: dict[str, int], params: dict[str, Any], code: str, message: str) -> None:
    error = failure(data, load(data, **{part: rows(count, 1000 * at) for at, (part, count) in enumerate(parts.items())}), **params)
    assert (error.code, error.message.startswith(message)) == (code, True), error.message


def test_view_gives_rows_in_order_with_their_numbers(data: Data) -> None:
    split = data.split(load(data, all=rows(30)), splits=fractions(train=0.5, test=0.5))
    numbers = split.view.row_numbers("train")
    assert split.members("train", "text") == [f"t{i}" for i in numbers]
    assert split.view.splits == ("train", "test")
    assert split.view.rows("dev").num_rows == 0
    assert split.view.row_numbers("dev").tolist() == []


def test_ids_do_not_depend_on_order_or_on_other_rows(data: Data) -> None:
    first = load(data, all=[*rows(3), *rows(1)])
    second = load(data, all=[*rows(9)[::-1], *rows(1)], test=rows(2))
    ids = {(row["text"], row["_id"]) for row in first.table.to_pylist()}
    assert ids <= {(row["text"], row["_id"]) for row in second.table.to_pylist()}
    assert sum("~2" in row_id for _, row_id in ids) == 1
