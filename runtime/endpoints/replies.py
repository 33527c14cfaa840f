"""What a server's answer tells.

In: the text of an answer with a good status. Out: `Written` or `Scored`; `AskFailed` for what is not JSON or lacks what must be there,
which another try may mend. Not here: likelihoods of echoed prompts (`echoes`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from benchc.runtime.endpoints.asks import CHAT, Ask, Scoring, Writing
from benchc.runtime.endpoints.echoes import Echo, NoLikelihoodsError, UnclearEchoError, read_echo
from benchc.runtime.endpoints.failure import AskFailed


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the server counted; None where it does not say. `served`: the model's name in the answer, with the server's mark of its
    set-up where it gives one."""

    input_tokens: int | None
    output_tokens: int | None
    served: str


@dataclass(frozen=True, slots=True)
class Written:
    """`ended`: "end", "stop", "length", or the server's own word for another reason."""

    text: str
    ended: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Scored:
    echo: Echo
    usage: Usage


Reply: TypeAlias = Written | Scored


def read_reply(one: Ask, text: str, host: str) -> Reply:
    try:
        value = json.loads(text)
        match one.purpose:
            case Scoring() as scoring:
                return Scored(read_echo(value["choices"][0], scoring.prompt, scoring.border), _usage(value))
            case Writing() as writing:
                return _written(value, one.path == CHAT, writing.stop)
    except NoLikelihoodsError as error:
        failure = AskFailed("endpoint_refused", f"{host} gives no likelihoods: {error}")
        raise one.explained(failure) from None
    except UnclearEchoError as error:
        raise AskFailed("endpoint_likelihood", f"{host}: {error}", "see what its completions answer to `echo` with `logprobs`") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        what = "is not JSON" if isinstance(error, json.JSONDecodeError | RecursionError) else "lacks what an answer must hold"
        message = f"the answer of {host} {what}"
        raise AskFailed("endpoint_reply", message, "check that `url` is that of an OpenAI-compatible server", passing=True) from None


def reply_json(reply: Reply) -> dict[str, Any]:
    return {"kind": "written" if isinstance(reply, Written) else "scored", **asdict(reply)}


def reply_of(value: Mapping[str, Any]) -> Reply:
    """What `reply_json` made. Raises KeyError or TypeError for anything else."""
    usage = Usage(**value["usage"])
    if value["kind"] == "written":
        return Written(value["text"], value["ended"], usage)
    return Scored(Echo(**value["echo"]), usage)


def _written(value: Any, chat: bool, stop: tuple[str, ...]) -> Written:
    choice = value["choices"][0]
    text = _content(choice["message"]) if chat else choice["text"]
    if not isinstance(text, str):
        raise TypeError("a text is no string")
    ends = [text.find(one) for one in stop if one in text]  # of a server that does not know stop texts, or keeps them
    by_stop = bool(ends) or isinstance(choice.get("stop_reason"), str)
    reason = choice.get("finish_reason")
    ended = "stop" if by_stop else {"stop": "end", "eos": "end", None: "end"}.get(reason, _sound(str(reason)))
    return Written(_sound(text[: min(ends)] if ends else text), ended, _usage(value))


def _sound(text: str) -> str:
    """Halves of characters, which JSON can hold and files cannot, become replacement marks."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _content(message: Mapping[str, Any]) -> Any:
    """The text of a message: a string, or its parts; a refusal's words; "" where the model wrote none."""
    content = message["content"] if "content" in message or not message.get("refusal") else None
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part.get("type", "text") == "text")
    return content if content is not None else message.get("refusal") or ""


def _usage(value: Mapping[str, Any]) -> Usage:
    usage = value.get("usage") or {}
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    known = [count if isinstance(count, int) and not isinstance(count, bool) else None for count in counts]
    names = [value.get("model"), value.get("system_fingerprint")]
    return Usage(known[0], known[1], _sound(" ".join(name for name in names if isinstance(name, str))))
