"""Backticks in messages become code.

In: a message of the compiler or the runtime. Out: escaped HTML in which `names` stand in `<code>`. No other mark-up is read.
"""

from markupsafe import Markup, escape


def with_code(words: str) -> Markup:
    """A backtick without a partner stays a backtick."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return Markup("").join(Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))
