"""What `cache gc` may remove, and what it must not."""

import os
import time
from pathlib import Path

import pytest
from small_plans import FakeSteps, small_plan, step, surroundings

from benchc.runtime.cache import Limits, choose_removals, list_entries, remove, verify
from benchc.runtime.claims import DEAD_AFTER_SECONDS
from benchc.runtime.execute import execute
from benchc.runtime.models import gguf
from benchc.runtime.store import CONVERTED, Store

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


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were converted; a conversion is a folder with two files."""
    made: list[str] = []

    def convert(file: Path, folder: Path) -> None:
        made.append(file.name)
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(b"weights" * 1000)

    monkeypatch.setattr(gguf, "_convert", convert)
    return made


def converted(store: Store) -> Path:
    return gguf.converted_gguf(Path("model.gguf"), "ab" * 32, store.folder / CONVERTED)


def test_a_converted_model_is_listed_and_goes_like_an_entry(tmp_path: Path, conversions: list[str]) -> None:
    store, now = Store(tmp_path), time.time()
    folder = converted(store)
    assert converted(store) == folder
    assert conversions == ["model.gguf"]
    (listed,) = list_entries(store)
    assert (listed.entry.kind, listed.entry.size_bytes) == ("converted", 2 + 7000)
    assert choose_removals(store, NO_LIMITS, now) == []
    assert choose_removals(store, Limits(DAY, None), now + DAY / 2) == []
    assert [one.path for one in choose_removals(store, Limits(None, 7001), now)] == [folder]
    with store.in_use([]):
        assert choose_removals(store, Limits(DAY, None), time.time() + 0.0) == []
        assert choose_removals(store, Limits(None, 0), time.time()) == []
    remove(store, choose_removals(store, Limits(DAY, None), now + 2 * DAY))
    assert list_entries(store) == []
    assert converted(store) == folder
    assert len(conversions) == 2


def test_use_keeps_a_converted_model_from_going(tmp_path: Path, conversions: list[str]) -> None:
    store = Store(tmp_path)
    folder = converted(store)
    os.utime(folder / "entry.json", (1.0, 1.0))
    assert len(choose_removals(store, Limits(DAY, None), time.time())) == 1
    converted(store)
    assert choose_removals(store, Limits(DAY, None), time.time()) == []


def test_a_damaged_conversion_is_named_and_made_again(tmp_path: Path, conversions: list[str]) -> None:
    store = Store(tmp_path)
    folder = converted(store)
    assert verify(store, lambda key: None) == []
    (folder / "model.safetensors").write_bytes(b"WEIGHTS" * 1000)
    (damage,) = verify(Store(tmp_path), lambda key: None)
    assert (damage.key, damage.reason) == (folder.name, "`model.safetensors` does not match its checksum")
    converted(store)
    assert len(conversions) == 2
    assert verify(Store(tmp_path), lambda key: None) == []


def test_what_a_killed_conversion_left_goes(tmp_path: Path, conversions: list[str]) -> None:
    store = Store(tmp_path)
    folder = converted(store)
    (folder.parent / f"{folder.name}.dead").mkdir()
    (folder.parent / ("cd" * 32 + "-1")).mkdir()
    found = choose_removals(store, NO_LIMITS, time.time())
    assert sorted(one.kind for one in found) == ["damaged", "unfinished"]
    remove(store, found)
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]


def test_verify_names_each_damaged_entry(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert verify(store, lambda key: None) == []
    key = next(key for key in store.all_keys() if (store.place(key) / "result.json").exists())
    (store.place(key) / "result.json").write_text("{}")
    (damage,) = verify(Store(tmp_path), lambda key: None)
    assert damage.key == key
    assert "result.json" in damage.reason
