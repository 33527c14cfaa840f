"""Problems as JSON, for programs.

In: problems and the texts that they point into. Out: `{"format": 1, "problems": [...]}`. Lines and columns count from 1, columns and
offsets in code points; `end` is exclusive.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Edit, Help, Label, Problem
from benchc.compiler.render.places import Places
from benchc.compiler.source import Source, Span

FORMAT: Final = 1


def render_json(problems: Sequence[Problem], sources: Mapping[str, Source]) -> str:
    return json.dumps({"format": FORMAT, "problems": problems_json(problems, sources)}, indent=2, ensure_ascii=False)


def problems_json(problems: Sequence[Problem], sources: Mapping[str, Source]) -> list[Json]:
    """The problems as JSON values, for formats that hold them."""
    places = Places(sources)
    return [_problem(problem, places) for problem in problems]


def _problem(problem: Problem, places: Places) -> Json:
    return {
        "code": problem.code,
        "level": str(problem.level),
        "message": problem.message,
        **_span(problem.span, places),
        "labels": [_label(label, places) for label in problem.labels],
        "help": [_help(advice, places) for advice in problem.help],
    }


def _label(label: Label, places: Places) -> Json:
    return {"message": label.message, **_span(label.span, places)}


def _help(advice: Help, places: Places) -> Json:
    return {"message": advice.message, "edits": [_edit(edit, places) for edit in advice.edits]}


def _edit(edit: Edit, places: Places) -> Json:
    return {"replacement": edit.replacement, **_span(edit.span, places)}


def _span(span: Span, places: Places) -> dict[str, Json]:
    place = places.of(span)
    return {
        "path": span.path,
        "start": {"line": place.start.line, "column": place.start.column, "offset": span.start},
        "end": {"line": place.end.line, "column": place.end.column, "offset": span.end},
    }
