"""`benchc lock`: pin the content of every file that a spec reads.

In: the command line. Out: SPEC's lock file, or what differs from it. Not here: what a lock holds (`runtime.lock`).
"""

import json
from pathlib import Path

import click

from benchc.cli.settings import parse_settings
from benchc.cli.spec_argument import SpecArgument, spec_argument
from benchc.compiler.jsonvalue import Json, canonical

CHANGED = 1


@click.command("lock")
@click.argument("spec", type=click.Path(), callback=spec_argument)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Value of a param.")
@click.option("--check", is_flag=True, help="Write nothing; leave with 1 when the lock is missing or files differ from it.")
@click.option("--upgrade", is_flag=True, help="Write the lock anew, whatever differs.")
@click.option("--cache", type=click.Path(), metavar="DIR", help="Folder of finished steps and remembered digests.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the output.")
def command(spec: SpecArgument, settings: tuple[str, ...], check: bool, upgrade: bool, cache: str | None, form: str) -> int:
    """Write SPEC's lock: the digest of each data and model file, by which `run --locked` knows that it has the same."""
    from benchc import api
    from benchc.runtime.lock import NotALockError, differences, lock_place, make_lock, read_lock

    if check and upgrade:
        raise click.UsageError("give one of --check and --upgrade")
    spec.must_be_file()
    compiled = api.compile(spec.path, settings=parse_settings(settings), cache=cache)
    if compiled.plan is None:
        click.echo(str(api.SpecError(compiled.problems, compiled.checked.sources)), err=True)
        return CHANGED
    now, place = make_lock(compiled.plan), lock_place(spec.beside)
    try:
        found = differences(read_lock(place), now) if place.exists() and not upgrade else (f"there is no lock `{place}`",)
    except NotALockError as trouble:
        raise click.UsageError(str(trouble)) from None
    if upgrade or (not check and not place.exists()):
        place.write_text(canonical(now) + "\n", encoding="utf-8")
        return _say(form, place, written=True, found=())
    return _say(form, place, written=False, found=found)


def _say(form: str, place: Path, written: bool, found: tuple[str, ...]) -> int:
    if form == "json":
        report: Json = {"lock": str(place), "written": written, "differences": list(found)}
        click.echo(json.dumps(report, indent=2))
    elif written:
        click.echo(f"{place} is written")
    elif found:
        click.echo("\n".join(f"error: {one}" for one in found), err=True)
        click.echo("help: where this is meant, write the lock anew: `benchc lock --upgrade`", err=True)
    else:
        click.echo(f"{place}: all files are as it says")
    return CHANGED if found else 0
