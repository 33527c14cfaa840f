"""`benchc show`: the results of a run, or of one of its cells, in the terminal."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from benchc.runtime.run_results import Results

MOST_SHOWN = 10
WIDTH = 100


@click.command("show")
@click.argument("run", type=click.Path())
@click.option("--cell", "cell_id", metavar="ID", help="Show this cell: metrics, training, errors, examples that it got wrong.")
@click.option("--example", metavar="ID", help="Of that cell, show this example: the exact prompt, its tokens, what the model said.")
@click.option("--cache", type=click.Path(), metavar="DIR", help="Folder of finished steps, which holds the prompts.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the answer.")
def command(run: str, cell_id: str | None, example: str | None, cache: str | None, form: str) -> None:
    """Show the results of RUN, a folder that `benchc run` left."""
    results = open_run(run)
    if example is not None:
        lines = _example(results, cell_id, example, cache, form)
    elif cell_id is None:
        lines = [json.dumps(results.value, ensure_ascii=False)] if form == "json" else _summary(results)
    else:
        cell = _find(results, cell_id)
        lines = [json.dumps(cell, ensure_ascii=False)] if form == "json" else list(_cell(results, cell))
    click.echo("\n".join(lines))


def _example(results: "Results", cell_id: str | None, example: str, cache: str | None, form: str) -> list[str]:
    from benchc.cli.example_text import example_json, example_lines

    if cell_id is None:
        raise click.UsageError("`--example` needs the cell: `--cell ID`")
    value = example_json(results, str(_find(results, cell_id)["id"]), example, cache)
    return [json.dumps(value, ensure_ascii=False)] if form == "json" else list(example_lines(value))


def open_run(run: str) -> "Results":
    """Raises UsageError for a folder that no finished run left."""
    from benchc.runtime.run_results import Results

    try:
        return Results.open(Path(run))
    except (FileNotFoundError, NotADirectoryError):
        raise click.UsageError(f"`{run}` is not the folder of a finished run: it has no results.json") from None
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None


def _summary(results: "Results") -> list[str]:
    from benchc.runtime.summary import summarize

    cells = [f"  {cell['status']:<8}{cell['id']}" for cell in results.cells]
    return [*summarize(results.value), "cells", *cells]


def _find(results: "Results", cell_id: str) -> Mapping[str, object]:
    from benchc.compiler.suggest import near

    try:
        return results.cell(cell_id)
    except KeyError:
        ids = [str(cell["id"]) for cell in results.cells]
        similar = near(cell_id, ids) or tuple(one for one in ids if cell_id in one)[:3]
        hint = f"; did you mean {' or '.join(f'`{one}`' for one in similar)}?" if similar else "; `benchc show` without --cell lists them"
        raise click.UsageError(f"there is no cell `{cell_id}`{hint}") from None


def _cell(results: "Results", cell: Mapping[str, object]) -> Iterator[str]:
    yield f"{cell['id']}: {cell['status']}, {cell['n'] if cell['n'] is not None else 'no'} examples of {cell['split']}"
    yield from _error(cell["error"])
    yield from _metrics(cell["metrics"])
    yield from _facts("training", cell["training"])
    yield from _facts("prediction", cell["prediction"])
    if cell["predictions"] is not None:
        yield from _predictions(results, str(cell["id"]))


def _error(error: object) -> Iterator[str]:
    if isinstance(error, Mapping):
        yield f"  {error['code']}: {error['message']}"
        if error["help"]:
            yield f"  help: {error['help']}"


def _metrics(metrics: object) -> Iterator[str]:
    assert isinstance(metrics, Mapping)
    if metrics:
        yield "metrics"
    for name, metric in metrics.items():
        interval = f"  {metric['low']:.4f} to {metric['high']:.4f} ({metric['method']})" if metric["low"] is not None else ""
        value = f"{metric['value']:.4f}" if metric["value"] is not None else "-"
        notes = "".join(f"; {note}" for note in metric["notes"])
        yield f"  {name:<32}{value}{interval}{notes}"
        for label, one in metric.get("values", {}).items():
            yield f"    {label:<30}{one['value']:.4f}" if one["value"] is not None else f"    {label:<30}-"


def _facts(title: str, facts: object) -> Iterator[str]:
    if isinstance(facts, Mapping):
        yield title
        yield from (f"  {name:<32}{_shown(value)}" for name, value in facts.items() if value is not None and value != [])


def _predictions(results: "Results", cell_id: str) -> Iterator[str]:
    """The first examples that the model got wrong, or worst; of texts what was written, or how likely they are."""
    from benchc.cli.prediction_text import prediction_lines

    kind = str(results.cell(cell_id)["task_kind"])
    yield from (line[:WIDTH] for line in prediction_lines(kind, results.predictions(cell_id), MOST_SHOWN))


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
