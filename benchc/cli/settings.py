"""`--set NAME=VALUE` and lengths of time and memory on the command line."""

import re
from collections.abc import Sequence
from typing import Final

import click

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES: Final = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def parse_settings(given: Sequence[str]) -> dict[str, str]:
    """Values of params by name, still in the language's grammar. Raises UsageError."""
    settings: dict[str, str] = {}
    for item in given:
        name, separator, value = item.partition("=")
        if not separator or not name.strip():
            raise click.UsageError(f"`--set {item}` is not of the form NAME=VALUE")
        settings[name.strip()] = value.strip()
    return settings


def parse_duration(text: str) -> float:
    """`30d`, `12h`, `90s`; in seconds. Raises BadParameter."""
    return _quantity(text, _SECONDS, "a time such as 30d, 12h or 90s")


def parse_size(text: str) -> int:
    """`10GB`, `512MiB`; in bytes. Raises BadParameter."""
    return int(_quantity(text, _BYTES, "a size such as 10GB or 512MiB"))


def _quantity(text: str, units: dict[str, int], like: str) -> float:
    if text.strip() == "0":
        return 0.0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", text.strip())
    if found is None or found[2] not in units:
        raise click.BadParameter(f"`{text}` is not {like}")
    return float(found[1]) * units[found[2]]
