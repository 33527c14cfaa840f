"""bench.lock: the content of every file that a plan reads, so that another team can see that it has the same.

In: a plan. Out: canonical JSON: digests of data files by the path in the spec, of model files by the model's location; pinned revisions
of what lies on a hub. Not in it: platform facts, and digests of digests (a merge of two locks stays readable).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchc.compiler.jsonvalue import Json
from benchc.compiler.plan import Plan, Step

LOCK_FORMAT: Final = "benchc-lock/1"


class NotALockError(Exception):
    """The message is for people."""


def make_lock(plan: Plan) -> dict[str, Json]:
    """The lock of a plan, entries sorted by name."""
    data: dict[str, Json] = {}
    models: dict[str, Json] = {}
    hubs: dict[str, Json] = {}
    for step in plan.steps:
        if step.kind == "load":
            data.update(_paired(step.params.get("files"), step.hints.get("locations")))
        models.update(_model_files(step))
        for call in _hub_calls(step.params):
            hubs[str(call.get("id"))] = call.get("revision")
    return {"format": LOCK_FORMAT, "data": _sorted(data), "models": _sorted(models), "hub": _sorted(hubs)}


def lock_place(spec: Path) -> Path:
    """Where the lock of a spec lies: beside it, `reviews.lock` for `reviews.bench`."""
    return spec.with_suffix(".lock")


def read_lock(place: Path) -> Mapping[str, Json]:
    """Raises NotALockError for a file that is none, or of another format."""
    try:
        lock = json.loads(place.read_bytes())
    except ValueError:
        lock = None
    if not isinstance(lock, dict) or lock.get("format") != LOCK_FORMAT:
        raise NotALockError(f"`{place}` is not a lock of the format {LOCK_FORMAT}; write it anew with `benchc lock --upgrade`")
    return lock


def differences(lock: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[str, ...]:
    """What differs between a lock and what is there now, in words, one item a file."""
    found: list[str] = []
    for part in ("data", "models", "hub"):
        locked, present = _items(lock.get(part)), _items(now.get(part))
        for name in sorted(locked.keys() | present.keys()):
            if name not in locked:
                found.append(f"`{name}` is not in the lock")
            elif name not in present:
                found.append(f"`{name}` is in the lock, and the spec no longer reads it")
            elif locked[name] != present[name]:
                found.append(f"`{name}` has other content than the lock says")
    return tuple(found)


def _items(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _paired(digests: Json, locations: Json) -> Iterator[tuple[str, Json]]:
    """Walks two values of the same shape down to pairs of path and digest."""
    match digests, locations:
        case Mapping(), Mapping():
            for name, inner in digests.items():
                yield from _paired(inner, locations.get(name))
        case str(), str():
            yield locations, digests
        case [*inner_digests], [*inner_locations]:
            for one, location in zip(inner_digests, inner_locations, strict=True):
                yield from _paired(one, location)


def _model_files(step: Step) -> Iterator[tuple[str, Json]]:
    """Digests of a model's files under its location; a model with several parts has one location for each."""
    locations = step.hints.get("locations") if step.kind != "load" else None
    if not isinstance(locations, Sequence) or isinstance(locations, str):
        return
    found = [call["files"] for call in _calls(step.params) if isinstance(call.get("files"), Mapping)]
    for files, location in zip(found, locations, strict=False):
        if isinstance(location, str) and isinstance(files, Mapping):
            yield from ((f"{location}/{name}", digest) for name, digest in files.items())


def _hub_calls(params: Json) -> Iterator[Mapping[str, Json]]:
    return (call for call in _calls(params) if call.get("call") in ("hub", "hf") and call.get("id") is not None)


def _calls(value: Json) -> Iterator[Mapping[str, Json]]:
    match value:
        case Mapping():
            if "call" in value:
                yield value
            for inner in value.values():
                yield from _calls(inner)
        case [*inner_values]:
            for inner in inner_values:
                yield from _calls(inner)


def _sorted(items: Mapping[str, Json]) -> dict[str, Json]:
    return dict(sorted(items.items()))
