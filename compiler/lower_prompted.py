"""What the steps of a prompted cell are told besides what every cell's steps are.

In: a `CellSpec` whose model is prompted, the identities of its blocks. Out: params of its encode, predict and extract steps.
Not here: the steps themselves (`lower_cells`).
"""

from collections.abc import Mapping

from benchc.compiler.catalog.endpoints import HOW
from benchc.compiler.catalog.prompting import TARGET_ALIKE
from benchc.compiler.expand import CellSpec
from benchc.compiler.identify import Identity, model_facts
from benchc.compiler.jsonvalue import Json, canonical, digest_text, mapping
from benchc.compiler.lower_blocks import Blocks
from benchc.compiler.prompted import is_endpoint, shots_call, shots_split
from benchc.compiler.spec import Declared
from benchc.compiler.steps import record

BY_CHANCE = ("random", "balanced")  # kinds of shots that the seed decides
NO_TOKENIZER = {"call": "endpoint"}  # of models behind servers: prompts stay texts, the same for all of them


def encode_settings(spec: CellSpec, blocks: Blocks, evaluated: str) -> Identity:
    """Params of the step that makes prompts and token ids."""
    task, settings = spec.task, spec.task.settings
    shots = shots_call(settings.get("shots"))
    metrics = [mapping(metric.call.value) for metric in blocks.metrics_of(task)]
    prompted = record(
        task=blocks.task(task, spec.model),
        split=evaluated,
        prompt=_prompt(task, blocks),
        shots=None if shots is None else blocks.call("shots", shots, task),
        shots_from=None if shots is None else shots_split(task, spec.spec.block("dataset", str(settings["data"]))),
        seed=spec.seed if shots is not None and shots["call"] in BY_CHANCE else None,
        truncate=settings.get("truncate"),
        unconditional=any(metric.get("normalize") == "unconditional" for metric in metrics),
        new_tokens=_new_tokens(settings),
        window=settings.get("window"),
        stride=settings.get("stride"),
    )
    if is_endpoint(spec.model):
        return record(prompted=prompted, tokenizer=NO_TOKENIZER, max_length=None)
    model = blocks.model(spec.model)
    return record(prompted=prompted, tokenizer=model.source, max_length=spec.model.settings["max_length"])


def endpoint_hints(model: Declared) -> Mapping[str, Json]:
    """How requests are sent to the model's server, and their prices; nothing for other models."""
    if not is_endpoint(model):
        return {}
    source = mapping(model.settings["source"])
    return {"endpoint": {key.name: source[key.name] for key in HOW}}


def shots_locations(task: Declared, blocks: Blocks) -> tuple[str, ...]:
    """Where the model lies that finds similar shots."""
    shots = shots_call(task.settings.get("shots"))
    return () if shots is None else blocks.locations_in("shots", shots)


def predict_settings(spec: CellSpec, blocks: Blocks) -> Mapping[str, Identity | Json]:
    """What predict steps of kinds that are not trained for are told besides."""
    decode = spec.task.settings.get("decode")
    draws = isinstance(decode, Mapping) and decode["call"] == "sample"
    draws = draws or model_facts(mapping(spec.model.settings["source"])).fits == "data"
    return {
        "decode": None if decode is None else blocks.call("decode", mapping(decode), spec.task),
        "seed": spec.seed if draws else None,
    }


def extract_settings(spec: CellSpec, blocks: Blocks) -> Identity:
    """Params of the step that takes answers out of generated texts."""
    settings = spec.task.settings
    call = settings["extract"]
    of_target = settings["extract_target"]
    if of_target is None:
        of_target = isinstance(call, Mapping) and call["call"] in TARGET_ALIKE
    extract = None if call is None else blocks.call("extract", mapping(call), spec.task)
    return record(extract=extract, vote=settings["vote"], target_extract=of_target)


def together(spec: CellSpec, blocks: Blocks) -> str:
    """Equal for all predictions that one loaded model can make."""
    model = blocks.model(spec.model)
    return digest_text(canonical([model.settings.value, spec.model.settings["precision"]]))[:16]


def _prompt(task: Declared, blocks: Blocks) -> Identity | None:
    name = task.settings.get("prompt")
    return None if name is None or name == "none" else blocks.prompt(blocks.spec.block("prompt", str(name)))


def _new_tokens(settings: Mapping[str, Json]) -> int:
    """Tokens that must be left free behind a prompt."""
    decode = settings.get("decode")
    return int(str(decode["max_new_tokens"])) if isinstance(decode, Mapping) else 0
