"""Markdown as a test language; README.md in this folder says how a case is written.

In: the text of a Markdown file. Out: its cases, and for each case the differences between what it expects and what `check` says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from memory_files import MemoryFiles

from benchc.compiler.pipeline import check
from benchc.compiler.problems import Level, Problem
from benchc.compiler.source import Source

ROOT: Final = "spec.bench"
_HEADING: Final = re.compile(r"(#+)\s+(.*)")
_FENCE: Final = re.compile(r"(`{3,})(\w*)\s*(.*)")
_EXPECTED: Final = re.compile(r"#\s*(error|warning|note|none):\s*\[(\w+)\](?:\s*\"((?:[^\"\\]|\\.)*)\")?")


@dataclass(frozen=True, slots=True)
class Case:
    """`files` maps paths to texts; the spec is at `ROOT`."""

    name: str
    line: int
    files: dict[str, str]
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Expected:
    """`level` is "none" where no problem of that code may be."""

    path: str
    line: int
    level: str
    code: str
    words: str


@dataclass(slots=True)
class _Section:
    depth: int
    title: str
    line: int
    prelude: str = ""
    files: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)


def cases(text: str) -> Iterator[Case]:
    """The cases of a Markdown file, in order."""
    sections: list[_Section] = [_Section(0, "", 1)]
    for section in _sections(text):
        while sections and sections[-1].depth >= section.depth:
            sections.pop()
        sections.append(section)
        if ROOT in section.files:
            prelude = "".join(outer.prelude for outer in sections)
            name = " / ".join(outer.title for outer in sections if outer.title)
            yield Case(name, section.line, {**section.files, ROOT: prelude + section.files[ROOT]}, section.settings)


def _sections(text: str) -> Iterator[_Section]:
    section = _Section(0, "", 1)
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        if fence := _FENCE.fullmatch(line.strip()):
            body = _fenced(lines, fence[1])
            _add(section, fence[2], fence[3].strip(), body)
        elif heading := _HEADING.fullmatch(line):
            yield section
            section = _Section(len(heading[1]), heading[2], number)
    yield section


def _fenced(lines: Iterator[tuple[int, str]], fence: str) -> str:
    body = []
    for _, line in lines:
        if line.strip() == fence:
            return "".join(f"{text}\n" for text in body)
        body.append(line)
    raise ValueError("a fenced block is not closed")


def _add(section: _Section, language: str, title: str, body: str) -> None:
    if language == "settings":
        pairs = (line.partition("=") for line in body.splitlines() if line.strip())
        section.settings.update({name.strip(): value.strip() for name, _, value in pairs})
    elif title == "prelude":
        section.prelude += body
    elif title or language == "bench":
        path = title or ROOT
        section.files[path] = section.files.get(path, "") + body


def differences(case: Case) -> list[str]:
    """What a case expects and `check` does not say, and what it says unexpected; one line each."""
    checked = check(ROOT, MemoryFiles(case.files), case.settings)
    expected = [entry for path, text in case.files.items() if path.endswith(".bench") for entry in expectations(path, text)]
    return compare(expected, checked.problems, {path: Source(path, text) for path, text in case.files.items()})


def expectations(path: str, text: str) -> Iterator[Expected]:
    """What the comments of a file expect. One that no line follows speaks of the first line."""
    waiting: list[re.Match[str]] = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        found = list(_EXPECTED.finditer(line))
        if found and line.lstrip().startswith("#"):
            waiting.extend(found)
            continue
        for match in (*waiting, *found):
            words = (match[3] or "").replace('\\"', '"')
            yield Expected(path, number, match[1], match[2], words)
        waiting = []
    for match in waiting:
        yield Expected(path, 1, match[1], match[2], (match[3] or "").replace('\\"', '"'))


def compare(expected: Sequence[Expected], problems: Sequence[Problem], sources: dict[str, Source]) -> list[str]:
    spoken_of = {entry.code for entry in expected}
    open_ones = [entry for entry in expected if entry.level != "none"]
    result = []
    for problem in problems:
        where = _place(problem, sources)
        match = next((entry for entry in open_ones if _fits(entry, problem, where)), None)
        if match is not None:
            open_ones.remove(match)
        elif problem.level is Level.ERROR or problem.code in spoken_of:
            result.append(f"{where[0]}:{where[1]}: unexpected {problem.level}: [{problem.code}] {problem.message!r}")
    result.extend(f"{entry.path}:{entry.line}: missing {entry.level}: [{entry.code}] {entry.words!r}" for entry in open_ones)
    return result


def _fits(entry: Expected, problem: Problem, where: tuple[str, int]) -> bool:
    said = "\n".join((problem.message, *(advice.message for advice in problem.help)))
    return (entry.path, entry.line, entry.level, entry.code) == (*where, problem.level, problem.code) and entry.words in said


def _place(problem: Problem, sources: dict[str, Source]) -> tuple[str, int]:
    path = problem.span.path
    source = sources.get(path)
    return path, source.lines().position(problem.span.start).line if source is not None else 1
