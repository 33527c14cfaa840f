"""Backticks in messages become code, and long names may be broken.

In: a message of the compiler or the runtime, or a name. Out: escaped HTML. No other mark-up is read.
"""

import re

from markupsafe import Markup, escape

BREAK_AFTER = re.compile(r"(?<=[_/=\[])(?=\w)|(?<=,)(?=[^\W\d])|(?<=\.)(?=[^\W\d])")


def with_code(words: str) -> Markup:
    """A backtick without a partner stays a backtick."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return Markup("").join(Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))


def breakable(name: str) -> Markup:
    """The name with places where a line may break: after the marks that ids are made of. Copied text stays the name."""
    return Markup("<wbr>").join(escape(piece) for piece in BREAK_AFTER.split(name))
