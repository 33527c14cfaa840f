"""`benchc fmt`: specs in the one style.

In: the command line, spec files or standard input. Out: the files, put into the style in place; or what would change.
A file whose form has errors is left as it is. Not here: the style (`benchc.compiler.format`).

Exit codes: 0 all files are in the style (now); 1 a file has errors, or with --check or --diff is not in the style; 2 wrong use.
"""

import difflib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from benchc.compiler.format import format_text
from benchc.compiler.problems import Help, Problem, error, has_errors
from benchc.compiler.source import Source

FORMAT: Final = 1
STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or would become, of one file. `after` equals the source's text when the file is in the style or has errors."""

    source: Source
    after: str
    problems: tuple[Problem, ...]

    @property
    def status(self) -> str:
        if has_errors(self.problems):
            return "failed"
        return "same" if self.after == self.source.text else "changed"


@click.command("fmt")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True), metavar="PATHS...")
@click.option("--check", is_flag=True, help="Write nothing; leave with 1 when a file is not in the style.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change, and leave with 1 when anything would.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of what is said.")
def command(paths: Sequence[str], check: bool, diff: bool, form: str) -> int:
    """Put the specs at PATHS into the one style: files, folders with all specs below them, or - for standard input.

    What `-` reads goes to standard output in the style.
    """
    outcomes = [_format(path) for path in _specs(paths)]
    looking = check or diff
    if not looking:
        for outcome in outcomes:
            _write(outcome)
    if diff:
        click.echo("".join(_diff(outcome) for outcome in outcomes), nl=False)
    _say(outcomes, form, looking)
    failed = any(outcome.status == "failed" for outcome in outcomes)
    return int(failed or (looking and any(outcome.status == "changed" for outcome in outcomes)))


def _specs(paths: Sequence[str]) -> list[str]:
    found = dict.fromkeys(spec for path in paths for spec in _specs_at(path))
    return list(found)


def _specs_at(path: str) -> Iterator[str]:
    if path == STANDARD_INPUT or not Path(path).is_dir():
        yield path
        return
    specs = sorted(file.as_posix() for file in Path(path).rglob("*.bench") if file.is_file())
    if not specs:
        raise click.UsageError(f"there is no .bench file in `{path}`")
    yield from specs


def _format(path: str) -> Outcome:
    content = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    try:
        source = Source(path, content.decode("utf-8"))
    except UnicodeDecodeError as wrong:
        source = Source(path, content.decode("utf-8", "replace"))
        message = f"`{path}` is not UTF-8 text: byte {wrong.start} is {content[wrong.start]:#04x}"
        problem = error("spec_unreadable", message, source.span(0, 0), Help("save the file with the encoding UTF-8"))
        return Outcome(source, source.text, (problem,))
    formatted = format_text(source)
    return Outcome(source, formatted.text, formatted.problems)


def _write(outcome: Outcome) -> None:
    if outcome.source.path == STANDARD_INPUT:
        if outcome.status != "failed":
            click.echo(outcome.after, nl=False)
    elif outcome.status == "changed":
        _replace(Path(outcome.source.path).resolve(), outcome.after)


def _replace(path: Path, text: str) -> None:
    """Writes aside and renames, so that the file is never half written; its mode stays."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        os.chmod(aside, path.stat().st_mode & 0o7777)
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise


def _diff(outcome: Outcome) -> str:
    before, after = (text.splitlines(keepends=True) for text in (outcome.source.text, outcome.after))
    lines = difflib.unified_diff(before, after, outcome.source.path, outcome.source.path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _say(outcomes: Sequence[Outcome], form: str, looking: bool) -> None:
    if form == "json":
        click.echo(_as_json(outcomes), err=any(outcome.source.path == STANDARD_INPUT for outcome in outcomes) and not looking)
        return
    for outcome in outcomes:
        if outcome.problems:
            from benchc.compiler.render.human import render_human

            click.echo(render_human(outcome.problems, {outcome.source.path: outcome.source}, colour=sys.stderr.isatty()), err=True)
        if outcome.status == "changed" and outcome.source.path != STANDARD_INPUT:
            click.echo(f"{'would format' if looking else 'formatted'} {outcome.source.path}", err=True)
        if outcome.status == "failed":
            click.echo(f"left as it is: {outcome.source.path}", err=True)


def _as_json(outcomes: Sequence[Outcome]) -> str:
    from benchc.compiler.render.json import problems_json

    files = [{"path": outcome.source.path, "status": outcome.status} for outcome in outcomes]
    sources = {outcome.source.path: outcome.source for outcome in outcomes}
    problems = problems_json([problem for outcome in outcomes for problem in outcome.problems], sources)
    return json.dumps({"format": FORMAT, "files": files, "problems": problems}, indent=2, ensure_ascii=False)
