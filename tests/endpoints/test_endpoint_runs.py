"""Whole runs with a model on a loopback server: what is sent, what is made of the answers, what is counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fake_server import Fake, score, serving
from served_specs import ROWS, write_spec

from benchc import api
from benchc.cli.plan import command as plan_command
from benchc.cli.show import command as show_command
from benchc.runtime.run_results import Results
from benchc.runtime.summary import summarize


def run(folder: Path, fake: Fake, tasks: str, arguments: str = "") -> Results:
    with serving(fake) as url:
        return api.run(write_spec(folder, url, tasks, arguments), folder / "out", cache=str(folder / "cache"))


def ok(results: Results) -> None:
    assert [cell["status"] for cell in results.cells] == ["ok"] * len(results.cells), [cell["error"] for cell in results.cells]


def cell(results: Results, task: str) -> Any:
    return next(cell for cell in results.cells if cell["task"] == task)


def test_text_is_written_by_completions(tmp_path: Path) -> None:
    fake = Fake()
    results = run(tmp_path, fake, "reply")
    ok(results)
    assert cell(results, "reply")["metrics"]["exact_match"]["value"] == 1.0
    assert {one.path for one in fake.seen} == {"/v1/completions"}
    first = next(one.body for one in fake.seen if "100" in one.body["prompt"])
    assert first == {"model": "tiny", "prompt": "what of 100?", "max_tokens": 6, "temperature": 0}
    assert len(fake.seen) == ROWS
    assert cell(results, "reply")["prediction"]["api"] == "completions"


def test_a_chat_gets_messages_and_samples_with_seeds_of_their_own(tmp_path: Path) -> None:
    fake = Fake()
    results = run(tmp_path, fake, "talked")
    ok(results)
    assert len(fake.seen) == 2 * ROWS
    assert len({one.body["seed"] for one in fake.seen}) == 2 * ROWS
    body = next(one.body for one in fake.seen if "100" in one.body["messages"][-1]["content"])
    assert body["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "what of 0?"},
        {"role": "assistant", "content": "it is 0 of these"},
        {"role": "user", "content": "what of 100?"},
    ]
    assert (body["temperature"], body["stop"], body["max_tokens"]) == (0.5, [" these"], 6)
    rows = results.predictions(cell(results, "talked")["id"]).to_pylist()
    assert all(text.startswith(" it is") and "these" not in text for row in rows for text in row["generations"])
    assert {reason for row in rows for reason in row["ended"]} == {"stop"}


@pytest.mark.parametrize("bos", ["", "<s>"])
def test_choices_and_labels_go_by_the_likelihoods_of_an_echoed_prompt(tmp_path: Path, bos: str) -> None:
    fake = Fake(bos=bos)
    results = run(tmp_path, fake, "quiz, kind")
    ok(results)
    shots = "Q: what of 0\nA. more than 0\nB. less than 0\nA: A\n\nQ: what of 1\nA. more than 1\nB. less than 1\nC. the same\nA: B\n\n"
    context = shots + "Q: what of 100\nA. more than 100\nB. less than 100\nA:"
    rows = results.predictions(cell(results, "quiz")["id"]).to_pylist()
    wanted = [score(context, " A"), score(context, " B")]
    found = [row for row in rows if len(row["log_likelihoods"]) == 2 and row["log_likelihoods"] == pytest.approx(wanted)]
    assert found, (wanted, [row["log_likelihoods"] for row in rows])
    assert all(row["tokens"] == [1] * len(row["tokens"]) for row in rows)
    plain, empty = ([score(f"Text: {text}\nSort:", f" {label}") for label in ("even", "odd")] for text in ("what of 100", "N/A"))
    likelier_odd = plain[1] - empty[1] > plain[0] - empty[0]
    answers = {row["id"]: row["prediction"] for row in results.predictions(cell(results, "kind")["id"]).to_pylist()}
    first = next(row["id"] for row in rows if row["log_likelihoods"] == pytest.approx(wanted))
    assert answers[first] == ("odd" if likelier_odd else "even")


def test_equal_requests_of_several_tasks_are_asked_once(tmp_path: Path) -> None:
    fake = Fake()
    more = (
        "task again : generation { data = exam, input = question, target = reply, prompt = write, decode = greedy(6), metrics = token_f1 }"
    )
    with serving(fake) as url:
        spec = write_spec(tmp_path, url, "reply, again", more=more)
        ok(api.run(spec, tmp_path / "out", cache=str(tmp_path / "cache")))
    assert len(fake.seen) == len(set(fake.answered())) == ROWS


def test_tokens_and_cost_are_counted_and_prices_compute_nothing_anew(tmp_path: Path) -> None:
    fake = Fake()
    with serving(fake) as url:
        first = api.run(
            write_spec(tmp_path, url, "reply", "input_price = 2, output_price = 10"), tmp_path / "out", cache=str(tmp_path / "c")
        )
        usage = cell(first, "reply")["usage"]
        assert usage == {
            "requests": 6,
            "retries": 0,
            "input_tokens": 30,
            "output_tokens": 30,
            "cost": pytest.approx((2 * 30 + 10 * 30) / 1e6),
        }
        spec = write_spec(tmp_path, url, "reply", "input_price = 4, concurrency = 1, timeout = 3s, retries = 1")
        second = api.run(spec, tmp_path / "again", cache=str(tmp_path / "c"))
    assert cell(second, "reply")["usage"]["cost"] == pytest.approx(4 * 30 / 1e6)
    assert len(fake.seen) == ROWS
    page = (tmp_path / "again" / "report.html").read_text()
    assert "Tokens and cost of requests" in page
    (asked,) = second.value["prompts"]  # type: ignore[misc]
    assert asked["tokens_estimated"] is True  # type: ignore[call-overload, index]
    assert len(asked["examples"]) == 3  # type: ignore[call-overload, index, arg-type]
    assert '<section id="prompts"' in page
    assert "no prompt is shortened" in page
    assert "served was asked 6 times, 30 tokens read, 30 written, cost 0.00012" in summarize(second.value)


def test_a_server_that_counts_no_tokens_has_no_cost(tmp_path: Path) -> None:
    results = run(tmp_path, Fake(usage=False), "reply", "input_price = 2")
    ok(results)
    assert cell(results, "reply")["usage"] == {"requests": 6, "retries": 0, "input_tokens": None, "output_tokens": None, "cost": None}
    assert "requests whose tokens the server did not count: 6" in cell(results, "reply")["prediction"]["notes"]


def test_without_completions_prompts_are_sent_as_messages_and_it_is_said(tmp_path: Path) -> None:
    fake = Fake(completions=False)
    results = run(tmp_path, fake, "reply")
    ok(results)
    assert sum(one.path == "/v1/completions" for one in fake.seen) == 1
    chats = [one.body for one in fake.seen if one.answered]
    assert len(chats) == ROWS
    assert all(len(body["messages"]) == 1 for body in chats)
    assert any("no completions" in note for note in cell(results, "reply")["prediction"]["notes"])


def test_parameters_are_sent_and_members_left_out(tmp_path: Path) -> None:
    fake = Fake()
    ok(run(tmp_path, fake, "talked", 'limit = max_completion_tokens, parameters = { effort = "low" }, omit = [seed, temperature]'))
    body = fake.seen[0].body
    assert sorted(body) == ["effort", "max_completion_tokens", "messages", "model", "stop"]


def test_requests_under_way_are_bounded(tmp_path: Path) -> None:
    fake = Fake()
    ok(run(tmp_path, fake, "quiz", "concurrency = 2"))
    assert 1 <= fake.most_at_once <= 2


def test_what_is_kept_of_a_finished_step_holds_no_journal(tmp_path: Path) -> None:
    ok(run(tmp_path, Fake(), "reply"))
    assert not list((tmp_path / "cache").rglob("answers*"))
    events = [json.loads(line)["event"] for line in (tmp_path / "out" / "events.jsonl").read_text().splitlines()]
    assert "requests_resumed" not in events


def test_prompts_and_examples_are_shown_as_texts(tmp_path: Path) -> None:
    results = run(tmp_path, Fake(), "quiz, talked")
    spec, cache = str(tmp_path / "served.bench"), str(tmp_path / "cache")
    planned = CliRunner().invoke(plan_command, [spec, "--prompts", "1", "--cache", cache], catch_exceptions=False)
    assert "characters" in planned.stdout
    assert '{"role": "system", "content": "Be short."}' in planned.stdout
    row = results.predictions(cell(results, "quiz")["id"]).to_pylist()[0]
    asked = [str(tmp_path / "out"), "--cell", str(cell(results, "quiz")["id"]), "--example", row["id"], "--cache", cache]
    shown = CliRunner().invoke(show_command, asked, catch_exceptions=False).stdout
    assert f"choice 0: {row['log_likelihoods'][0]:.4f} (the server alone knows its tokens)" in shown
    assert "| ' A'" in shown
    value = json.loads(CliRunner().invoke(show_command, [*asked, "--format", "json"], catch_exceptions=False).stdout)
    assert value["requests"][0]["context"] == value["prompt"]["text"]


def test_a_plan_tells_requests_tokens_and_cost(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, "http://127.0.0.1:9/v1", "reply, talked, kind", "input_price = 1, output_price = 2")
    arguments = [str(spec), "--cache", str(tmp_path / "cache"), "--format", "json"]
    asked = json.loads(CliRunner().invoke(plan_command, arguments, catch_exceptions=False).stdout)["servers"]["served"]
    assert asked["requests"] == ROWS + 2 * ROWS + 2 * ROWS
    assert asked["output_tokens"] == 6 * ROWS + 6 * 2 * ROWS + 2 * ROWS
    assert asked["cost"] == pytest.approx((asked["input_tokens"] + 2 * asked["output_tokens"]) / 1e6, abs=1e-6)
    assert "served is asked 30 times" in CliRunner().invoke(plan_command, arguments[:3], catch_exceptions=False).stdout
