"""`benchc ls`: the runs in a folder, the newest first."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

RUN_FORMAT = "benchc-run/1"


@click.command("ls")
@click.argument("folder", type=click.Path(), default="runs")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the list.")
def command(folder: str, form: str) -> None:
    """List the runs below FOLDER (by default runs/), the newest first."""
    if not Path(folder).is_dir():
        raise click.UsageError(f"there is no folder `{folder}`")
    runs = sorted(_runs(Path(folder)), key=lambda run: str(run["started"]), reverse=True)
    if form == "json":
        click.echo(json.dumps(runs, ensure_ascii=False))
        return
    for run in runs:
        click.echo(f"{run['started']}  {_status(run):<24}{run['bench']}  {run['folder']}")
    if not runs:
        click.echo(f"no runs below `{folder}`", err=True)


def _runs(folder: Path) -> Iterator[Mapping[str, object]]:
    for path in folder.rglob("run.json"):
        try:
            value = json.loads(path.read_bytes())
        except ValueError:
            continue  # another program's file, or one that is being written
        if isinstance(value, dict) and value.get("format") == RUN_FORMAT:
            if value.get("status") == "running" and not _lives(value.get("process")):
                value["status"] = "broken off"
            kept = {name: value.get(name) for name in ("bench", "status", "exit_code", "started", "seconds", "settings", "only")}
            yield {"folder": str(path.parent), **kept}


def _lives(process: object) -> bool:
    from benchc.runtime.provenance import is_alive

    return isinstance(process, dict) and is_alive(process)


def _status(run: Mapping[str, object]) -> str:
    if run["status"] != "finished":
        return str(run["status"])
    words = {0: "done", 3: "a gate failed", 4: "some cells failed"}
    code = run["exit_code"]
    return words.get(code, "done") if isinstance(code, int) else "done"
