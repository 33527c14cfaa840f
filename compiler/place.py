"""Paths in specs, and locations in plans.

In: a path as written, the block that it stands in, `Files`. Out: the path to read, the location by which a plan names it, digests, and
problems for what is not there.

A location is a path relative to the folder of the spec that is run, or `package:NAME/PATH` inside an installed package: the same
wherever the spec's folder and the package lie.
"""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchc.compiler.jsonvalue import Json
from benchc.compiler.package_files import LIBRARY_PACKAGE
from benchc.compiler.problems import Help, Problem, error
from benchc.compiler.source import FileDigest, Files, Span


@dataclass(frozen=True, slots=True)
class Place:
    """How paths in one block are read.

    `folder`: what they are relative to. `root`: the folder of the spec that is run. `package`, `package_folder`: the installed package
    that they lie in, when it is known that they do, else "".
    """

    folder: str
    root: str
    package: str = ""
    package_folder: str = ""

    def path(self, written: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, written))

    def location(self, path: str, written: str) -> str:
        """The location of a path that `path(written)` made or led to, the same wherever the spec's folder and the package lie."""
        if self.package:
            return f"package:{self.package}/{_relative(path, self.package_folder)}"
        apart = posixpath.isabs(path) != posixpath.isabs(self.root)  # an imported file of a package, seen from a relative path
        return path if apart or posixpath.isabs(written) else _relative(path, self.root)


def place_of_block(folder: str, root: str, files: Files) -> Place:
    """How paths in a block of a file in this folder are read: those of the library that ships lie in its package."""
    library = files.package_folder(LIBRARY_PACKAGE)
    if library is not None and _is_inside(folder, library) and not _is_inside(root, library):
        return Place(folder, root, LIBRARY_PACKAGE, library)
    return Place(folder, root)


def _is_inside(folder: str, outer: str) -> bool:
    return folder == outer or folder.startswith(f"{outer}/")


@dataclass(frozen=True, slots=True)
class Missing:
    """Why something could not be located."""

    problems: tuple[Problem, ...]


def _relative(path: str, folder: str) -> str:
    """`path` as seen from `folder`, both absolute or both relative to the same place. (`posixpath.relpath` would ask for the working
    folder, which is none of the compiler's business.)"""
    steps = [part for part in posixpath.normpath(path).split("/") if part != "."]
    start = [part for part in posixpath.normpath(folder or ".").split("/") if part != "."]
    shared = len(posixpath.commonprefix([steps, start]))
    return "/".join([".."] * (len(start) - shared) + steps[shared:]) or "."


def digests_of(folder: str, names: Sequence[str], span: Span, files: Files) -> Mapping[str, FileDigest] | Missing:
    """Digests of files in a folder by name."""
    digests = {name: digest_of(posixpath.join(folder, name), span, files) for name in names}
    missing = [digest for digest in digests.values() if isinstance(digest, Missing)]
    if missing:
        return Missing(tuple(problem for one in missing for problem in one.problems))
    return {name: digest for name, digest in digests.items() if isinstance(digest, FileDigest)}


def digest_of(path: str, span: Span, files: Files) -> FileDigest | Missing:
    try:
        return files.digest(path)
    except OSError as trouble:
        reason = (trouble.strerror or type(trouble).__name__).lower()
        return Missing((error("unreadable_file", f"`{path}` cannot be read: {reason}", span),))


def walk(folder: str, files: Files) -> Sequence[str]:
    try:
        return files.walk(folder)
    except OSError:
        return ()  # a folder that is not there holds no files


def is_path(id: Json) -> bool:
    return isinstance(id, str) and id.startswith((".", "/"))


def no_package(name: str, span: Span) -> Problem:
    advice = Help(f"install it: `pip install {name.replace('_', '-')}`")
    return error("missing_package", f"the package `{name}` is not installed", span, advice)


def no_folder(written: str, span: Span) -> Problem:
    advice = Help("give a folder with the model's or the data set's files")
    return error("missing_folder", f"there is no folder `{written}`, or it is empty", span, advice)
