"""`benchc schema`: the JSON Schemas that benchc publishes.

In: the command line. Out: a JSON Schema. Not here: how they are made.
"""

import json
from collections.abc import Mapping

import click

from benchc.compiler.jsonvalue import Json


@click.command("schema")
@click.option("--plan", "of", flag_value="plan", help="The schema of plan.json, instead.")
@click.option("--results", "of", flag_value="results", help="The schema of results.json, instead.")
@click.option("--format", "form", type=click.Choice(["json"]), default="json", show_default=True, help="Form of the output.")
def command(of: str | None, form: str) -> None:
    """Print the JSON Schema of a resolved spec, or of what a run leaves."""
    click.echo(json.dumps(_schema(of), indent=2, ensure_ascii=False))


def _schema(of: str | None) -> Mapping[str, Json]:
    if of == "plan":
        from benchc.compiler.plan_schema import PLAN_SCHEMA

        return PLAN_SCHEMA
    if of == "results":
        from benchc.runtime.results import results_schema

        return results_schema()
    from benchc.compiler.catalog import CATALOG
    from benchc.compiler.schema import spec_schema

    return spec_schema(CATALOG)
