"""JSON as a Python type, and its one canonical form.

Keys of steps, the plan's bytes and the digests in a lock are all made from `canonical`, and from nothing else.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_LEAVES = frozenset((str, int, bool, type(None)))


def mapping(value: Json) -> Mapping[str, Json]:
    """The value as an object, which its type in the catalog says that it is."""
    assert isinstance(value, Mapping)
    return value


def items(value: Json) -> Sequence[Json]:
    """The value as a list, which its type in the catalog says that it is."""
    assert isinstance(value, Sequence)
    assert not isinstance(value, str)
    return value


def texts(value: Json) -> tuple[str, ...]:
    """The value as a list of texts."""
    return tuple(str(item) for item in items(value))


def canonical(value: Json) -> str:
    """The one text of a JSON value: keys sorted by code point, no spaces, no NaN, characters unescaped.

    A float that is a whole number is written as that integer, so that `1e1` and `10` are the same setting.
    Raises ValueError on NaN and infinities.
    """
    return _ENCODER.encode(_plain(value))


def digest(value: Json) -> str:
    """SHA-256 of the canonical text, hexadecimal."""
    return digest_text(canonical(value))


def digest_text(text: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Json) -> Json:
    """The value in the types that the encoder knows, whole floats as integers. Exact types come first: plans hold millions of values."""
    kind = type(value)
    if kind is float:
        return _whole(value)
    if kind is dict:
        return {key: item if type(item) in _LEAVES else _plain(item) for key, item in value.items()}  # type: ignore[union-attr]
    if kind is list or kind is tuple:
        return [item if type(item) in _LEAVES else _plain(item) for item in value]  # type: ignore[union-attr]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _whole(number: Json) -> Json:
    assert isinstance(number, float)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
