"""The argument SPEC of commands: a path, `std:NAME`, or `pkg:package.module/file.bench`.

In: what was typed. Out: `SpecArgument`. A name of a package's file that is not there is wrong use, with near names.
"""

from dataclasses import dataclass
from pathlib import Path

import click

from benchc.compiler.package_files import NoPackageFile, find_package_file
from benchc.disk import cache_folder, disk_files


@dataclass(frozen=True, slots=True)
class SpecArgument:
    """`path`: of the file, with forward slashes. `written`: what was typed. `beside`: where what belongs to the spec is kept: the file
    itself, or one of its name in the working folder when it lies in a package, which is not written to."""

    path: str
    written: str
    beside: Path

    def must_be_file(self) -> None:
        """Raises UsageError."""
        if not Path(self.path).is_file():
            raise click.UsageError(f"there is no file `{self.written}`")


def spec_argument(ctx: click.Context, param: click.Parameter, written: str) -> SpecArgument:
    """The callback of an argument SPEC."""
    found = find_package_file(written, disk_files(cache_folder(None)))
    if found is None:
        return SpecArgument(Path(written).as_posix(), written, Path(written))
    if isinstance(found, NoPackageFile):
        raise click.UsageError("; ".join([found.message, *(advice.message for advice in found.help)]), ctx)
    return SpecArgument(found.path, written, Path(Path(found.path).name))


def spec_arguments(ctx: click.Context, param: click.Parameter, written: tuple[str, ...]) -> tuple[SpecArgument, ...]:
    """The callback of an argument SPEC..."""
    return tuple(spec_argument(ctx, param, one) for one in written)
