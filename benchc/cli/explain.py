"""`benchc explain`: the long text of a problem's code.

In: the command line. Out: the explanation with its two examples, or the list of all codes. Not here: the texts
(`benchc.compiler.explanations`).

Exit codes: 0 done; 2 there is no such code.
"""

import json
from dataclasses import asdict
from typing import Final

import click

from benchc.compiler.explanations import Explanation, codes, explain
from benchc.compiler.suggest import near

FORMAT: Final = 1


@click.command("explain")
@click.argument("code", required=False, metavar="[CODE]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the output.")
def command(code: str | None, form: str) -> None:
    """Say what a problem's CODE means, with an example that has it and the same example mended.

    Without CODE, list all codes.
    """
    known = codes()
    if code is None:
        chosen = [_known(name) for name in known]
        click.echo(_as_json(chosen) if form == "json" else _list(chosen))
        return
    if code not in known:
        raise click.UsageError(_unknown(code, known))
    explanation = _known(code)
    click.echo(_as_json([explanation]) if form == "json" else _text(explanation))


def _known(code: str) -> Explanation:
    explanation = explain(code)
    assert explanation is not None, "`codes` lists what `explain` knows"
    return explanation


def _unknown(code: str, known: tuple[str, ...]) -> str:
    similar = near(code, known)
    if similar:
        return f"there is no code `{code}`; did you mean {' or '.join(f'`{name}`' for name in similar)}?"
    return f"there is no code `{code}`; `benchc explain` lists all codes"


def _list(explanations: list[Explanation]) -> str:
    width = max((len(explanation.code) for explanation in explanations), default=0)
    return "\n".join(f"{e.code:<{width}}  {e.level:<7}  {e.summary}" for e in explanations)


def _text(explanation: Explanation) -> str:
    parts = [f"{explanation.code} ({explanation.level})", explanation.text]
    parts += [f"--- {path}\n{_indented(text)}" for path, text in explanation.files.items()]
    parts += [f"This has the problem:\n\n{_indented(explanation.failing)}", f"This has not:\n\n{_indented(explanation.mended)}"]
    return "\n\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def _as_json(explanations: list[Explanation]) -> str:
    return json.dumps({"format": FORMAT, "explanations": [asdict(e) for e in explanations]}, indent=2, ensure_ascii=False)
