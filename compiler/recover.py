"""What a text with faults in its form still says, and where all of its faults are.

In: the tokens of a text that the straight way refused. Out: `Recovered`: the statements that could be read, and the problems.
Panic mode: at a token that does not fit, the innermost unfinished item (a statement, an argument, an item of a list) is given up, and
reading goes on behind the next newline or comma of the same level. Brackets are repaired beforehand (`brackets`), so that a level is
always what it seems.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from benchc.compiler.brackets import balance
from benchc.compiler.build import Build
from benchc.compiler.layout import lay_out
from benchc.compiler.lex import Lexed, Token
from benchc.compiler.problems import Problem
from benchc.compiler.shift_reduce import Automaton
from benchc.compiler.source import Source
from benchc.compiler.syntax import Statement
from benchc.compiler.unexpected import ITEM_STARTS, Misfit, describe

MOST_ALIKE_ON_A_LINE: Final = 3
_SEPARATORS: Final = ("END", "COMMA")
_OPENERS: Final = ("LEFT_BRACE", "LEFT_PARENTHESIS", "LEFT_BRACKET")
_CLOSERS: Final = ("RIGHT_BRACE", "RIGHT_PARENTHESIS", "RIGHT_BRACKET")


@dataclass(frozen=True, slots=True)
class Recovered:
    statements: list[Statement]
    problems: list[Problem]


def recover_file(source: Source, lexed: Lexed) -> Recovered:
    balanced = balance(source, lexed.tokens)
    build = Build(source, lexed.docs)
    automaton = Automaton(build, "file")
    misfits = _read_all(source, automaton, lay_out(balanced.tokens))
    sure = [*lexed.problems, *build.problems, *balanced.too_deep]
    return Recovered(automaton.values[0], _one_a_fault(source, sure, balanced.problems, misfits))


def recover_expression(source: Source, lexed: Lexed) -> list[Problem]:
    """What is wrong with a text that is no expression: the first fault, since such a text is one short value."""
    if lexed.problems:
        return lexed.problems
    balanced = balance(source, lexed.tokens)
    tokens = lay_out(balanced.tokens)
    automaton = Automaton(Build(source, lexed.docs), "expression")
    taken = 0
    while taken < len(tokens) and automaton.feed(*tokens[taken]):
        taken += 1
    return balanced.too_deep or balanced.problems or [describe(Misfit(source, automaton, tokens, taken))]


def _read_all(source: Source, automaton: Automaton, tokens: list[Token]) -> list[Problem]:
    problems = []
    index = 0
    while index < len(tokens):
        if automaton.feed(*tokens[index]):
            index += 1
            continue
        problems.append(describe(Misfit(source, automaton, tokens, index)))
        if _separates_nothing(automaton, tokens[index]):
            index += 1
            continue
        if _separate(automaton, tokens[index]):
            continue
        if _goes_on_below(tokens, index) and automaton.feed(*tokens[index + 1]):
            index += 2
            continue
        resumed = _resume(automaton, tokens, index)
        if resumed == index and not automaton.feed(*tokens[index]):
            raise AssertionError("behind an item that was given up, a bracket or the next item fits")
        index = max(resumed, index + 1)
    if not automaton.finish():
        problems.append(describe(Misfit(source, automaton, tokens, index)))
        _give_up_item(automaton)
        if not automaton.finish():
            raise AssertionError("brackets were left open by `balance`")
    return problems


def _separates_nothing(automaton: Automaton, token: Token) -> bool:
    """A comma behind a comma: it is passed over, and nothing is given up."""
    return token[0] in _SEPARATORS and automaton.tables.symbols[automaton.states[-1]] in _SEPARATORS


def _separate(automaton: Automaton, token: Token) -> bool:
    """Goes on as if there were a comma before a token that begins the next item, where the item before it is whole."""
    kind, start, _ = token
    if kind not in ITEM_STARTS:
        return False
    _, repetition = automaton.innermost()
    return automaton.feed("COMMA" if repetition in ("elements", "arguments") else "END", start, start)


def _goes_on_below(tokens: list[Token], index: int) -> bool:
    """Whether the line ends too early, and the next begins with what the statement lacks: a value, or the brace of a block."""
    after = [kind for kind, _, _ in tokens[index + 1 : index + 3]] + ["END", "END"]
    if tokens[index][0] != "END" or after[0] not in ITEM_STARTS:
        return False
    return after[0] not in ("NAME", "STRING") or after[1] in ("END", "DOT", "LEFT_PARENTHESIS")


def _resume(automaton: Automaton, tokens: list[Token], index: int) -> int:
    """Gives up the item that the misfit at `index` belongs to. Returns where reading goes on, which may be inside of a block's braces."""
    begin = _begin_of_item(tokens, index)
    repetition = _give_up_item(automaton)
    depth = 0
    while index < len(tokens):
        kind = tokens[index][0]
        if depth == 0 and kind == "LEFT_BRACE" and repetition == "statements" and _enter_block(automaton, tokens, begin, index):
            return index
        if kind in _OPENERS:
            depth += 1
        elif kind in _CLOSERS:
            if depth == 0:
                return index
            depth -= 1
        elif kind in _SEPARATORS and depth == 0:
            return index + 1
        index += 1
    return index


