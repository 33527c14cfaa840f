"""The command `benchc`: a group whose commands are imported only when one is chosen.

In: the command line. Out: an exit code, and at worst one line about a bug in benchc; never a traceback.
Not here: what a command does. Each has a file of its own in this folder with an attribute `command`.

Exit codes: 0 done; 1 the spec has errors; 2 wrong use; 3 a gate failed; 4 some cells failed (also when a gate failed besides);
70 a bug in benchc; 74 trouble with files that stopped the command; 130 interrupted; 141 the reader of the output went away.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "init": "write a spec to start from",
    "check": "say what is wrong with a spec, before anything is spent",
    "fmt": "put specs into the one style",
    "explain": "what a problem's code means, with examples",
    "plan": "what a run would do, and what it would cost",
    "run": "do what the plan says, and write the report",
    "lock": "pin the content of the files that a spec reads",
    "show": "the results of a run",
    "report": "make the report of a run again",
    "ls": "the runs in a folder",
    "cache": "what the store of finished steps holds",
    "doctor": "what this machine offers, and what is missing",
    "schema": "the JSON Schemas that benchc publishes",
    "docs": "the language reference, made from the catalog",
    "completion": "a script that completes `benchc` in a shell",
}

INTERNAL_ERROR: Final = 70
FILE_ERROR: Final = 74
INTERRUPTED: Final = 130
OUTPUT_CLOSED: Final = 141


class LazyGroup(click.Group):
    """Knows its commands by name and one-line doc; a command's module is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"benchc.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from benchc.compiler.suggest import near

            similar = near(args[0], COMMANDS)
            hint = f"; did you mean {' or '.join(f'`{name}`' for name in similar)}?" if similar else ""
            raise click.UsageError(f"there is no command `{args[0]}`{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from benchc.version import VERSION

        click.echo(f"benchc {VERSION}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, callback=_print_version, expose_value=False, is_eager=True, help="Show the version and leave.")
def command() -> None:
    """Compile a .bench file into a benchmark, run it, and read a report that you can believe."""


def main() -> None:
    """The entry point of the installed command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a character that the terminal lacks is no reason to stop
    sys.exit(guarded(lambda: invoke(sys.argv[1:])))


def invoke(arguments: Sequence[str]) -> int:
    """Runs one command line; the exit code is what the command returned, or asked `click` to leave with."""
    outcome = command.main(args=list(arguments), prog_name="benchc", standalone_mode=False)
    sys.stdout.flush()
    return outcome if isinstance(outcome, int) and not isinstance(outcome, bool) else 0


def guarded(work: Callable[[], int]) -> int:
    """What `work` returns, or the exit code of what went wrong, with a message for people on stderr."""
    try:
        return work()
    except click.ClickException as wrong_use:
        wrong_use.show()
        return wrong_use.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; what was done is kept", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
        return OUTPUT_CLOSED
    except OSError as trouble:
        click.echo(f"error: {describe_os_error(trouble)}", err=True)
        return FILE_ERROR
    except Exception as bug:  # noqa: BLE001 - the one place where a bug becomes a message
        _report_bug(bug)
        return INTERNAL_ERROR


def describe_os_error(trouble: OSError) -> str:
    """`cannot use FILE: reason`, with the file when the system named one."""
    reason = (trouble.strerror or str(trouble) or type(trouble).__name__).lower()
    return f"cannot use `{trouble.filename}`: {reason}" if trouble.filename is not None else reason


def _report_bug(bug: Exception) -> None:
    click.echo(f"internal error: {type(bug).__name__}: {bug}".splitlines()[0], err=True)
    click.echo("this is a bug in benchc, please report it", err=True)
    text = "".join(traceback.format_exception(bug))
    try:
        handle, path = tempfile.mkstemp(prefix="benchc-bug-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as trouble:
        click.echo(f"the details could not be saved: {describe_os_error(trouble)}", err=True)
    else:
        click.echo(f"details to send with it: {path}", err=True)


def _drop_stdout() -> None:
    """Points stdout nowhere, so that flushing at exit does not fail a second time."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
