"""A value in the first JSON object or list of a text."""

import json
import re
from collections.abc import Mapping, Sequence

from benchc.compiler.jsonvalue import Json
from benchc.runtime.extraction.found import Finding, Found
from benchc.runtime.work import StepFailed

PATH = re.compile(r"[^.\[\]]+|\[\d+\]")
MOST_STARTS = 200  # brackets that are tried: a text of brackets alone must not take forever


def json_path(settings: Mapping[str, Json]) -> Finding:
    """A string as it is, any other value as JSON; None when there is no JSON or no such place in it.

    The place found is that of the whole JSON value: what stands in it may be written in many ways."""
    path = read_path(str(settings["path"]))

    def find(text: str) -> Found | None:
        value, start, end = _first_value(text)
        for step in path:
            value = _inside(value, step)
        if value is None:
            return None
        answer = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        return Found(answer, start, end)

    return find


def read_path(text: str) -> Sequence[str | int]:
    """`items[0].name` as `("items", 0, "name")`. Raises StepFailed when it is none."""
    steps = PATH.findall(text)
    if "".join(steps) != text.replace(".", "") or not steps:
        raise StepFailed("bad_path", f"`{text}` is no path into JSON", "write it like `answer.value` or `items[0]`")
    return tuple(int(step[1:-1]) if step.startswith("[") else step for step in steps)


def _first_value(text: str) -> tuple[Json, int, int]:
    """The value, and where it begins and ends."""
    decoder = json.JSONDecoder()
    for start in [match.start() for match in re.finditer(r"[{\[]", text)][:MOST_STARTS]:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        return value, start, end
    return None, 0, 0


def _inside(value: Json, step: str | int) -> Json:
    if isinstance(value, Mapping) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        inner: Json = value[step]
        return inner
    return None
