"""What newlines and commas mean.

In: tokens as they stand. Out: tokens of the grammar: between braces and at the top of a file newlines and commas become END, between
parentheses and brackets a comma becomes COMMA and newlines go away. Ends that follow nothing (an empty line) go away too.
"""

from collections.abc import Iterable

from benchc.compiler.lex import NEWLINE, ONE_COMMA, Token

_OPENERS = frozenset(("LEFT_BRACE", "LEFT_PARENTHESIS", "LEFT_BRACKET"))
_CLOSERS = frozenset(("RIGHT_BRACE", "RIGHT_PARENTHESIS", "RIGHT_BRACKET"))


def lay_out(tokens: Iterable[Token]) -> list[Token]:
    """Brackets that do not match are not this function's business: the parser finds them, `brackets` repairs them."""
    result: list[Token] = []
    emit = result.append
    outer: list[bool] = []
    by_line = True  # whether newlines end statements here
    ended = True  # whether a newline would end nothing
    for token in tokens:
        kind = token[0]
        if kind == NEWLINE:
            if by_line and not ended:
                emit(("END", token[1], token[2]))
                ended = True
        elif kind == ONE_COMMA:
            emit(("END" if by_line else "COMMA", token[1], token[2]))
            ended = True
        else:
            emit(token)
            ended = False
            if kind in _OPENERS:
                outer.append(by_line)
                by_line = ended = kind == "LEFT_BRACE"
            elif kind in _CLOSERS and outer:
                by_line = outer.pop()
    return result
