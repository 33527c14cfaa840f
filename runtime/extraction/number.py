"""A number in a text, in one form: no sign for zero, no zeros that say nothing, a point before decimals."""

import re
from collections.abc import Callable, Mapping, Sequence

from benchc.compiler.jsonvalue import Json

WIDE = str.maketrans("０１２３４５６７８９．，－−", "0123456789.,--")  # as Chinese texts write them, and the minus sign proper
WITH_POINT = re.compile(r"(?:(?<![\w)])-)?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
WITH_COMMA = re.compile(r"(?:(?<![\w)])-)?(?:[0-9]+(?:,[0-9]+)?|,[0-9]+)")


def number(settings: Mapping[str, Json]) -> Callable[[str], str | None]:
    """`which` of the numbers; `strip`: texts that are dropped first; `decimal`: the mark before decimals, which is never dropped.

    A minus right behind a word or a digit is a dash: `5-3` holds 5 and 3.
    """
    strip, which, mark = settings["strip"], settings["which"], "," if settings["decimal"] == "comma" else "."
    assert isinstance(strip, Sequence)
    dropped = [str(one) for one in strip if one != mark]
    pattern = WITH_COMMA if mark == "," else WITH_POINT

    def extract(text: str) -> str | None:
        text = text.translate(WIDE)
        for one in dropped:
            text = text.replace(one, "")
        found = pattern.findall(text)
        return plain_number(found[-1 if which == "last" else 0].replace(",", ".")) if found else None

    return extract


def plain_number(text: str) -> str:
    """`-007.50` as `-7.5`; any number of digits, none is lost."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, decimals = digits.partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    plain = f"{whole}.{decimals}" if decimals else whole
    return plain if plain == "0" else sign + plain