def _give_up_item(automaton: Automaton) -> str:
    """Cuts the parser's stacks back to the innermost repetition, which may still be empty. Returns which one that is."""
    size, repetition = automaton.innermost()
    state = automaton.states[size - 1]
    _cut(automaton, size)
    if automaton.tables.symbols[state] != repetition:
        begun = automaton.tables.after(state, repetition)
        assert begun is not None
        automaton.states.append(begun)
        automaton.values.append([])
    return repetition


def _cut(automaton: Automaton, size: int) -> None:
    del automaton.states[size:]
    del automaton.values[size - 1 :]


def _begin_of_item(tokens: list[Token], index: int) -> int:
    """The first token of the item that holds the token at `index`."""
    depth = 0
    for before in range(index - 1, -1, -1):
        kind = tokens[before][0]
        if kind in _CLOSERS:
            depth += 1
        elif kind in _OPENERS:
            if depth == 0:
                return before + 1
            depth -= 1
        elif kind in _SEPARATORS and depth == 0:
            return before + 1
    return 0


def _enter_block(automaton: Automaton, tokens: list[Token], begin: int, brace: int) -> bool:
    """Takes a heading that has a fault for its first word or two, so that the block's body is read all the same."""
    heading = tokens[begin:brace]
    if not heading or heading[0][0] != "NAME" or any(kind == "EQUALS" for kind, _, _ in heading):
        return False
    automaton.feed(*heading[0])
    if len(heading) > 1 and heading[1][0] in ("NAME", "STRING"):
        automaton.feed(*heading[1])
    return True


def _one_a_fault(source: Source, sure: Iterable[Problem], brackets: Iterable[Problem], misfits: Iterable[Problem]) -> list[Problem]:
    """Leaves out what only follows from another fault: at most one misfit a line, none where something is at fault for sure. Of what is
    sure, a line keeps a few of each code: a file that is no text at all would have thousands."""
    line_of = source.lines().position
    counts: Counter[tuple[int, str]] = Counter()
    kept = []
    for problem in sure:
        place = (line_of(problem.span.start).line, problem.code)
        counts[place] += 1
        if counts[place] <= MOST_ALIKE_ON_A_LINE:
            kept.append(problem)
    lines = {line_of(problem.span.start).line for problem in kept}
    fresh = []
    for problem in misfits:
        line = line_of(problem.span.start).line
        if line not in lines:
            fresh.append(problem)
            lines.add(line)
    for problem in brackets:
        places = {line_of(span.start).line for span in (problem.span, *(label.span for label in problem.labels))}
        if not places & lines:
            kept.append(problem)
    return kept + fresh
