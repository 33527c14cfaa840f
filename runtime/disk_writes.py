"""Every change that the store and the run folder make to the disk, in the few forms that survive a crash.

In: bytes, paths. Out: files that are there whole or not at all. Errors are `OSError` with the path.
Not here: reading, and what the files mean. `Disk.before` is where tests make the n-th operation fail.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Before = Callable[[str, Path], None]  # name of the operation, path; raises OSError to make it fail


def _nothing(operation: str, path: Path) -> None:
    return


@dataclass(frozen=True, slots=True)
class Disk:
    """The operations. `before` is called ahead of each."""

    before: Before = _nothing

    def make_folder(self, path: Path) -> None:
        if not path.is_dir():
            self.before("make_folder", path)
            path.mkdir(parents=True, exist_ok=True)

    def create_exclusively(self, path: Path, content: bytes) -> None:
        """Raises FileExistsError when the file is there already. A file that could not be filled is removed."""
        self.before("create_exclusively", path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            self.before("fill", path)
            os.write(handle, content)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(handle)

    def write(self, path: Path, content: bytes) -> None:
        """Writes in place and makes it durable; for files of a folder that nobody sees yet."""
        self.before("write", path)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            self.before("sync_file", path)
            os.fsync(file.fileno())

    def append(self, path: Path, content: bytes) -> None:
        """Adds to the end of a file, which is made where there is none, and makes it durable. A kill may leave a part of `content`."""
        self.before("append", path)
        with path.open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def replace(self, path: Path, content: bytes) -> None:
        """Writes beside and renames: a reader sees the old text or the new one."""
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self.write(aside, content)
            self.rename(aside, path)
        finally:
            aside.unlink(missing_ok=True)

    def sync_file(self, path: Path) -> None:
        self.before("sync_file", path)
        with path.open("rb+") as file:
            os.fsync(file.fileno())

    def sync_folder(self, path: Path) -> None:
        """Makes the names in a folder durable; Windows has no such call and needs none."""
        if os.name == "nt":
            return
        self.before("sync_folder", path)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        self.before("rename", new)
        old.replace(new)

    def remove_tree(self, path: Path) -> None:
        """Removes a folder and what is in it; one that is not there is fine."""
        if path.exists():
            self.before("remove_tree", path)
            shutil.rmtree(path)

    def link_or_copy(self, original: Path, path: Path) -> None:
        """A second name for a file that nobody changes; a copy where the file system has no such names."""
        self.before("link_or_copy", path)
        path.unlink(missing_ok=True)
        try:
            os.link(original, path)
        except OSError:
            shutil.copyfile(original, path)  # another file system, or one without hard links
