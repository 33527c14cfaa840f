"""`benchc docs`: the language reference, made from the catalog.

In: the command line. Out: Markdown or JSON. Not here: how it is made (`benchc.reference`).
"""

import json

import click

from benchc.compiler.catalog import CATALOG
from benchc.compiler.suggest import near
from benchc.reference import named, names, part_markdown, parts, reference_json, reference_markdown


@click.command("docs")
@click.argument("name", required=False)
@click.option(
    "--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True, help="Form of the output."
)
def command(name: str | None, form: str) -> None:
    """Print the language reference, or the part of it that goes by NAME: a block, a metric, a source ...

    `FAMILY.NAME` chooses where several things have one name.
    """
    chosen = parts(CATALOG) if name is None else named(name, CATALOG)
    if not chosen:
        similar = near(str(name), names(CATALOG))
        hint = f"; did you mean {' or '.join(f'`{one}`' for one in similar)}?" if similar else ""
        raise click.UsageError(f"nothing in the language is called `{name}`{hint}")
    if form == "json":
        click.echo(json.dumps(reference_json(CATALOG, chosen), indent=2, ensure_ascii=False))
    elif name is None:
        click.echo(reference_markdown(CATALOG), nl=False)
    else:
        click.echo("\n".join(part_markdown(part) for part in chosen), nl=False)
