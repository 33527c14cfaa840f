"""Where models lie, and what lies there.

In: the calls that name them, `package("models", path = "mini")`, and `Files`. Out: the digests that stand for a model in keys, and the
location by which the runtime finds it. What is missing is a problem at the words that name it. Not here: loading weights.
"""

import json
import math
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler.input_limit import CONFIGURATION, LIMITING_FILES, limit_in_files
from benchc.compiler.jsonvalue import Json
from benchc.compiler.model_files import WEIGHTS, model_files
from benchc.compiler.place import Missing, Place, digests_of, is_path, no_folder, no_package, walk
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.source import Files, Span
from benchc.compiler.words import listed

ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PICKLED_WEIGHTS = (".bin", ".pt", ".pth", ".ckpt")
BYTES_PER_PARAMETER = 4
QUANTIZED_BITS = re.compile(r"[._-](?:I?Q|BF|F)(\d+)", re.IGNORECASE)  # in the name of a GGUF file: Q4_1, F16


@dataclass(frozen=True, slots=True)
class LocatedModel:
    """`identity` stands for the model in keys. `parameters` are those that take part in every token, embeddings left out, about;
    None for a model of a hub, whose files are not here; so is `weight_bytes`, the size of its weights. `input_limit`: the longest input
    in tokens, None where the files are not here or do not tell beforehand."""

    identity: Mapping[str, Json]
    location: str
    parameters: int | None
    weight_bytes: int | None
    input_limit: int | None = None


def locate_model(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedModel | Missing | None:
    """The files of a model source; None for a source that names none (an architecture, a baseline)."""
    match source["call"]:
        case "package":
            return _model_of_package(source, place, span, files)
        case "hf":
            return _model_of_hub_or_folder(source, place, span, files)
        case _:
            return None


def _model_of_package(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    name, inner = str(source["name"]), str(source["path"])
    package = files.package_folder(name)
    if package is None:
        return Missing((no_package(name, span),))
    inside = Place(package, place.root, name, package)
    return _model_folder_or_file(source, inner, inside, span, files)


def _model_of_hub_or_folder(source: Mapping[str, Json], place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    written = str(source["id"])
    if is_path(written) or walk(place.path(written), files):
        return _model_folder_or_file(source, written, place, span, files)
    identity = {key: source[key] for key in ("call", "id", "file", "revision") if key != "file" or source[key] is not None}
    if source["trust_remote_code"]:  # the runtime refuses it, and says so
        identity["trust_remote_code"] = True
    return LocatedModel(identity, written, None, None)


def locate_adapter(written: str, place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    """The files of a `peft` adapter in a folder."""
    folder = place.path(written)
    names = [name for name in walk(folder, files) if "/" not in name]
    if not names:
        return Missing((no_folder(written, span),))
    if ADAPTER_CONFIG not in names or ADAPTER_WEIGHTS not in names:
        return Missing((_no_adapter(written, names, span),))
    found = digests_of(folder, [ADAPTER_CONFIG, ADAPTER_WEIGHTS], span, files)
    if isinstance(found, Missing):
        return found
    identity = {"files": {name: digest.sha256 for name, digest in found.items()}}
    return LocatedModel(identity, place.location(folder, written), None, None)


def _model_folder_or_file(source: Mapping[str, Json], written: str, place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    if source["file"] is None:
        return _model_folder(str(source["call"]), written, place, span, files)
    return _model_file(str(source["call"]), written, str(source["file"]), place, span, files)


def _model_file(call: str, written: str, name: str, place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    """A GGUF file. The location is that of its folder; its size and the bits in its name tell the number of parameters, about."""
    folder = place.path(written)
    names = [found for found in walk(folder, files) if "/" not in found]
    if name not in names:
        held = [found for found in names if found.endswith(".gguf")]
        advice = Help(f"it holds {listed(held)}") if held else Help("look at the names of the files there")
        return Missing((error("missing_weights", f"`{written}` holds no file `{name}`", span, advice),))
    found = digests_of(folder, [name], span, files)
    if isinstance(found, Missing):
        return found
    size = found[name].size_bytes
    bits = QUANTIZED_BITS.search(name)
    parameters = max(8 * size // (int(bits[1]) + 1 if bits else 16), 1)
    identity: Mapping[str, Json] = {"call": call, "files": {name: found[name].sha256}}
    return LocatedModel(identity, place.location(folder, written), parameters, BYTES_PER_PARAMETER * parameters)


def _model_folder(call: str, written: str, place: Place, span: Span, files: Files) -> LocatedModel | Missing:
    folder = place.path(written)
    held = walk(folder, files)
    names = [name for name in held if "/" not in name]
    if not names:
        return Missing((no_folder(written, span),))
    if not any(name.endswith(WEIGHTS) for name in names) or "config.json" not in names:
        return Missing((_no_weights(written, names, span),))
    found = digests_of(folder, model_files(held), span, files)
    if isinstance(found, Missing):
        return found
    weights = sum(digest.size_bytes for name, digest in found.items() if name.endswith(WEIGHTS))
    identity: Mapping[str, Json] = {"call": call, "files": {name: digest.sha256 for name, digest in found.items()}}
    settings = {name: _settings(posixpath.join(folder, name), files) for name in LIMITING_FILES if name in names}
    parameters = max(weights // BYTES_PER_PARAMETER - _embedded(settings[CONFIGURATION]), 1)
    return LocatedModel(identity, place.location(folder, written), parameters, weights, limit_in_files(settings))


def _settings(path: str, files: Files) -> Mapping[str, Json]:
    """What a JSON file holds; nothing where it cannot be read, which the runtime reports."""
    try:
        settings = json.loads(files.read(path))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _embedded(config: Mapping[str, Json]) -> int:
    """Parameters of the token embeddings: a lookup, no arithmetic. 0 where the configuration does not tell."""
    sizes = [config.get(name) for name in ("vocab_size", "hidden_size")]
    return int(math.prod(size if isinstance(size, int) else 0 for size in sizes))


def _no_adapter(written: str, names: Sequence[str], span: Span) -> Problem:
    advice = Help("save the adapter with `save_pretrained(folder)`")
    if ADAPTER_CONFIG not in names:
        return error("missing_weights", f"`{written}` holds no `{ADAPTER_CONFIG}`, so it is no adapter", span, advice)
    if any(name.endswith(PICKLED_WEIGHTS) for name in names):
        return error("missing_weights", f"`{written}` holds its weights in pickled form alone, which is never loaded", span, advice)
    return error("missing_weights", f"`{written}` holds no `{ADAPTER_WEIGHTS}`", span, advice)


def _no_weights(written: str, names: Sequence[str], span: Span) -> Problem:
    if "config.json" not in names:
        return error("missing_weights", f"`{written}` holds no `config.json`, so it is no model", span, Help("give the model's own folder"))
    if any(name.endswith(PICKLED_WEIGHTS) for name in names):
        advice = Help("save the model again with `save_pretrained(folder, safe_serialization=True)`")
        return error("missing_weights", f"`{written}` holds its weights in pickled form alone, which is never loaded", span, advice)
    advice = Help("download the whole folder of the model")
    return error("missing_weights", f"`{written}` holds no `.safetensors` file with weights", span, advice)
