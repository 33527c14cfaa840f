"""Paths as text: no file system is asked.

In: paths with forward slashes. Out: what they say of each other.
"""

import posixpath

DEEPEST_FOLDER = 64


def is_inside(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies below it, both absolute or both relative to the same place."""
    folder = posixpath.normpath(folder or ".")
    relative = posixpath.relpath(posixpath.join("/x" * DEEPEST_FOLDER, path), posixpath.join("/x" * DEEPEST_FOLDER, folder))
    return relative != ".." and not relative.startswith("../")
