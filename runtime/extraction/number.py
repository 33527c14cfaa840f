"""A number in a text, in one form: no sign for zero, no zeros that say nothing, a point before decimals."""

import re
from collections.abc import Mapping, Sequence

from benchc.compiler.jsonvalue import Json
from benchc.runtime.extraction.found import Finding, Found

WIDE = str.maketrans("０１２３４５６７８９．，－−", "0123456789.,--")  # as Chinese texts write them, and the minus sign proper
WITH_POINT = re.compile(r"(?:(?<![\w)])-)?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
WITH_COMMA = re.compile(r"(?:(?<![\w)])-)?(?:[0-9]+(?:,[0-9]+)?|,[0-9]+)")


def number(settings: Mapping[str, Json]) -> Finding:
    """`which` of the numbers; `strip`: texts that are dropped first; `decimal`: the mark before decimals, which is never dropped.

    A minus right behind a word or a digit is a dash: `5-3` holds 5 and 3.
    """
    strip, which, mark = settings["strip"], settings["which"], "," if settings["decimal"] == "comma" else "."
    assert isinstance(strip, Sequence)
    dropped = [str(one) for one in strip if one != mark]
    pattern = WITH_COMMA if mark == "," else WITH_POINT

    def find(text: str) -> Found | None:
        kept, places = text.translate(WIDE), list(range(len(text)))
        for one in dropped:
            kept, places = _without(kept, places, one)
        found = list(pattern.finditer(kept))
        if not found:
            return None
        match = found[-1 if which == "last" else 0]
        return Found(plain_number(match.group().replace(",", ".")), places[match.start()], places[match.end() - 1] + 1)

    return find


def _without(text: str, places: list[int], dropped: str) -> tuple[str, list[int]]:
    """The text without each occurrence of a part, and where its characters stood at first."""
    parts, kept, at = text.split(dropped) if dropped else [text], list[int](), 0
    for part in parts:
        kept += places[at : at + len(part)]
        at += len(part) + len(dropped)
    return "".join(parts), kept


def plain_number(text: str) -> str:
    """`-007.50` as `-7.5`; any number of digits, none is lost."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, decimals = digits.partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    plain = f"{whole}.{decimals}" if decimals else whole
    return plain if plain == "0" else sign + plain
