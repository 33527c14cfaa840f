"""Requests as they are sent.

In: the model source of an endpoint in canonical JSON, a prompt, how text is written. Out: `Ask`, with the digest by which its answer is
kept. Bodies hold what the spec says and nothing else: no key, no user name.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias, cast

from benchc.compiler.jsonvalue import Json, canonical
from benchc.runtime.endpoints.failure import AskFailed

COMPLETIONS: Final = "/completions"
CHAT: Final = "/chat/completions"
SEEDS: Final = 2**31  # servers take seeds of 31 bits
LIKELIHOOD_HELP: Final = (
    "likelihoods need completions that take `echo` with `logprobs`, as vLLM offers them; else write the task as `generation` with "
    "`extract = choice_letter`"
)


@dataclass(frozen=True, slots=True)
class Writing:
    """The server writes on. `stop`: texts at which what is written ends."""

    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scoring:
    """The server says how likely the prompt is; what stands from character `border` on is scored."""

    prompt: str
    border: int


Purpose: TypeAlias = Writing | Scoring


@dataclass(frozen=True)
class Ask:
    """`path` below the server's address."""

    url: str
    path: str
    body: Mapping[str, Json]
    purpose: Purpose

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that an answer depends on."""
        border = self.purpose.border if isinstance(self.purpose, Scoring) else None
        stop = list(self.purpose.stop) if isinstance(self.purpose, Writing) else None
        return hashlib.sha256(canonical([self.url, self.path, self.body, border, stop]).encode("utf-8", "surrogatepass")).hexdigest()

    def explained(self, failure: AskFailed) -> AskFailed:
        """A refusal, with what it means for this request."""
        if isinstance(self.purpose, Scoring) and failure.code in ("endpoint_refused", "endpoint_not_found"):
            return AskFailed("endpoint_likelihood", failure.message, LIKELIHOOD_HELP, everywhere=False)
        return failure


def writing(source: Mapping[str, Json], prompt: str, decode: Mapping[str, Json], seed: int | None, chat: bool) -> Ask:
    """A prompt to continue. `prompt` is a text, or the JSON of messages; `seed` of a sample, None for the likeliest text."""
    stop = tuple(cast("list[str]", decode.get("stop") or ()))
    asked: Mapping[str, Json] = {"messages": messages_of(prompt)} if chat else {"prompt": prompt}
    limit = {str(source["limit"]): decode["max_new_tokens"]}
    body = {**asked, **limit, **_chance(decode, seed), **({"stop": list(stop)} if stop else {})}
    return Ask(str(source["url"]).rstrip("/"), CHAT if chat else COMPLETIONS, _body(source, body), Writing(stop))


def scoring(source: Mapping[str, Json], context: str, continuation: str) -> Ask:
    """How likely the continuation is behind the context. One token more is asked for: some servers write none without limit."""
    prompt = context + continuation
    body: Mapping[str, Json] = {"prompt": prompt, "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0}
    return Ask(str(source["url"]).rstrip("/"), COMPLETIONS, _body(source, body), Scoring(prompt, len(context)))


def messages_of(prompt: str) -> Json:
    """The messages that `TextOnly.chat` wrote; any other text is one message of the user."""
    return cast(Json, json.loads(prompt)) if is_messages(prompt) else [{"role": "user", "content": prompt}]


def is_messages(prompt: str) -> bool:
    return prompt.startswith('[\n{"role": ')


def _chance(decode: Mapping[str, Json], seed: int | None) -> Mapping[str, Json]:
    if decode["call"] != "sample":
        return {"temperature": 0}
    drawn: dict[str, Json] = {"temperature": decode["temperature"]}
    if decode["top_p"] != 1:
        drawn["top_p"] = decode["top_p"]
    if decode["top_k"]:
        drawn["top_k"] = decode["top_k"]
    return drawn if seed is None else {**drawn, "seed": seed % SEEDS}


def _body(source: Mapping[str, Json], members: Mapping[str, Json]) -> Mapping[str, Json]:
    own = cast("Mapping[str, Json]", source["parameters"])
    left_out = cast("list[str]", source["omit"])
    return {name: value for name, value in {"model": source["model"], **members, **own}.items() if name not in left_out}
