"""A model in one GGUF file as a folder with safetensors, configuration and tokenizer.

In: the file and its digest, the folder for converted models. Out: the folder, made once: written aside with the digests of its files,
then renamed. Weights are brought to float32. Not here: loading.
"""

import time
import uuid
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from benchc.runtime.claims import claimed
from benchc.runtime.disk_writes import Disk
from benchc.runtime.models.backbones import quiet
from benchc.runtime.store import Entry, Store, now_text, read_entry, seal
from benchc.runtime.work import StepFailed
from benchc.version import VERSION

FORM = 2  # of what is written; a change makes new folders
KIND = "converted"


def converted_gguf(file: Path, digest: str, converted: Path) -> Path:
    """The folder that holds the converted model, every file checked; a damaged one is made again. Raises StepFailed when the file cannot
    be read."""
    folder, disk = converted / f"{digest}-{FORM}", Disk()
    if _is_whole(folder):
        return folder
    disk.make_folder(converted)
    with claimed(converted / f"{folder.name}.lock", disk, lambda owner: None):
        if not _is_whole(folder):  # another process may have made it while this one waited
            aside = converted / f"{folder.name}.{uuid.uuid4().hex}"
            started = time.monotonic()
            try:
                _convert(file, aside)
                seal(aside, Entry(folder.name, KIND, folder, {}, now_text(), time.monotonic() - started, VERSION), disk)
                disk.remove_tree(folder)
                disk.rename(aside, folder)
            finally:
                if aside.exists():
                    disk.remove_tree(aside)
    return folder


def _is_whole(folder: Path) -> bool:
    """Whether a converted model is there, undamaged; notes the time of use, by which `cache gc` chooses."""
    entry = read_entry(folder) if folder.is_dir() else None
    store = Store(folder.parent)
    if not isinstance(entry, Entry) or store.check(entry) is not None:
        return False
    store.mark_used(entry)
    return True


def _convert(file: Path, folder: Path) -> None:
    """The configuration must forget how the file was quantized, else `save_pretrained` refuses; hence a new model of the same weights."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place: dict[str, Any] = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name, "local_files_only": True}
    models: Any = AutoModelForCausalLM
    try:
        with quiet(), redirect_stderr(StringIO()):  # transformers draws a bar of its own here, whatever it is told
            read = models.from_pretrained(**place, dtype=torch.float32)
            settings = read.config.to_dict()
            settings.pop("quantization_config", None)
            with torch.device("meta"):
                whole = models.from_config(type(read.config).from_dict(settings), dtype=torch.float32)
            whole.load_state_dict(read.state_dict(), assign=True)
            whole.tie_weights()
            whole.save_pretrained(str(folder), safe_serialization=True)
            AutoTokenizer.from_pretrained(**place).save_pretrained(str(folder))
    except (MemoryError, OSError) as error:
        if isinstance(error, OSError) and error.errno is None:  # how transformers says that a file is not what it should be
            raise _unreadable(file, error) from error
        raise
    except ImportError as error:
        raise StepFailed("package_missing", "GGUF files need the package `gguf`", "install it: pip install gguf") from error
    except (ValueError, KeyError, RuntimeError, NotImplementedError) as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> StepFailed:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return StepFailed("weights_broken", f"`{file.name}` cannot be read as a GGUF model: {first}", "fetch it again, or take another form")
