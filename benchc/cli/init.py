"""`benchc init`: a spec to start from.

In: a folder. Out: `reviews.bench` and `reviews.csv` in it, from the library that ships. Asks nothing, overwrites nothing.
"""

import json
from importlib.resources import files
from pathlib import Path

import click

STARTER = {"reviews.bench": "starter.bench", "reviews.csv": "reviews.csv"}


@click.command("init")
@click.argument("folder", type=click.Path(), default=".")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the output.")
def command(folder: str, form: str) -> int:
    """Write a small spec with its data into FOLDER: one that checks and runs, with comments that teach.

    Leaves with 2, and writes nothing, when a file of that name is there already.
    """
    place = Path(folder)
    taken = [name for name in STARTER if (place / name).exists()]
    if taken:
        raise click.UsageError(f"`{place / taken[0]}` is there already; give another folder: `benchc init NAME`")
    place.mkdir(parents=True, exist_ok=True)
    shipped = files("benchc.specs") / "starter"
    for name, source in STARTER.items():
        with (place / name).open("xb") as file:
            file.write((shipped / source).read_bytes())
    written = [(place / name).as_posix() for name in STARTER]
    click.echo(json.dumps({"written": written}) if form == "json" else _next_steps(written))
    return 0


def _next_steps(written: list[str]) -> str:
    spec = written[0]
    return f"wrote {' and '.join(written)}\nnext: benchc check {spec}, then benchc run {spec}"
