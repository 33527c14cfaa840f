"""`benchc completion`: a script that completes commands and options in a shell."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL: `source <(benchc completion bash)`, or put it where the shell looks for such scripts."""
    from click.shell_completion import get_completion_class

    from benchc.cli.main import command as group

    kind = get_completion_class(shell)
    assert kind is not None, "every shell of the choice is known to click"
    click.echo(kind(group, {}, "benchc", "_BENCHC_COMPLETE").source())
