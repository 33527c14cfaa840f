"""What the compiler has to say, as data.

In: nothing. Out: `Problem` and its parts. Not here: how a problem is drawn (`render`), its long text (`explanations/`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from benchc.compiler.source import Span


class Level(StrEnum):
    """`ERROR` stops the run; `WARNING` is a lint, which `allow { code = "reason" }` silences; `NOTE` only tells."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A further place that explains a problem, with what is to be seen there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at `span` by `replacement`."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Help:
    """What to do, with edits that do it where that is sure."""

    message: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or doubtful.

    `code` is snake_case and names a file in `explanations/`. `message` is lower case, without a full stop, stands alone,
    and puts names in backticks. Only `help` says what to do.
    """

    code: str
    level: Level
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    help: tuple[Help, ...] = ()


def error(code: str, message: str, span: Span, *help: Help, labels: tuple[Label, ...] = ()) -> Problem:
    return Problem(code, Level.ERROR, message, span, labels, help)


def warning(code: str, message: str, span: Span, *help: Help, labels: tuple[Label, ...] = ()) -> Problem:
    return Problem(code, Level.WARNING, message, span, labels, help)


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.level is Level.ERROR for problem in problems)


def in_reading_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sorted by file, place, level and code, each once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.span.path, p.span.start, p.span.end, p.level, p.code, p.message)))
