"""Problems as annotations of a CI run, in the form of GitHub's workflow commands.

In: problems and the texts that they point into. Out: a line for each, `::error file=a.bench,line=1,col=2,...::message`.
Source: GitHub Docs, Workflow commands for GitHub Actions; a notice is its word for a note.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from benchc.compiler.problems import Level, Problem
from benchc.compiler.render.places import Places
from benchc.compiler.source import Source

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render_annotations(problems: Sequence[Problem], sources: Mapping[str, Source]) -> str:
    places = Places(sources)
    return "\n".join(_annotation(problem, places) for problem in problems)


def _annotation(problem: Problem, places: Places) -> str:
    place = places.of(problem.span)
    properties = {"file": problem.span.path, "line": place.start.line, "endLine": place.end.line, "col": place.start.column}
    if place.start.line == place.end.line:
        properties["endColumn"] = place.end.column
    properties["title"] = f"benchc {problem.code}"
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = "\n".join([problem.message, *(f"help: {advice.message}" for advice in problem.help)])
    return f"::{_COMMANDS[problem.level]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
