"""What `cache gc` may remove, and what it must not."""

import time
from pathlib import Path

from small_plans import FakeSteps, small_plan, step, surroundings

from benchc.runtime.cache import Limits, choose_removals, list_entries, remove, verify
from benchc.runtime.claims import DEAD_AFTER_SECONDS
from benchc.runtime.execute import execute
from benchc.runtime.store import Store

DAY = 86400.0
NO_LIMITS = Limits(None, None)


def filled(folder: Path) -> Store:
    store = Store(folder)
    execute(small_plan(models=("linear",), seeds=(1,)), store, surroundings(folder, FakeSteps()))
    return store


def test_without_limits_only_leftovers_go(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert choose_removals(store, NO_LIMITS, time.time()) == []
    key = next(store.all_keys())
    (tmp_path / "aside" / f"{'0' * 64}.dead").mkdir()
    (tmp_path / "checkpoints" / key).mkdir(parents=True)
    (tmp_path / "locks" / "run-dead.keys").write_text(key)
    store.set_aside(key)
    execute(small_plan(models=("linear",), seeds=(1,)), store, surroundings(tmp_path, FakeSteps()))
    found = choose_removals(store, NO_LIMITS, time.time())
    assert sorted(one.kind for one in found) == ["damaged", "lock", "unfinished"]
    remove(store, found)
    assert choose_removals(store, NO_LIMITS, time.time()) == []


def test_what_was_not_used_for_long_goes(tmp_path: Path) -> None:
    store = filled(tmp_path)
    now = time.time()
    assert choose_removals(store, Limits(DAY, None), now + DAY / 2) == []
    found = choose_removals(store, Limits(DAY, None), now + 2 * DAY)
    assert len(found) == len(list(store.all_keys()))
    assert "2 days" in found[0].reason
    remove(store, found)
    assert list(store.all_keys()) == []


def test_the_longest_unused_go_until_the_rest_fits(tmp_path: Path) -> None:
    store = filled(tmp_path)
    listed = list_entries(store)
    whole = sum(one.entry.size_bytes for one in listed)
    found = choose_removals(store, Limits(None, whole - 1), time.time())
    assert [one.path for one in found] == [listed[-1].entry.folder]
    assert len(choose_removals(store, Limits(None, 0), time.time())) == len(listed)


def test_what_a_living_run_uses_stays(tmp_path: Path) -> None:
    store = filled(tmp_path)
    keys = list(store.all_keys())
    with store.in_use(keys[:2]):
        found = choose_removals(store, Limits(None, 0), time.time())
        assert {one.path.name for one in found} == set(keys[2:])
        assert len(choose_removals(store, Limits(None, 0), time.time() + 2 * DEAD_AFTER_SECONDS)) == len(keys) + 2


def test_what_is_being_computed_stays(tmp_path: Path) -> None:
    store, one = filled(tmp_path), step("load", {"source": "another"})
    with store.claim(one.key, lambda owner: None) as claim:
        (claim.folder / "rows.txt").write_text("half")
        (claim.checkpoint / "state").write_text("half")
        assert choose_removals(store, NO_LIMITS, time.time()) == []


def test_the_checkpoint_of_an_unfinished_step_stays(tmp_path: Path) -> None:
    store, one = filled(tmp_path), step("train", {"seed": 9})
    with store.claim(one.key, lambda owner: None) as claim:
        (claim.checkpoint / "state").write_text("half")
    assert choose_removals(store, NO_LIMITS, time.time()) == []


def test_verify_names_each_damaged_entry(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert verify(store, lambda key: None) == []
    key = next(key for key in store.all_keys() if (store.place(key) / "result.json").exists())
    (store.place(key) / "result.json").write_text("{}")
    (damage,) = verify(Store(tmp_path), lambda key: None)
    assert damage.key == key
    assert "result.json" in damage.reason
