"""The folder of a causal or sequence-to-sequence model, whatever form it came in.

In: a model source in canonical JSON and the location that the step's hints give. Out: a folder with `config.json`, tokenizer and
safetensors weights, that of the model itself or that of a converted GGUF file. Not here: loading.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from benchc.compiler.jsonvalue import Json
from benchc.runtime.models.gguf import converted_gguf
from benchc.runtime.models.model_files import check_model_folder, locate
from benchc.runtime.store import sha256_of
from benchc.runtime.work import StepFailed, Work

GGUF = ".gguf"


def language_model_folder(source: Mapping[str, Json], location: str | None, work: Work) -> Path:
    """Raises StepFailed when the model cannot be had or is in a form that is not loaded. A GGUF file is converted the first time."""
    place = locate(source, location, work)
    file, digest = _gguf(source, place)
    if file is None:
        check_model_folder(place)
        return place
    if not file.is_file():
        raise StepFailed("model_missing", f"there is no file `{file}`", "check `source` of the model")
    return converted_gguf(file, digest or sha256_of(file), work.converted or work.checkpoint / "converted")


def _gguf(source: Mapping[str, Json], place: Path) -> tuple[Path | None, str | None]:
    """The GGUF file that the source names, and its digest where the source gives it."""
    files = cast("Mapping[str, str]", source.get("files") or {})
    named = next((name for name in (*files, str(source.get("file"))) if name.endswith(GGUF)), None)
    if place.suffix == GGUF:
        return place, files.get(place.name)
    return (None, None) if named is None else (place / named, files.get(named))
