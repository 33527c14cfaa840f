"""`benchc report`: makes the HTML of a finished run again, from its folder alone."""

import json
from pathlib import Path

import click


@click.command("report")
@click.argument("run", type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the answer.")
def command(run: str, form: str) -> None:
    """Make the report of RUN, a folder that `benchc run` left, again."""
    if not (Path(run) / "results.json").is_file():
        raise click.UsageError(f"`{run}` is not the folder of a finished run: it has no results.json")
    from benchc.runtime.report.json_fields import DocumentError
    from benchc.runtime.report.report import write_report

    try:
        page = write_report(Path(run))
    except DocumentError as fault:
        raise click.UsageError(str(fault)) from None
    click.echo(json.dumps({"report": str(page)}) if form == "json" else str(page))
