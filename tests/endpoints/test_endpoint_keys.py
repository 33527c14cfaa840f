"""What of an endpoint decides about a stored result, and what does not."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from served_specs import write_spec

from benchc import api

TASKS = "quiz, reply"
PLAIN = 'api = auto, key_env = "A"'


def keys(
    folder: Path, arguments: str, url: str = "http://127.0.0.1:9/v1", more: str = "", change: tuple[str, str] = ("", "")
) -> Mapping[str, set[str]]:
    spec = write_spec(folder, url, TASKS, arguments, more)
    spec.write_text(spec.read_text().replace(*change))
    plan = api.compile(spec, cache=str(folder / "cache")).plan
    assert plan is not None
    return {kind: {step.key for step in plan.steps if step.kind == kind} for kind in ("encode", "predict")}


@pytest.mark.parametrize(
    "arguments",
    ['key_env = "B"', "concurrency = 9", "timeout = 3s", "retries = 0", "requests_per_minute = 60", "input_price = 1", "output_price = 2"],
)
def test_how_requests_are_sent_and_what_they_cost_changes_no_key(tmp_path: Path, arguments: str) -> None:
    assert keys(tmp_path, arguments) == keys(tmp_path, PLAIN)


@pytest.mark.parametrize(
    "arguments",
    ["api = completions", "limit = max_completion_tokens", "parameters = { a = 1 }", "omit = [seed]"],
)
def test_what_is_asked_is_in_the_keys_of_predictions_and_prompts_are_shared(tmp_path: Path, arguments: str) -> None:
    one, other = keys(tmp_path, PLAIN), keys(tmp_path, arguments)
    assert one["predict"].isdisjoint(other["predict"])
    assert one["encode"] == other["encode"]


def test_another_server_and_another_model_are_asked_the_same_prompts(tmp_path: Path) -> None:
    one = keys(tmp_path, PLAIN)
    for other in (keys(tmp_path, PLAIN, url="http://127.0.0.1:8/v1"), keys(tmp_path, PLAIN, change=('"tiny"', '"small"'))):
        assert one["predict"].isdisjoint(other["predict"])
        assert one["encode"] == other["encode"]
