"""`benchc cache`: what the store of finished steps holds, what of it can go, whether it is whole."""

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from benchc.cli.settings import parse_duration, parse_size

if TYPE_CHECKING:
    from benchc.runtime.store import Store

cache_option = click.option("--cache", type=click.Path(), metavar="DIR", help="The folder; by default BENCHC_CACHE or the user's cache.")
form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the answer.")


@click.group("cache")
def command() -> None:
    """Look after the store, where finished steps are kept so that they are not computed again."""


@command.command("ls")
@cache_option
@form_option
def ls(cache: str | None, form: str) -> None:
    """List the entries, converted models among them, the last used first."""
    from benchc.runtime.cache import list_entries

    store = _store(cache)
    listed = list_entries(store)
    if form == "json":
        rows = [
            {
                "key": one.entry.key,
                "kind": one.entry.kind,
                "bytes": one.entry.size_bytes,
                "seconds": one.entry.seconds,
                "made": one.entry.made,
                "used": datetime.fromtimestamp(one.used, UTC).isoformat(timespec="seconds"),
                "folder": str(one.entry.folder),
            }
            for one in listed
        ]
        click.echo(json.dumps(rows))
        return
    for one in listed:
        used = datetime.fromtimestamp(one.used).astimezone()
        click.echo(f"{used:%Y-%m-%d %H:%M}  {one.entry.kind:<10}{size_words(one.entry.size_bytes):>10}  {one.entry.key[:16]}")
    total = sum(one.entry.size_bytes for one in listed)
    click.echo(f"{len(listed)} entries, {size_words(total)}, in {store.folder}", err=True)


@command.command("gc")
@cache_option
@form_option
@click.option("--older", type=parse_duration, metavar="TIME", help="Remove what was not used for this long: `30d`.")
@click.option("--keep-size", type=parse_size, metavar="SIZE", help="Remove what was not used for longest until the rest fits: `10GB`.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
def gc(cache: str | None, form: str, older: float | None, keep_size: int | None, dry_run: bool) -> None:
    """Remove leftovers of processes that died and damaged entries; with limits, entries beyond them.

    What a running benchc computes or uses stays.
    """
    from benchc.runtime.cache import Limits, choose_removals, remove

    store = _store(cache)
    removals = choose_removals(store, Limits(older, keep_size), time.time())
    if not dry_run:
        remove(store, removals)
    if form == "json":
        rows = [{"path": str(one.path), "kind": one.kind, "bytes": one.size_bytes, "reason": one.reason} for one in removals]
        click.echo(json.dumps({"removed": not dry_run, "items": rows}))
        return
    for one in removals:
        click.echo(f"{one.kind:<12}{size_words(one.size_bytes):>10}  {one.path.name[:16]}  {one.reason}")
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{len(removals)} items, {size_words(sum(one.size_bytes for one in removals))} {verb}")


@command.command("verify")
@cache_option
@form_option
def verify(cache: str | None, form: str) -> int:
    """Check every file of every entry, converted models among them, against its checksum.

    Leaves with 4 when some are damaged; a run computes those again."""
    from benchc.runtime.cache import verify as check

    damages = check(_store(cache), lambda key: None)
    if form == "json":
        click.echo(json.dumps([{"key": one.key, "reason": one.reason} for one in damages]))
    else:
        for one in damages:
            click.echo(f"damaged: {one.key[:16]}: {one.reason}")
        click.echo(f"{len(damages)} damaged entries; a run that needs them computes them again" if damages else "all entries are whole")
    return 4 if damages else 0


def size_words(size_bytes: float) -> str:
    """`312 B`, `4.1 KB`, `86.7 MB`"""
    for unit in ("B", "KB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


def _store(cache: str | None) -> "Store":
    from benchc.disk import cache_folder
    from benchc.runtime.store import Store

    return Store(cache_folder(cache))
