"""Libraries that only some work needs: imported there, and asked for by name where they are not installed."""

import importlib
from typing import Any

from benchc.runtime.work import StepFailed


def required(module: str, package: str, extra: str) -> Any:
    """A module of a library that benchc does not always bring. Raises StepFailed when it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise StepFailed(
            "package_missing", f"the Python package `{package}` is not installed", f'install it: pip install "benchc[{extra}]"'
        ) from error
