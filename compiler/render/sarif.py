"""Problems as SARIF 2.1.0, for code hosts and editors.

In: problems and the texts that they point into. Out: a log with one run. Rules are the codes that occur, with their explanations;
edits are fixes. Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from benchc.compiler.explanations import explain
from benchc.compiler.jsonvalue import Json
from benchc.compiler.problems import Edit, Help, Label, Problem
from benchc.compiler.render.places import Places
from benchc.compiler.source import Source, Span

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(problems: Sequence[Problem], sources: Mapping[str, Source]) -> str:
    codes = sorted({problem.code for problem in problems})
    places = Places(sources)
    run: Json = {
        "tool": {"driver": {"name": "benchc", "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(problem.code), places) for problem in problems],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: str) -> Json:
    explanation = explain(code)
    if explanation is None:
        return {"id": code}
    return {"id": code, "shortDescription": {"text": explanation.summary}, "fullDescription": {"text": explanation.text}}


def _result(problem: Problem, rule: int, places: Places) -> Json:
    advice = "".join(f"\nhelp: {advice.message}" for advice in problem.help)
    result: dict[str, Json] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": str(problem.level),
        "message": {"text": problem.message + advice},
        "locations": [{"physicalLocation": _location(problem.span, places)}],
    }
    if problem.labels:
        result["relatedLocations"] = [_related(label, places) for label in problem.labels]
    fixes = [_fix(advice, places) for advice in problem.help if advice.edits]
    return {**result, "fixes": fixes} if fixes else result


def _related(label: Label, places: Places) -> Json:
    return {"physicalLocation": _location(label.span, places), "message": {"text": label.message}}


def _fix(advice: Help, places: Places) -> Json:
    paths = sorted({edit.span.path for edit in advice.edits})
    changes: list[Json] = [
        {
            "artifactLocation": {"uri": _uri(path)},
            "replacements": [_replacement(edit, places) for edit in advice.edits if edit.span.path == path],
        }
        for path in paths
    ]
    return {"description": {"text": advice.message}, "artifactChanges": changes}


def _replacement(edit: Edit, places: Places) -> Json:
    return {"deletedRegion": _region(edit.span, places), "insertedContent": {"text": edit.replacement}}


def _location(span: Span, places: Places) -> Json:
    return {"artifactLocation": {"uri": _uri(span.path)}, "region": _region(span, places)}


def _region(span: Span, places: Places) -> Json:
    place = places.of(span)
    return {
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    }


def _uri(path: str) -> str:
    """A path as a relative reference; an absolute path gets its scheme, and a first segment with a colon is not taken for one."""
    quoted = quote(path, safe="/~")
    return f"file://{quoted}" if path.startswith("/") else quoted
