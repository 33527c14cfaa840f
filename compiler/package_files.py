"""Specs inside installed packages: `std:NAME` of the library that ships, `pkg:package.module/file.bench` of any package.

In: what is written, `Files`. Out: where the file is, or why it is not there. Not here: who asks: an import, a command line.
"""

import posixpath
from dataclasses import dataclass

from benchc.compiler.paths import is_inside
from benchc.compiler.problems import Help
from benchc.compiler.source import Files
from benchc.compiler.suggest import near
from benchc.compiler.words import listed

LIBRARY_PACKAGE = "benchc.specs"
SUFFIX = ".bench"
LIBRARY, PACKAGE = "std:", "pkg:"


@dataclass(frozen=True, slots=True)
class PackageFile:
    """`folder`: that of its package, which its own imports must not leave."""

    path: str
    folder: str


@dataclass(frozen=True, slots=True)
class NoPackageFile:
    """Why there is none: the code, the message and the advice of a problem."""

    code: str
    message: str
    help: tuple[Help, ...] = ()


def find_package_file(written: str, files: Files) -> PackageFile | NoPackageFile | None:
    """None for a text that names no file of a package."""
    if written.startswith(LIBRARY):
        name = written.removeprefix(LIBRARY)
        return _find(LIBRARY_PACKAGE, name if name.endswith(SUFFIX) else name + SUFFIX, written, files)
    if not written.startswith(PACKAGE):
        return None
    package, slash, inner = written.removeprefix(PACKAGE).partition("/")
    if not slash or not inner:
        advice = Help('write `"pkg:package.module/file.bench"`')
        return NoPackageFile("import_not_found", f"`{written}` names no file of a package", (advice,))
    return _find(package, inner, written, files)


def _find(package: str, inner: str, written: str, files: Files) -> PackageFile | NoPackageFile:
    folder = files.package_folder(package)
    if folder is None:
        advice = Help(f"install the package that holds `{package}`")
        return NoPackageFile("import_not_found", f"the package `{package}` is not installed", (advice,))
    path = posixpath.normpath(posixpath.join(folder, inner))
    if not is_inside(path, folder):
        return NoPackageFile("import_outside_project", f"`{written}` lies outside the package `{package}`")
    if not files.exists(path):
        held = sorted(name for name in files.walk(folder) if name.endswith(SUFFIX))
        return NoPackageFile("import_not_found", f"`{package}` holds no `{inner}`", _advice(inner, held, written))
    return PackageFile(path, folder)


def _advice(inner: str, held: list[str], written: str) -> tuple[Help, ...]:
    """The near names among those that the package holds, else all, as they would be written."""
    scheme = written.removesuffix(SUFFIX).removesuffix(inner.removesuffix(SUFFIX))
    similar = near(inner, held)
    shown = [scheme + (name.removesuffix(SUFFIX) if scheme == LIBRARY else name) for name in similar or held]
    if similar:
        return (Help(f"did you mean {' or '.join(f'`{name}`' for name in shown)}?"),)
    return (Help(f"it holds {listed(shown)}"),) if held else ()
