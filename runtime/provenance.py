"""Where and how a run happened: versions, machine, git state, command line.

In: what was asked for and what the steps said. Out: JSON for run.json and for the environment of results.json.
Not here: anything that could change a result. No package is imported to ask for its version.
"""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import psutil

from benchc.compiler.jsonvalue import Json
from benchc.runtime.claims import Owner, has_died, this_process
from benchc.version import VERSION

PACKAGES: Final = (
    "torch", "transformers", "tokenizers", "safetensors", "numpy", "scipy", "scikit-learn", "skops", "pyarrow", "datasets", "pandas",
    "lark", "jsonschema", "click", "jinja2", "rich", "urllib3",
)  # fmt: skip
GIT_SECONDS: Final = 5.0
_SECRET_NAME: Final = re.compile(r"(?i)(key|token|secret|password|passwd|credential)")
_ADDRESS_LOGIN: Final = re.compile(r"(?<=://)[^/@\s]+@")


def environment(asked_device: str, uses: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """The machine and its software. `uses` are the train.json and predict.json of steps: what they ran on is what the run ran on."""
    return {
        "benchc": VERSION,
        "python": platform.python_version(),
        "packages": package_versions(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "threads": _threads(),
        "device": {
            "asked": asked_device,
            "used": _distinct(uses, "device"),
            "precision": _distinct(uses, "precision"),
            "name": accelerator_name(),
        },
    }


def process_json() -> dict[str, Json]:
    """This process, so that a later one can see whether it still lives."""
    owner = this_process()
    return {"pid": owner.pid, "host": owner.host, "started": owner.process_started}


def is_alive(process: Mapping[str, Json]) -> bool:
    """Whether the process that `process_json` described may still live: one of another machine always may."""
    pid, host, started = process.get("pid"), process.get("host"), process.get("started")
    if not isinstance(pid, int) or not isinstance(host, str) or not isinstance(started, int | float):
        return False
    return not has_died(Owner("", pid, host, float(started)))


def package_versions() -> dict[str, Json]:
    """Installed versions by package, null for what is not installed."""
    return {name: installed_version(name) for name in PACKAGES}


def installed_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def processor_name() -> str:
    """The processor's name for people; the architecture where the system does not tell."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def accelerator_name() -> str | None:
    """The name of the CUDA device, asked of torch only when a step has imported it."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    name: str = torch.cuda.get_device_name()
    return name


def _threads() -> Json:
    torch = sys.modules.get("torch")
    if torch is not None:
        threads: int = torch.get_num_threads()
        return threads
    return os.environ.get("OMP_NUM_THREADS")


def _distinct(uses: Sequence[Mapping[str, Json]], name: str) -> list[Json]:
    return [*sorted({str(use[name]) for use in uses if use.get(name) is not None})]


def git_state(folder: Path) -> dict[str, Json] | None:
    """Commit, branch and whether files differ from it, for the repository that holds `folder`; None where there is none or no git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {
        "commit": commit,
        "branch": _git(folder, "rev-parse", "--abbrev-ref", "HEAD"),
        "dirty": None if changes is None else changes != "",
    }


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints; None when it is missing, slow or unwilling. A repository's own hooks and monitors are not run."""
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIT_SECONDS, check=False, errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def without_secrets(arguments: Sequence[str]) -> list[Json]:
    """A command line for the record: values whose name sounds like a secret, and logins in addresses, are replaced by `***`."""
    shown: list[Json] = []
    hide_next = False
    for argument in arguments:
        name, separator, _ = argument.partition("=")
        if hide_next and not argument.startswith("-"):
            shown.append("***")
        elif separator and _SECRET_NAME.search(name):
            shown.append(f"{name}=***")
        else:
            shown.append(_ADDRESS_LOGIN.sub("***@", argument))
        hide_next = argument.startswith("-") and not separator and _SECRET_NAME.search(argument) is not None
    return shown
