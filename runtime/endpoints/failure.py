"""Why a request was not answered.

In: an HTTP status and what the server wrote. Out: `AskFailed`, which says whether to try again and whether other requests would fare
better.
"""

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from benchc.runtime.work import StepFailed

LONGEST_WORDS: Final = 300  # characters of a server's message that are shown
PASSING: Final = frozenset((408, 409, 425, 429, *range(500, 600))) - {501}
NO_SUCH: Final = frozenset((404, 405, 501))
SPENT: Final = ("insufficient_quota", "billing_hard_limit_reached")
TOO_LONG: Final = re.compile(
    r"context.{0,20}length|maximum.{0,20}(context|length|tokens)|too (long|many tokens)|exceed\w*.{0,40}context", re.IGNORECASE
)


class AskFailed(StepFailed):
    """`passing`: another try may succeed. `everywhere`: no other request to this server would fare better. `wait_seconds`: how long the
    server asks to be left alone."""

    def __init__(
        self, code: str, message: str, help: str = "", *, passing: bool = False, everywhere: bool = False, wait_seconds: float = 0.0
    ) -> None:
        super().__init__(code, message, help)
        self.passing = passing
        self.everywhere = everywhere
        self.wait_seconds = wait_seconds


def failure_of(status: int, headers: Mapping[str, str], body: str, server: str) -> AskFailed:
    """What a status other than 2xx means. `headers` by name in lower case; `server` names it in messages; `body` holds no secret."""
    words, code = said(body)
    message = f"{server} answers {status}" + (f": {words}" if words else "")
    if status in (401, 403):
        return AskFailed("endpoint_key", message, "check the key that `key_env` names, and what it may do", everywhere=True)
    if status == 402 or code in SPENT:
        return AskFailed(
            "endpoint_spent", message, "the account has nothing left; run again when it has: what was answered is kept", everywhere=True
        )
    if status in NO_SUCH:
        return AskFailed("endpoint_not_found", message, "check `url` and `model`, and whether the server has this `api`", everywhere=True)
    if 300 <= status < 400:
        return AskFailed("endpoint_moved", message, "give the address that the server sends to as `url`", everywhere=True)
    if status in PASSING:
        wait = wait_seconds(headers)
        return AskFailed(
            "endpoint_busy" if status in (429, 503) else "endpoint_error",
            message,
            "run again: what was answered is kept; lower `concurrency` or give `requests_per_minute`, or see the server's log",
            passing=True,
            everywhere=status == 429,
            wait_seconds=wait,
        )
    if TOO_LONG.search(words):
        advice = "take fewer shots or a shorter `max_new_tokens`, or leave long rows out: without its tokenizer no prompt is shortened"
        return AskFailed("prompt_too_long", message, advice)
    return AskFailed("endpoint_refused", message, "leave members out with `omit`, or name others in `parameters`")


def said(body: str) -> tuple[str, str]:
    """A server's own words about an error, on one line, and the code that goes with them."""
    try:
        value = json.loads(body)
    except ValueError:
        return _short(re.sub(r"<[^>]*>", " ", body)), ""
    error = value.get("error", value) if isinstance(value, dict) else value
    if not isinstance(error, dict):
        return _short(error if isinstance(error, str) else json.dumps(error)), ""
    words = next((error[name] for name in ("message", "detail", "error") if error.get(name)), "")
    code = error.get("code") or error.get("type")
    return _short(words if isinstance(words, str) else json.dumps(words)), code if isinstance(code, str) else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 1] + "…"


def wait_seconds(headers: Mapping[str, str]) -> float:
    """What `Retry-After` asks for: seconds, or a date, which is taken against the server's own. 0 where it asks for nothing."""
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", asked):
        return float(asked)
    try:
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):  # no date, or only one of both with a zone
        return 0.0
