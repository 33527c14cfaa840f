"""Tries, waits and rates, by a clock of the tests' own; what a server asks for; answers that are kept."""

from pathlib import Path

import pytest

from benchc.runtime.endpoints.asks import Ask, scoring, writing
from benchc.runtime.endpoints.caller import Caller, Retry, Told, wait_after
from benchc.runtime.endpoints.exchange import Answer, proxy_for
from benchc.runtime.endpoints.failure import AskFailed, wait_seconds
from benchc.runtime.endpoints.gate import Gate
from benchc.runtime.endpoints.journal import open_journal
from benchc.runtime.endpoints.replies import Usage, Written

SOURCE = {"call": "endpoint", "url": "http://host/v1/", "model": "m", "limit": "max_tokens", "parameters": {}, "omit": []}
DECODE = {"call": "greedy", "max_new_tokens": 4, "stop": []}
GOOD = Answer(200, {}, '{"choices": [{"text": "yes", "finish_reason": "stop"}]}')


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 6))
        self.now += seconds


class Script:
    """Answers in their order; an exception is raised."""

    def __init__(self, *answers: Answer | AskFailed) -> None:
        self.answers = list(answers)
        self.sent: list[bytes] = []

    def post(self, path: str, body: bytes) -> Answer:
        self.sent.append(body)
        answer = self.answers.pop(0)
        if isinstance(answer, AskFailed):
            raise answer
        return answer


def one_ask(prompt: str = "what?") -> Ask:
    return writing(SOURCE, prompt, DECODE, None, chat=False)


def call(time: Time, *answers: Answer | AskFailed, retries: int = 10, per_minute: float | None = None) -> Told:
    gate = Gate(per_minute, time.clock, time.pause)
    return Caller(Script(*answers), gate, "host", retries, time.pause).ask(one_ask(), lambda retry: None)


def test_waits_grow_twofold_up_to_a_minute_and_are_the_same_each_time() -> None:
    time = Time()
    told = call(time, *[Answer(500, {}, "")] * 9, GOOD)
    assert time.pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert told.tries == 10
    assert wait_after(10_000) == 60


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.25"}, 0.5),  # no sooner than without
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, 0.5),
        ({"retry-after": "soon"}, 0.5),
    ],
)
def test_a_server_that_asks_for_time_gets_it(headers: dict[str, str], seconds: float) -> None:
    time = Time()
    call(time, Answer(429, headers, ""), GOOD)
    assert time.pauses == [seconds]


def test_a_date_in_the_past_asks_for_nothing() -> None:
    assert wait_seconds({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:30 GMT"}) == 0


def test_all_wait_when_a_server_is_busy_and_one_alone_when_it_fails() -> None:
    time = Time()
    gate = Gate(None, time.clock, time.pause)
    Caller(Script(Answer(500, {}, ""), GOOD), gate, "host", 3, time.pause).ask(one_ask(), lambda retry: None)
    gate.enter()
    assert time.pauses == [0.5]
    gate.hold(9)
    gate.enter()
    assert time.pauses == [0.5, 9]


def test_requests_begin_evenly() -> None:
    time = Time()
    gate = Gate(30, time.clock, time.pause)
    begun = []
    for _ in range(4):
        gate.enter()
        begun.append(time.now)
    assert begun == [100, 102, 104, 106]


def test_each_try_is_told_with_its_reason() -> None:
    time, told = Time(), list[Retry]()
    gate = Gate(None, time.clock, time.pause)
    Caller(Script(Answer(503, {}, "full"), GOOD), gate, "host", 3, time.pause).ask(one_ask(), told.append)
    assert [(one.failure.code, one.failure.message, one.tries, one.wait_seconds) for one in told] == [
        ("endpoint_busy", "host answers 503: full", 1, 0.5)
    ]


def test_a_request_is_kept_by_all_that_its_answer_depends_on() -> None:
    same = [one_ask(), writing({**SOURCE, "url": "http://host/v1"}, "what?", DECODE, 5, chat=False)]
    others = [
        one_ask("what? "),
        writing({**SOURCE, "url": "http://other/v1"}, "what?", DECODE, None, chat=False),
        writing({**SOURCE, "model": "n"}, "what?", DECODE, None, chat=False),
        writing(SOURCE, "what?", {**DECODE, "stop": ["\n"]}, None, chat=False),
        writing(SOURCE, "what?", DECODE, None, chat=True),
        writing({**SOURCE, "parameters": {"a": 1}}, "what?", DECODE, None, chat=False),
        scoring(SOURCE, "a b", " c"),
        scoring(SOURCE, "a", " b c"),
    ]
    assert len({one.digest for one in same}) == 1
    assert len({one.digest for one in (*same, *others)}) == 1 + len(others)


def told(text: str) -> Told:
    return Told(Written(text, "end", Usage(1, 2, "m")), 1)


def test_kept_answers_are_read_back(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.add("a", told("one\n😀 ü"))
    journal.add("b", told(""))
    again = open_journal(tmp_path)
    assert again.answers == {"a": told("one\n😀 ü"), "b": told("")}
    assert again.found == {"a", "b"}


@pytest.mark.parametrize(
    ("url", "variables", "wanted"),
    [
        ("https://a.org/v1", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://a.org/v1", {"https_proxy": "p:1"}, "http://p:1"),
        ("http://a.org/v1", {"https_proxy": "p:1"}, None),
        ("https://api.a.org/v1", {"https_proxy": "p:1", "no_proxy": "b.org, .a.org"}, None),
        ("https://ba.org/v1", {"https_proxy": "p:1", "no_proxy": "a.org"}, "http://p:1"),
        ("http://127.0.0.1:80/v1", {"http_proxy": "p:1"}, None),
    ],
)
def test_the_usual_variables_name_a_proxy(url: str, variables: dict[str, str], wanted: str | None) -> None:
    assert proxy_for(url, variables.get) == wanted
