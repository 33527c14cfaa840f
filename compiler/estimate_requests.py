"""What asking a model behind a server costs, before anything is asked.

In: the steps of a prediction and the sizes of its data. Out: `Asking`: requests, tokens, cost. A token is taken as four characters, all
columns of a row count as shown, and every text as long as it may become; the docs say so (`docs/estimates.md`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchc.compiler.jsonvalue import Json, items, mapping
from benchc.compiler.plan import Step

CHARACTERS_PER_TOKEN = 4.0
ASSUMED_CHOICES = 4  # of a question whose choices stand in one column
ASSUMED_LABELS = 2  # where only the data can tell
SECONDS_PER_REQUEST = 1.0
PRICED_TOKENS = 1e6


@dataclass(frozen=True, slots=True)
class Asking:
    """`cost` in the unit of the prices; None where the spec gives none."""

    requests: float
    input_tokens: float
    output_tokens: float
    seconds: float
    cost: float | None


def requests_of(encode: Step, fields: Mapping[str, Json], rows: float) -> float:
    """How many prompts an encode step makes for a split with so many rows, one for each choice or label."""
    prompted = mapping(encode.params["prompted"])
    task = mapping(prompted["task"])
    match task["kind"]:
        case "multiple_choice":
            columns = mapping(fields[str(task["choices"])]).get("columns")
            count = len(items(columns)) if isinstance(columns, list) and len(columns) > 1 else ASSUMED_CHOICES
            return rows * count * (2 if prompted["unconditional"] else 1)
        case "classification":
            labels = mapping(fields[str(task["target"])]).get("labels")
            return rows * (len(labels) if isinstance(labels, list) else ASSUMED_LABELS)
        case _:
            return rows


def prompt_tokens(encode: Step, characters_per_row: float) -> float:
    """Tokens of one prompt, about."""
    prompted = mapping(encode.params["prompted"])
    prompt, shots = prompted["prompt"], prompted["shots"]
    template = str(prompt["template"]) + str(prompt["system"] or "") if isinstance(prompt, Mapping) else ""
    examples = 1 + int(str(shots["count"])) if isinstance(shots, Mapping) else 1
    return examples * (len(template) + characters_per_row) / CHARACTERS_PER_TOKEN


def asking(predict: Step, prompts: float, tokens: float) -> Asking:
    """`prompts` of the encode step, `tokens` of all of them."""
    settings = mapping(predict.hints["endpoint"])
    decode = predict.params.get("decode")
    samples = int(str(decode.get("samples") or 1)) if isinstance(decode, Mapping) else 1
    longest = int(str(decode["max_new_tokens"])) if isinstance(decode, Mapping) else 1
    requests, read, written = prompts * samples, tokens * samples, prompts * samples * longest
    per_minute = settings["requests_per_minute"]
    at_this_rate = 0.0 if per_minute is None else requests * 60 / _number(per_minute)
    seconds = max(requests * SECONDS_PER_REQUEST / _number(settings["concurrency"]), at_this_rate)
    return Asking(requests, read, written, seconds, cost(settings, read, written))


def cost(settings: Mapping[str, Json], input_tokens: float, output_tokens: float) -> float | None:
    """What tokens cost by an endpoint's prices; a price that is not given counts as nothing, None when neither is."""
    prices = [settings["input_price"], settings["output_price"]]
    if prices == [None, None]:
        return None
    parts = zip(prices, (input_tokens, output_tokens), strict=True)
    return sum(_number(price) * tokens for price, tokens in parts if price is not None) / PRICED_TOKENS


def _number(value: Json) -> float:
    assert isinstance(value, int | float), value
    return float(value)
