"""Problems for people: what, where, the line with marks under it, what to do.

In: problems, the texts that they point into, whether to colour, the width in columns. Out: text without a newline at its end.
Control characters and those that turn the direction of writing never reach the output, whether they come from a text or a message.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from benchc.compiler.problems import Edit, Help, Label, Level, Problem
from benchc.compiler.render.columns import Cut, cut, visible
from benchc.compiler.render.places import Places
from benchc.compiler.source import Source, Span

WIDTH: Final = 100

_BOLD: Final = "\x1b[1m"
_DIM: Final = "\x1b[2m"
_COLOURS: Final = {Level.ERROR: "\x1b[31m", Level.WARNING: "\x1b[33m", Level.NOTE: "\x1b[36m"}
_GREEN: Final = "\x1b[32m"
_CYAN: Final = "\x1b[36m"
_RESET: Final = "\x1b[0m"


def render_human(problems: Sequence[Problem], sources: Mapping[str, Source], *, colour: bool = False, width: int = WIDTH) -> str:
    """All problems, an empty line between two; "" when there are none."""
    pen = _Pen(Places(sources), colour, width)
    return "\n\n".join(pen.problem(problem) for problem in problems)


class _Pen:
    """Draws one problem at a time."""

    def __init__(self, places: Places, colour: bool, width: int) -> None:
        self._places = places
        self._colour = colour
        self._width = width

    def problem(self, problem: Problem) -> str:
        marks = [(problem.span, "^", "", _COLOURS[problem.level]), *((label.span, "-", label.message, _CYAN) for label in problem.labels)]
        gutter = max(len(str(self._places.of(span).start.line)) for span, *_ in marks)
        title = self._paint(f"{problem.level}[{problem.code}]", _BOLD + _COLOURS[problem.level])
        lines = [f"{title}: {self._paint(visible(problem.message), _BOLD)}"]
        lines += self._where(problem.span, gutter)
        lines += self._excerpt([mark for mark in marks if mark[0].path == problem.span.path], gutter)
        for label in problem.labels:
            if label.span.path != problem.span.path:
                lines += self._elsewhere(label, gutter)
        for advice in problem.help:
            lines += self._help(advice, gutter)
        return "\n".join(lines)

    def _where(self, span: Span, gutter: int) -> list[str]:
        start = self._places.of(span).start
        return [f"{' ' * gutter}{self._paint('-->', _DIM)} {visible(span.path)}:{start.line}:{start.column}"]

    def _excerpt(self, marks: Sequence[tuple[Span, str, str, str]], gutter: int) -> list[str]:
        """The marked lines in order, each with one row of marks for each span; dots where lines are left out."""
        by_line: dict[int, list[tuple[Span, str, str, str]]] = {}
        for mark in marks:
            by_line.setdefault(self._places.of(mark[0]).start.line, []).append(mark)
        lines: list[str] = []
        previous = 0
        for line in sorted(by_line):
            text = self._places.line_text(marks[0][0].path, line)
            if text is None:
                return []
            if previous and line > previous + 1:
                lines.append(self._paint(f"{' ' * gutter} :", _DIM))
            lines += self._marked(text, line, by_line[line], gutter)
            previous = line
        return lines

    def _marked(self, text: str, line: int, marks: Sequence[tuple[Span, str, str, str]], gutter: int) -> list[str]:
        offset = self._places.offset(marks[0][0].path, line)
        shown = cut(text, marks[0][0].start - offset, marks[0][0].end - offset, self._width - gutter - 3)
        rows = [f"{self._bar(str(line), gutter)} {shown.text}".rstrip()]
        for span, mark, message, colour in marks:
            start, end = shown.columns(span.start - offset, min(span.end - offset, len(text)))
            words = f" {visible(message)}" if message else ""
            rows.append(f"{self._bar('', gutter)} {' ' * start}{self._paint(mark * max(1, end - start) + words, colour)}")
        return rows

    def _elsewhere(self, label: Label, gutter: int) -> list[str]:
        return [*self._where(label.span, gutter), *self._excerpt([(label.span, "-", label.message, _CYAN)], gutter)]

    def _help(self, advice: Help, gutter: int) -> list[str]:
        first, *rest = visible(advice.message, newlines=True).split("\n")
        lines = [f"{' ' * gutter} {self._paint('help', _BOLD + _GREEN)}: {first}", *(f"{' ' * gutter}       {line}" for line in rest)]
        return lines + self._edited(advice.edits, gutter)

    def _edited(self, edits: Sequence[Edit], gutter: int) -> list[str]:
        """The line as the edits would leave it, with marks under what is new; nothing when they span several lines or texts."""
        lines = {(edit.span.path, place.start.line, place.end.line) for edit in edits for place in [self._places.of(edit.span)]}
        if len(lines) != 1 or any("\n" in edit.replacement for edit in edits):
            return []
        path, line, last = lines.pop()
        text = self._places.line_text(path, line)
        if text is None or line != last:
            return []
        new, fresh = _apply(text, edits, self._places.offset(path, line))
        shown: Cut = cut(new, fresh[0][0], fresh[0][1], self._width - gutter - 3)
        marks = ""
        for begin, end in fresh:
            start, stop = shown.columns(begin, end)
            marks += " " * (start - len(marks)) + "+" * (stop - start)
        rows = [f"{self._bar(str(line), gutter)} {shown.text}".rstrip()]
        return [*rows, f"{self._bar('', gutter)} {self._paint(marks, _GREEN)}"] if marks.strip() else rows

    def _bar(self, number: str, gutter: int) -> str:
        return self._paint(f"{number:>{gutter}} |", _DIM)

    def _paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self._colour else text


def _apply(text: str, edits: Sequence[Edit], offset: int) -> tuple[str, list[tuple[int, int]]]:
    """A line after edits, and where in it the replacements stand."""
    result = ""
    at = 0
    fresh = []
    for edit in sorted(edits, key=lambda edit: edit.span.start):
        result += text[at : edit.span.start - offset]
        fresh.append((len(result), len(result) + len(edit.replacement)))
        result += edit.replacement
        at = edit.span.end - offset
    return result + text[at:], fresh
